"""What goes wrong with a DMVPN: each fault shows its symptom, and the lab heals when it is put right."""

from __future__ import annotations

import pytest

from iosemu.labs.lab import Lab
from tests.lab.driver import configure, do, log, ping, scenario

NAME = "13-dmvpn-over-getvpn"
TUNNEL = "interface Tunnel0"


def faulty(node: str, *lines: str) -> Lab:
    """The scenario with other lines under a tunnel from the start."""
    lab = scenario(NAME, settle=0)
    configure(lab, node, TUNNEL, *lines)
    do(lab, "wait 1", "HUB: clear ip nhrp", "wait 90")
    return lab


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("tunnel key 31", "tunnel key 13"),
        ("no ip nhrp network-id", "ip nhrp network-id 13"),
        ("no ip nhrp map 10.13.0.1 203.0.113.2", "ip nhrp map 10.13.0.1 203.0.113.2"),
        ("no ip nhrp nhs 10.13.0.1", "ip nhrp nhs 10.13.0.1"),
        ("shutdown", "no shutdown"),
    ],
)
def test_a_spoke_does_not_register(wrong: str, right: str) -> None:
    lab = faulty("SPOKE1", wrong)
    assert "10.13.0.2" not in do(lab, "HUB: show dmvpn")
    assert ping(lab, "H2", "10.13.1.10", 2) == 0
    configure(lab, "SPOKE1", TUNNEL, right)
    do(lab, "wait 90")
    assert "10.13.0.2" in do(lab, "HUB: show dmvpn")
    assert ping(lab, "H2", "10.13.1.10", 2) == 2


@pytest.mark.parametrize(("node", "line"), [("HUB", "ip nhrp redirect"), ("SPOKE1", "ip nhrp shortcut")])
def test_traffic_between_spokes_stays_on_the_hub(node: str, line: str) -> None:
    lab = scenario(NAME)
    configure(lab, node, TUNNEL, f"no {line}")
    if node == "SPOKE1":
        configure(lab, "SPOKE2", TUNNEL, f"no {line}")
    assert ping(lab, "H2", "10.13.3.10") == 5
    assert "  2 10.13.0.1 " in do(lab, "H2: traceroute 10.13.3.10")
    configure(lab, node, TUNNEL, line)
    if node == "SPOKE1":
        configure(lab, "SPOKE2", TUNNEL, line)
    do(lab, "wait 10")
    assert ping(lab, "H2", "10.13.3.10") == 5
    assert "  2 10.13.0.3 " in do(lab, "H2: traceroute 10.13.3.10")


def test_the_tunnel_leads_through_itself() -> None:
    lab = scenario(NAME)
    configure(lab, "SPOKE2", TUNNEL, "tunnel mode gre ip", "tunnel destination 203.0.113.2")
    do(lab, "wait 5")
    assert ping(lab, "H3", "10.13.1.10") == 5
    configure(lab, "SPOKE2", "ip route 203.0.113.2 255.255.255.255 Tunnel0")
    do(lab, "wait 5")
    assert "%TUN-5-RECURDOWN: Tunnel0 temporarily disabled due to recursive routing" in log(lab, "SPOKE2")
    assert ping(lab, "H3", "10.13.1.10", 2) == 0
    configure(lab, "SPOKE2", "no ip route 203.0.113.2 255.255.255.255 Tunnel0")
    do(lab, "wait 70")
    assert ping(lab, "H3", "10.13.1.10") == 5


def test_a_spoke_without_keys_sends_tunnel_packets_in_clear_and_loses_them() -> None:
    lab = scenario(NAME)
    configure(lab, "SPOKE1", "interface GigabitEthernet0/0", "no crypto map")
    assert ping(lab, "H2", "10.13.1.10", 2) == 0
    # The hub wants ESP of what the policy permits: GRE in clear is not taken.
    line = "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /203.0.113.2, "
    assert line + "src_addr= 203.0.113.6, prot= 47" in log(lab, "HUB")
    configure(lab, "SPOKE1", "interface GigabitEthernet0/0", "crypto map GM-MAP")
    do(lab, "wait 60")
    assert ping(lab, "H2", "10.13.1.10") == 5


def test_power_failures() -> None:
    lab = scenario(NAME)
    assert ping(lab, "H2", "10.13.3.10") == 5
    do(lab, "power off SPOKE2", "wait 5", "power on SPOKE2")
    configure(lab, "SPOKE2", "ip route 10.13.0.0 255.255.0.0 10.13.0.1")
    do(lab, "wait 60")
    assert ping(lab, "H2", "10.13.3.10") == ping(lab, "H3", "10.13.1.10") == 5

"""The scenario of a DMVPN over a group: tunnels, shortcuts, and what the group does to their packets."""

from __future__ import annotations

from pathlib import Path

from iosemu.ports.pcapng import read_capture
from iosemu.wire.ipv4 import ESP, GRE, UDP
from tests.lab.driver import ROOT, boot, configure, do, encapsulated, log, ping, registered, scenario


def protocols(folder: Path, link: str) -> dict[int, float]:
    """The IP protocols of the packets on a link, each with when it was seen last (seconds of the capture)."""
    frames = list(read_capture(folder / f"{link}.pcapng"))
    start = frames[0].timestamp
    return {frame.data[23]: frame.timestamp - start for frame in frames if frame.data[12:14] == b"\x08\x00"}


def test_13_spokes_of_a_dmvpn_find_each_other_under_the_group(tmp_path: Path) -> None:
    lab = boot(ROOT / "running-configs" / "13-dmvpn-over-getvpn", pcap=tmp_path)
    do(lab, "wait 60")
    assert len(registered(lab)["GETVPN"]) == 3
    screen = do(lab, "HUB: show dmvpn", "HUB: show ip nhrp")
    assert "Type:Hub, NHRP Peers:2, \n" in screen
    assert "10.13.0.2/32 via 10.13.0.2\n   Tunnel0 created 00:00:59, expire 01:59:00 \n" in screen
    assert "   Type: dynamic, Flags: unique registered \n   NBMA address: 203.0.113.6 \n" in screen
    assert ping(lab, "H1", "10.13.2.10") == ping(lab, "H2", "10.13.1.10") == 5
    assert lab.routers["SPOKE1"].ip.routes_of("").overrides == {}
    # The first packets go through the hub, which says so; what follows goes directly.
    hub = encapsulated(lab, "HUB")
    assert ping(lab, "H2", "10.13.3.10") == 5
    # What the hub sends for that: a packet or two of each direction, redirects, and the questions that follow.
    passed = encapsulated(lab, "HUB") - hub
    assert 3 <= passed <= 8
    assert ping(lab, "H2", "10.13.3.10", 20) == ping(lab, "H3", "10.13.2.10", 20) == 20
    assert encapsulated(lab, "HUB") == hub + passed
    screen = do(lab, "SPOKE1: show ip route", "SPOKE1: show dmvpn", "H2: traceroute 10.13.3.10")
    assert "H        10.13.3.0/24 [250/255] via 10.13.0.3, 00:00:" in screen
    assert "   DT1\n" in screen
    assert "  2 10.13.0.3 " in screen
    # Days of rekeys and renewals, with traffic that keeps the shortcut alive or makes a new one.
    for _ in range(24):
        do(lab, "wait 3600")
        assert ping(lab, "H2", "10.13.3.10") == ping(lab, "H3", "10.13.1.10") == 5
    assert "Unicast rekey received: 0" not in do(lab, "SPOKE1: show crypto gdoi gm")
    lab.close()
    for link in ("HUB--PE", "SPOKE1--PE", "SPOKE2--PE"):
        seen = protocols(tmp_path, link)
        assert set(seen) == {ESP, UDP, GRE}
        # Members fail open: the first NHRP packets left before they had registered. All others are ESP.
        assert seen[GRE] < 1 < 80000 < seen[ESP]


def test_13_a_shortcut_stands_in_for_a_route_and_goes_with_the_lan() -> None:
    lab = scenario("13-dmvpn-over-getvpn")
    configure(lab, "SPOKE1", "ip route 10.13.3.0 255.255.255.0 10.13.0.1", "logging dmvpn")
    assert ping(lab, "H2", "10.13.3.10") == 5
    screen = do(lab, "SPOKE1: show ip route", "SPOKE1: show ip nhrp", "SPOKE1: show dmvpn")
    assert "S   %    10.13.3.0/24 [1/0] via 10.13.0.1\n" in screen
    assert "Flags: router rib nho \n" in screen
    assert "   DT2\n" in screen
    assert "  2 10.13.0.3 " in do(lab, "H2: traceroute 10.13.3.10")
    # The spoke takes back what it told of a LAN that is gone.
    configure(lab, "SPOKE2", "interface GigabitEthernet0/1", "shutdown")
    do(lab, "wait 5")
    assert "10.13.3.0/24 via" not in do(lab, "SPOKE1: show ip nhrp")
    assert "S        10.13.3.0/24 [1/0] via 10.13.0.1\n" in do(lab, "SPOKE1: show ip route")
    configure(lab, "SPOKE2", "interface GigabitEthernet0/1", "no shutdown")
    do(lab, "wait 10")
    assert ping(lab, "H2", "10.13.3.10") == 5
    # Without the hub the shortcut goes on until it ends, and the spoke knows that the hub is lost.
    do(lab, "power off HUB", "wait 10")
    assert ping(lab, "H2", "10.13.3.10") == 5
    do(lab, "wait 3000")
    assert "10.13.0.1  NHRP 00:" in do(lab, "SPOKE1: show dmvpn")
    assert "%DMVPN-3-NHRP_NHS_DOWN: Tunnel0: Next Hop Server : (Tunnel: 10.13.0.1 NBMA: 203.0.113.2)" in log(
        lab, "SPOKE1"
    )
    do(lab, "power on HUB", "wait 120")
    assert "NHRP_NHS_UP" in log(lab, "SPOKE1")


def test_13_strings_of_authentication_differ() -> None:
    lab = scenario("13-dmvpn-over-getvpn", settle=0)
    configure(lab, "SPOKE1", "interface Tunnel0", "ip nhrp authentication OTHER")
    do(lab, "wait 1", "HUB: clear ip nhrp", "wait 60")
    line = "%NHRP-3-PAKERROR: Receive Error Indication from 10.13.0.1, code: authentication failure(11) - (Tunnel0)"
    assert line in log(lab, "SPOKE1")
    assert "  NHRP 00:0" in do(lab, "SPOKE1: show dmvpn")
    assert ping(lab, "H2", "10.13.1.10") == 0
    configure(lab, "SPOKE1", "interface Tunnel0", "ip nhrp authentication GETDM13")
    do(lab, "wait 70")
    assert ping(lab, "H2", "10.13.1.10") == 5

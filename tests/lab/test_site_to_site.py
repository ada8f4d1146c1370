"""The lab of examples/site-to-site, in virtual time: tunnels up, renewed, refused, dead and back."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from iosemu.decode.keys import load_keys
from iosemu.decode.tool import decode_capture, run
from iosemu.features.ipsec.role import TunnelRole
from iosemu.labs.lab import Lab
from iosemu.wire.ipv4 import ESP, UDP, Packet
from tests.lab import driver
from tests.lab.driver import configure, do, log, packets

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "site-to-site"
PING, GATEWAY_PING = "H1: ping 10.2.2.10", "R1: ping 203.0.113.2"
BOTH = ("R1", "R2")


def boot(seed: int = 1, pcap: Path | None = None, keys: Path | None = None) -> Lab:
    return driver.boot(EXAMPLE, seed, pcap, keys)


def outside(folder: Path) -> list[Packet]:
    """What R1 sends and receives on the Internet."""
    return packets(folder / "R1--ISP.pcapng")


def test_the_first_packet_brings_the_tunnel_up() -> None:
    lab = boot()
    assert "Success rate is 80 percent (4/5)" in do(lab, PING)
    assert "Success rate is 100 percent (5/5)" in do(lab, PING)
    assert "QM_IDLE" in do(lab, "R2: show crypto isakmp sa")
    screen = do(lab, "R2: show crypto ipsec sa peer 198.51.100.2")
    assert "#pkts encaps: 9, #pkts encrypt: 9, #pkts digest: 9" in screen
    assert "PFS (Y/N): Y, DH group: group14" in screen
    assert "Session status: UP-ACTIVE" in do(lab, "R1: show crypto session")
    for node, peer in (("R1", "203.0.113.2"), ("R2", "198.51.100.2")):
        text = f"%CRYPTO-5-SESSION_STATUS: Crypto tunnel is UP  .  Peer {peer}:500       Id: {peer}"
        assert text in log(lab, node)


def test_the_internet_sees_esp_and_the_decoder_all_of_it(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    lab = boot(pcap=tmp_path, keys=keys)
    do(lab, PING, GATEWAY_PING, "wait 8000", PING)
    lab.close()
    capture = tmp_path / "R1--ISP.pcapng"
    assert {packet.protocol for packet in outside(tmp_path)} == {ESP, UDP}
    text = "\n".join(
        line for record in decode_capture(capture, load_keys(keys)) for line in [record.title, *record.lines]
    )
    for part in (
        "ISAKMP QUICK_MODE",
        "proposal 1 ESP SPI",
        "transform 1 esp-256-aes esp-sha256-hmac",
        "ENCAPSULATION_MODE = TUNNEL",
        "ENCAPSULATION_MODE = TRANSPORT",
        "GROUP = 14",
        "ID (16 octets): IPV4_ADDR_SUBNET 10.1.1.0/255.255.255.0",
        "inner packet 10.1.1.10 -> 10.2.2.10, protocol 1",
        "esp-256-gcm, next header 1",
        "transport mode, protocol 1",
    ):
        assert part in text, part
    out = io.StringIO()
    assert run(capture, keys, False, out, out) == 0
    assert int(re.findall(r"(\d+) checks passed, 0 failed", out.getvalue())[0]) > 40


def test_a_day_of_rekeys_of_both_phases_loses_nothing() -> None:
    lab = boot()
    do(lab, PING)
    for _ in range(24 * 360):
        assert "100 percent" in do(lab, "H1: ping 10.2.2.10 repeat 1", "wait 10")
    for node in BOTH:
        assert "Session status: UP-ACTIVE" in do(lab, f"{node}: show crypto session")
        engine = lab.routers[node].service(TunnelRole).engine
        assert len(list(engine.sad)) <= 2
        assert next(iter(engine.sad)).connection_id >= 47
        assert "SESSION_STATUS: Crypto tunnel is DOWN" not in log(lab, node)


def test_transport_mode_between_the_gateways() -> None:
    lab = boot()
    assert "80 percent" in do(lab, GATEWAY_PING)
    assert "100 percent" in do(lab, GATEWAY_PING)
    screen = do(lab, "R2: show crypto ipsec sa")
    assert "in use settings ={Transport, }" in screen
    assert "transform: esp-256-gcm ," in screen


def test_a_large_packet_is_fragmented_before_encryption_or_behind_it(tmp_path: Path) -> None:
    lab = boot(pcap=tmp_path)
    do(lab, PING)
    assert "100 percent" in do(lab, "H1: ping 10.2.2.10 size 3000")
    assert not any(packet.more_fragments for packet in outside(tmp_path))
    configure(lab, "R1", "crypto ipsec fragmentation after-encryption")
    assert "100 percent" in do(lab, "H1: ping 10.2.2.10 size 3000")
    assert any(packet.more_fragments for packet in outside(tmp_path))


def test_a_dead_peer_is_noticed_and_comes_back() -> None:
    lab = boot()
    do(lab, PING, "power off R2", "wait 120")
    assert "Crypto tunnel is DOWN.  Peer 203.0.113.2:500" in log(lab, "R1")
    assert "Session status: DOWN" in do(lab, "R1: show crypto session")
    do(lab, "power on R2", "wait 10")
    assert "100 percent" in do(lab, PING, PING).splitlines()[-1]


def test_a_peer_that_lost_its_sas_says_so() -> None:
    lab = boot()
    do(lab, PING, "power off R2", "power on R2", "wait 2", "H1: ping 10.2.2.10 repeat 1")
    assert re.search(
        r"%CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has invalid spi for destaddr=203.0.113.2, prot=50, "
        r"spi=0x[0-9A-F]+\(\d+\), srcaddr=198.51.100.2",
        log(lab, "R2"),
    )
    # The other end calls: its INITIAL-CONTACT ends what R1 still has.
    do(lab, "H2: ping 10.1.1.10")
    assert "100 percent" in do(lab, "H2: ping 10.1.1.10")
    assert "100 percent" in do(lab, PING)


def test_transform_sets_that_do_not_match() -> None:
    lab = boot()
    configure(lab, "R2", "crypto ipsec transform-set TS esp-aes 128 esp-sha-hmac")
    do(lab, "R2: debug crypto ipsec", "R2: debug crypto isakmp")
    assert "0 percent" in do(lab, PING)
    screen = log(lab, "R2")
    for text in (
        "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Quick mode failed with peer at 198.51.100.2",
        "IPSEC(ipsec_process_proposal): transform proposal not supported for identity",
        "ISAKMP:(0):IPSec policy invalidated proposal with error 256",
        "phase 2 SA policy not acceptable! (local 203.0.113.2 remote 198.51.100.2)",
    ):
        assert text in screen
    text = "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Informational mode failed with peer at 203.0.113.2"
    assert text in log(lab, "R1")
    assert "Session status: UP-IDLE" in do(lab, "R1: show crypto session")


def test_access_lists_that_are_no_mirror_images() -> None:
    lab = boot()
    configure(lab, "R2", "ip access-list extended LANS", "no 10", "permit ip 10.2.2.0 0.0.0.255 10.1.9.0 0.0.0.255")
    do(lab, "R2: debug crypto ipsec")
    assert "0 percent" in do(lab, PING)
    screen = log(lab, "R2")
    assert "IPSEC(ipsec_process_proposal): proxy identities not supported" in screen
    assert "local_proxy= 10.2.2.0/255.255.255.0/0/0" in screen
    assert "Processing of Quick mode failed with peer at 198.51.100.2" in screen


def test_clear_packets_where_esp_is_due_are_dropped() -> None:
    lab = boot()
    configure(lab, "R1", "interface GigabitEthernet0/0", "no crypto map")
    configure(lab, "ISP", "ip route 10.2.2.0 255.255.255.0 203.0.113.2", "ip route 10.1.1.0 255.255.255.0 198.51.100.2")
    assert "0 percent" in do(lab, PING)
    text = "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /10.2.2.10, "
    assert f"{text}src_addr= 10.1.1.10, prot= 1" in log(lab, "R2")
    # Where no map asks for ESP they pass.
    configure(lab, "R2", "interface GigabitEthernet0/0", "no crypto map")
    assert "100 percent" in do(lab, PING)


def test_an_answering_dynamic_map() -> None:
    lab = boot()
    configure(
        lab, "R2", "interface GigabitEthernet0/0", "no crypto map", "exit", "no crypto map VPN",
        "crypto dynamic-map ANYBODY 10", "set transform-set TS", "set pfs group14",
        "crypto map VPN 100 ipsec-isakmp dynamic ANYBODY", "interface GigabitEthernet0/0", "crypto map VPN",
    )  # fmt: skip
    assert "80 percent" in do(lab, PING)
    assert "100 percent" in do(lab, "H2: ping 10.1.1.10")
    assert "origin: dynamic crypto map" in do(lab, "R2: show crypto session")
    assert 'Crypto Map Template"ANYBODY" 10' in do(lab, "R2: show crypto dynamic-map")
    assert "crypto map VPN 100 ipsec-isakmp dynamic ANYBODY" in do(lab, "R2: show running-config")
    do(lab, "R1: clear crypto sa")
    assert "0 percent" in do(lab, "H2: ping 10.1.1.10")


def test_clear_and_counters() -> None:
    lab = boot()
    do(lab, PING, "R1: clear crypto sa counters")
    assert "#pkts encaps: 0, " in do(lab, "R1: show crypto ipsec sa")
    do(lab, "R1: clear crypto sa peer 203.0.113.2", "wait 1")
    for node in BOTH:
        assert "current outbound spi: 0x0(0)" in do(lab, f"{node}: show crypto ipsec sa")
    assert "80 percent" in do(lab, PING)
    do(lab, "R2: clear crypto session", "wait 1")
    for node in BOTH:
        assert "Session status: DOWN" in do(lab, f"{node}: show crypto session")


def test_two_maps_speak_from_a_loopback() -> None:
    lab = boot()
    configure(lab, "ISP", "ip route 192.0.2.1 255.255.255.255 198.51.100.2")
    configure(
        lab, "R1", "interface Loopback0", "ip address 192.0.2.1 255.255.255.255",
        "crypto map VPN local-address Loopback0",
    )  # fmt: skip
    configure(
        lab,
        "R2",
        "crypto isakmp key S2S-SECRET address 192.0.2.1",
        "crypto map VPN 10 ipsec-isakmp",
        "set peer 192.0.2.1",
    )
    assert "80 percent" in do(lab, PING)
    assert "local crypto endpt.: 192.0.2.1, remote crypto endpt.: 203.0.113.2" in do(lab, "R1: show crypto ipsec sa")


def test_a_peer_by_name() -> None:
    lab = boot()
    configure(
        lab,
        "R1",
        "ip host branch 203.0.113.2",
        "crypto map VPN 10 ipsec-isakmp",
        "no set peer 203.0.113.2",
        "set peer branch",
    )
    assert "80 percent" in do(lab, PING)
    assert "Peer = branch" in do(lab, "R1: show crypto map")


def test_traffic_without_answer_asks_whether_the_peer_lives() -> None:
    """Keepalives on demand: a tunnel at rest asks nothing, one that sends into the void notices."""
    lab = boot()
    for node in BOTH:
        configure(lab, node, "crypto isakmp keepalive 10 3")
    do(lab, PING, "wait 300", "power off R2", "wait 300")
    assert "Crypto tunnel is DOWN" not in log(lab, "R1")
    do(lab, "H1: ping 10.2.2.10 repeat 20", "wait 60")
    assert "Crypto tunnel is DOWN.  Peer 203.0.113.2:500" in log(lab, "R1")


def test_invalid_spi_recovery() -> None:
    """Without keepalives only the notification tells R1 that R2 has forgotten its SAs."""
    lab = boot()
    for node in BOTH:
        configure(lab, node, "no crypto isakmp keepalive")
    configure(lab, "R2", "crypto isakmp invalid-spi-recovery")
    do(lab, PING, "R2: write memory", "power off R2", "power on R2", "wait 2")
    assert "0 percent" in do(lab, "H1: ping 10.2.2.10 repeat 1")
    assert "RECVD_PKT_INV_SPI" in log(lab, "R2")
    do(lab, "wait 1", PING)
    assert "100 percent" in do(lab, PING)


def test_reverse_routes_while_there_are_sas() -> None:
    lab = boot()
    configure(
        lab, "R2", "no ip route 0.0.0.0 0.0.0.0 203.0.113.1", "ip route 198.51.100.0 255.255.255.252 203.0.113.1",
        "crypto map VPN 10 ipsec-isakmp", "reverse-route",
    )  # fmt: skip
    assert "0 percent" in do(lab, "H2: ping 10.1.1.10 repeat 1")
    assert "80 percent" in do(lab, PING)
    assert "10.1.1.0/24 [1/0] via 198.51.100.2" in do(lab, "R2: show ip route static")
    do(lab, "R1: clear crypto sa", "wait 1")
    assert "10.1.1.0" not in do(lab, "R2: show ip route static")
    configure(lab, "R2", "crypto map VPN 10 ipsec-isakmp", "reverse-route static")
    assert "10.1.1.0/24 [1/0] via 198.51.100.2" in do(lab, "R2: show ip route static")


@pytest.mark.parametrize("cipher", ["esp-3des esp-md5-hmac", "esp-null esp-sha512-hmac", "esp-gmac 256", "esp-aes 192"])
def test_other_transforms(cipher: str) -> None:
    lab = boot()
    for node in BOTH:
        configure(lab, node, f"crypto ipsec transform-set TS {cipher}")
    assert "80 percent" in do(lab, PING)
    assert "100 percent" in do(lab, PING)


def test_the_same_seed_gives_the_same_octets(tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        lab = boot(5, tmp_path / name)
        do(lab, PING, "wait 4000", PING)
        lab.close()
        contents.append([path.read_bytes() for path in sorted((tmp_path / name).glob("*.pcapng"))])
    assert contents[0] == contents[1]

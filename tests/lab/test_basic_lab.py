"""The lab of examples/getvpn-basic, in virtual time: registered, encrypted, for a day, and the same each time."""

from __future__ import annotations

import io
import re
from pathlib import Path

from iosemu.decode.keys import load_keys
from iosemu.decode.tool import decode_capture, run
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.wire.ipv4 import ESP, ICMP
from tests.lab.driver import basic, do, packets

CORE = ("GM1--P.pcapng", "GM2--P.pcapng", "GM3--P.pcapng")


def test_three_members_register_and_a_ping_crosses() -> None:
    lab = basic()
    screen = do(lab, "wait 30", "H1: ping 192.168.2.10")
    assert "Success rate is 100 percent (5/5)" in screen
    members = do(lab, "KS1: show crypto gdoi ks members")
    assert re.findall(r"Group Member ID    : (\S+)", members) == ["203.0.113.6", "203.0.113.10", "203.0.113.14"]
    assert "Registration status   : Registered" in do(lab, "GM1: show crypto gdoi")
    assert "#pkts encaps: 5, #pkts encrypt: 5" in do(lab, "GM1: show crypto ipsec sa")


def test_the_core_sees_only_esp_between_the_lans(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    lab = basic(pcap=tmp_path, keys=keys)
    do(lab, "wait 30", "H1: ping 192.168.2.10")
    lab.close()
    between = [p for name in CORE for p in packets(tmp_path / name) if str(p.source).startswith("192.168.")]
    assert {packet.protocol for packet in between} == {ESP}
    assert {str(packet.source) for packet in between} == {"192.168.1.10", "192.168.2.10"}
    assert {packet.protocol for packet in packets(tmp_path / "H1--GM1.pcapng")} == {ICMP}
    records = decode_capture(tmp_path / CORE[0], load_keys(keys))
    assert sum("inner packet 192.168.1.10 -> 192.168.2.10, protocol 1" in " ".join(r.lines) for r in records) == 5
    assert oct(keys.stat().st_mode)[-3:] == "600"


def test_the_labs_own_captures_verify(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    lab = basic(pcap=tmp_path, keys=keys)
    do(lab, "wait 30", "H1: ping 192.168.2.10", "wait 90000")
    lab.close()
    for name in (*CORE, "KS1--P.pcapng"):
        out = io.StringIO()
        assert run(tmp_path / name, keys, False, out, out) == 0
        assert int(re.findall(r"(\d+) checks passed, 0 failed", out.getvalue())[0]) > 60


def test_a_day_of_rekeys_loses_nothing() -> None:
    lab = basic()
    do(lab, "wait 30")
    for _ in range(24 * 360):
        assert "100 percent" in do(lab, "H1: ping 192.168.2.10 repeat 1", "wait 10")
    server = lab.routers["KS1"].service(ServerRole).servers["GETVPN"]
    assert all(member.rekeys_sent == member.acks_received > 24 for member in server.members.values())


def test_the_same_seed_gives_the_same_octets(tmp_path: Path) -> None:
    contents = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        lab = basic(seed, tmp_path / name)
        do(lab, "wait 4000", "H1: ping 192.168.2.10")
        lab.close()
        contents.append([path.read_bytes() for path in sorted((tmp_path / name).glob("*.pcapng"))])
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_the_crypto_map_is_taken_off_and_put_back() -> None:
    lab = basic()
    do(lab, "wait 30", "GM1: configure terminal", "GM1: interface GigabitEthernet0/0", "GM1: no crypto map")
    assert "Group Member Information" not in do(lab, "GM1: do show crypto gdoi gm")
    do(lab, "GM1: crypto map GM-MAP", "GM1: end", "wait 5")
    screen = do(lab, "GM1: show crypto gdoi gm", "GM1: show logging")
    assert "Registration status   : Registered" in screen
    for mnemonic in ("GM_CM_DETACH", "GM_UNREGISTER", "GDOI_ON_OFF: GDOI is OFF", "GM_REGSTER", "GM_REGS_COMPL"):
        assert mnemonic in screen
    assert "100 percent" in do(lab, "H1: ping 192.168.2.10")


def test_a_cut_link_and_a_dead_key_server_heal() -> None:
    lab = basic()
    do(lab, "wait 30", "link down GM1:Gi0/0")
    assert "0 percent" in do(lab, "H1: ping 192.168.2.10")
    do(lab, "link up GM1:Gi0/0", "wait 10")
    assert "100 percent" in do(lab, "H1: ping 192.168.2.10")
    do(lab, "power off KS1", "wait 7200")
    assert "0 percent" in do(lab, "H1: ping 192.168.2.10")
    do(lab, "power on KS1", "wait 300")
    assert "100 percent" in do(lab, "H1: ping 192.168.2.10")


def test_traceroute_shows_the_other_member() -> None:
    lab = basic()
    screen = do(lab, "wait 30", "H1: traceroute 192.168.2.10")
    assert re.findall(r"^ +\d+ (\S+)", screen, re.MULTILINE) == ["192.168.1.1", "203.0.113.10", "192.168.2.10"]

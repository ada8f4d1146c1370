"""Decode opens and verifies what a group for IPv6 says and carries."""

from __future__ import annotations

from pathlib import Path

from iosemu.decode.keys import load_keys
from iosemu.decode.tool import decode_capture
from tests.lab.driver import ROOT, boot, configure, do, ping


def test_registration_rekey_and_traffic_of_an_ipv6_group(tmp_path: Path) -> None:
    lab = boot(ROOT / "running-configs" / "12-ipv6", pcap=tmp_path, keys=tmp_path / "keys.jsonl")
    do(lab, "wait 60")
    assert ping(lab, "H1", "2001:db8:12:2::10") == 5
    do(lab, "KS1: crypto gdoi ks rekey", "wait 20")
    for node, interface in (("GM1", "g0/0"), ("GM2", "g0/0"), ("PE", "g0/1"), ("PE", "g0/2")):
        configure(lab, node, f"interface {interface}", "ipv6 mtu 1280")
    assert ping(lab, "H1", "2001:db8:12:2::10 size 1280") == 5
    lab.close()
    records = decode_capture(tmp_path / "GM1--PE.pcapng", load_keys(tmp_path / "keys.jsonl"))
    assert {good for record in records for good in record.checks.values()} == {True}
    lines = [line.strip() for record in records for line in record.lines]
    selectors = "2001:db8:12::/48 -> 2001:db8:12::/48, IP protocol any"
    assert sum(selectors in line for line in lines) == 2
    # An echo of 1280 octets is in two pieces, which are one packet again.
    esp = [record for record in records if record.title == "ESP"]
    assert len(esp) == 20
    assert all(record.checks == {"ICV": True} for record in esp)
    inner = "inner packet 2001:db8:12:1::10 -> 2001:db8:12:2::10, protocol 58"
    assert sum(line.startswith(inner) for line in lines) == 10

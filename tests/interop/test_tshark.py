"""Wireshark's dissectors read the lab's captures: ISAKMP on UDP 848, ESP with good ICVs, the ping inside."""

from __future__ import annotations

from pathlib import Path

from tests.interop.tshark import esp_preferences, tshark
from tests.lab.driver import basic, do


def test_tshark_reads_the_core_link(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    lab = basic(pcap=tmp_path, keys=keys)
    do(lab, "wait 30", "H1: ping 192.168.2.10")
    lab.close()
    capture = tmp_path / "GM1--P.pcapng"

    protocols = set(tshark(capture, "-T", "fields", "-e", "_ws.col.Protocol"))
    assert protocols == {"ARP", "ISAKMP", "ESP"}
    ports = set(tshark(capture, "-Y", "isakmp", "-T", "fields", "-e", "udp.srcport", "-e", "udp.dstport"))
    assert ports == {"848\t848"}
    outer = set(tshark(capture, "-Y", "esp", "-T", "fields", "-e", "ip.src", "-e", "ip.dst"))
    assert outer == {"192.168.1.10\t192.168.2.10", "192.168.2.10\t192.168.1.10"}
    assert tshark(capture, "-Y", "isakmp && _ws.malformed") == []

    preferences = esp_preferences(keys)
    assert len(tshark(capture, *preferences, "-Y", "esp.icv_good == 1")) == 10
    inside = tshark(capture, *preferences, "-Y", "icmp", "-T", "fields", "-e", "icmp.type")
    assert sorted(inside) == ["0"] * 5 + ["8"] * 5

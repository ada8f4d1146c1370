"""Wireshark's dissectors read quick mode and point-to-point ESP of the lab, decrypted by the keys of the key log."""

from __future__ import annotations

from pathlib import Path

from tests.interop.tshark import esp_preferences, isakmp_preferences, tshark
from tests.lab.driver import ROOT, boot, do

INNER = ("-T", "fields", "-e", "ip.src", "-e", "icmp.type")


def test_tshark_decrypts_quick_mode_and_the_ping(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    lab = boot(ROOT / "examples" / "site-to-site", pcap=tmp_path, keys=keys)
    do(lab, "H1: ping 10.2.2.10")
    lab.close()
    capture = tmp_path / "R1--ISP.pcapng"
    options = isakmp_preferences(keys)
    assert tshark(capture, *options, "-Y", "isakmp && _ws.malformed") == []
    quick = tshark(capture, *options, "-Y", "isakmp.exchangetype == 32", "-T", "fields", "-e", "isakmp.typepayload")
    # HASH, SA with its proposal and transform, NONCE, KE, two identities; the answer; HASH(3).
    assert quick == ["8,1,2,3,10,4,5,5", "8,1,2,3,10,4,5,5", "8"]
    fields = ("isakmp.prop.number", "isakmp.ipsec.attr.encap_mode", "isakmp.ipsec.attr.group_description",
              "isakmp.ipsec.attr.key_length", "isakmp.id.data.ipv4_subnet")  # fmt: skip
    shown = [item for field in fields for item in ("-e", field)]
    offer = tshark(capture, *options, "-Y", "isakmp.exchangetype == 32", "-T", "fields", *shown)[0]
    assert offer.split("\t")[:4] == ["1", "1", "14", "256"]
    esp = esp_preferences(keys)
    assert len(tshark(capture, *esp, "-Y", "esp.icv_good == 1")) == 8
    inside = tshark(capture, *esp, "-Y", "icmp", *INNER)
    assert sorted(inside) == ["198.51.100.2,10.1.1.10\t8"] * 4 + ["203.0.113.2,10.2.2.10\t0"] * 4

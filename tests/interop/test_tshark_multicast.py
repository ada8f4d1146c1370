"""Wireshark's dissectors read what routers and hosts say about groups, and find no fault with it."""

from __future__ import annotations

from pathlib import Path

from tests.interop.tshark import tshark
from tests.lab.driver import ROOT, boot, do


def test_tshark_reads_pim_and_igmp(tmp_path: Path) -> None:
    lab = boot(ROOT / "examples" / "getvpn-multicast", pcap=tmp_path)
    do(lab, "wait 60")
    do(lab, "H2: igmp join 239.1.1.1", "H1: ping 239.1.1.1 repeat 3", "H2: igmp leave 239.1.1.1", "wait 200")
    lab.close()
    types: set[str] = set()
    for file in tmp_path.glob("*.pcapng"):
        assert tshark(file, "-Y", "(pim || igmp) && (_ws.malformed || _ws.expert.severity >= warning)") == []
        types |= set(tshark(file, "-Y", "pim", "-T", "fields", "-e", "pim.type"))
        types |= {f"igmp {line}" for line in tshark(file, "-Y", "igmp", "-T", "fields", "-e", "igmp.type")}
    assert types == {"0", "1", "2", "3", "igmp 0x11", "igmp 0x16", "igmp 0x17"}

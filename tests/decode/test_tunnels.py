"""Decode tells what tunnels carry inside the ESP of a group."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.decode.keys import load_keys
from iosemu.decode.tool import decode_capture
from iosemu.decode.tunnel import gre_lines
from iosemu.wire.errors import WireError
from tests.lab.driver import ROOT, boot, do, ping


def test_a_dmvpn_below_a_group(tmp_path: Path) -> None:
    lab = boot(ROOT / "running-configs" / "13-dmvpn-over-getvpn", pcap=tmp_path, keys=tmp_path / "keys.jsonl")
    do(lab, "wait 60")
    assert ping(lab, "H2", "10.13.3.10") == 5
    lab.close()
    records = decode_capture(tmp_path / "SPOKE1--PE.pcapng", load_keys(tmp_path / "keys.jsonl"))
    assert {good for record in records for good in record.checks.values()} == {True}
    lines = [line for record in records for line in record.lines]
    assert "NHRP Traffic Indication, 10.13.0.1 (203.0.113.2) about 10.13.2.10" in lines
    assert "NHRP Resolution Request, 10.13.0.2 (203.0.113.6) about 10.13.3.10, request 2" in lines
    assert "entry: code 0, prefix 24, holding 7200 s, 10.13.0.3 at 203.0.113.10" in lines
    assert lines.count("tunnel packet 10.13.2.10 -> 10.13.3.10, protocol 1") == 5


@pytest.mark.parametrize(
    ("octets", "line"), [("00000800ff", "malformed"), ("00002001ff", "malformed"), ("000088470000", "0x8847")]
)
def test_what_is_damaged_or_unknown(octets: str, line: str) -> None:
    assert line in gre_lines(bytes.fromhex(octets))[-1]


def test_a_damaged_header() -> None:
    with pytest.raises(WireError):
        gre_lines(b"\x00")

"""The captures of another GDOI implementation decode, verify, and encode again octet for octet."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from iosemu.decode.keys import load_keys
from iosemu.decode.tool import decode_capture, run
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyDownload, pack_sequence, parse_sequence
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.gdoi.profile import Profile
from iosemu.wire.isakmp import Header, Payload, PayloadType, parse_chain
from iosemu.wire.isakmp_payloads import Delete, Identity, Notification, SecurityAssociation

FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "gdoid"
CAPTURES = sorted(FOLDER.glob("*.pcap"))
# Phase 1: HASH_I and HASH_R; registration: HASH(1) to HASH(4); then one signature per push.
CHECKS = {"p1": 8, "p3": 6, "p5": 8, "s1": 6, "s2": 9, "s4": 6, "s5": 8, "v2": 6}


def test_the_captures_are_found() -> None:
    assert {path.name[:2] for path in CAPTURES} == CHECKS.keys()


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name[:2])
def test_every_hash_and_signature_verifies(capture: Path) -> None:
    records = decode_capture(capture, load_keys(capture.with_suffix(".json")))
    checks = [good for record in records for good in record.checks.values()]
    assert checks == [True] * CHECKS[capture.name[:2]]
    assert not [line for record in records for line in record.lines if "malformed" in line or "no key" in line]


def repack(payload: Payload, group: bool, profile: Profile) -> bytes:
    body = payload.body
    if payload.kind == PayloadType.SA:
        return GroupSa.parse(body, profile).pack(profile) if group else SecurityAssociation.parse(body).pack()
    if payload.kind == PayloadType.KD:
        return KeyDownload.parse(body).pack()
    if payload.kind == PayloadType.SEQ:
        return pack_sequence(parse_sequence(body))
    if payload.kind == PayloadType.ID:
        return Identity.parse(body).pack()
    if payload.kind == PayloadType.NOTIFY:
        return Notification.parse(body).pack()
    if payload.kind == PayloadType.DELETE:
        return Delete.parse(body).pack()
    return body


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name[:2])
def test_every_payload_encodes_again(capture: Path) -> None:
    keys = load_keys(capture.with_suffix(".json"))
    found = 0
    for record in decode_capture(capture, keys):
        group = "GROUPKEY" in record.title
        for payload in record.payloads:
            found += 1
            assert repack(payload, group, keys.profile) == payload.body, (record.number, payload.kind)
    assert found > 15


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name[:2])
def test_cut_payloads_raise_nothing_but_wire_errors(capture: Path) -> None:
    keys = load_keys(capture.with_suffix(".json"))
    for record in decode_capture(capture, keys):
        group = "GROUPKEY" in record.title
        for payload in record.payloads:
            for length in range(len(payload.body)):
                try:
                    repack(Payload(payload.kind, payload.body[:length]), group, keys.profile)
                    Header.parse(payload.body[:length])
                    parse_chain(payload.kind, payload.body[:length])
                except WireError:
                    continue


def test_a_wrong_octet_fails_the_run(tmp_path: Path) -> None:
    capture = CAPTURES[0]
    data = bytearray(capture.read_bytes())
    # The last octets of the file are ciphertext of the last push.
    data[-30] ^= 1
    damaged = tmp_path / "damaged.pcap"
    damaged.write_bytes(bytes(data))
    out, err = io.StringIO(), io.StringIO()
    assert run(damaged, capture.with_suffix(".json"), False, out, err) == 1


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xd4\xc3\xb2\xa1"])
def test_an_unreadable_capture_gives_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.pcap"
    file.write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    assert run(file, None, False, out, err) == 2
    assert len(err.getvalue().splitlines()) == 1

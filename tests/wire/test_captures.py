"""The messages of another GDOI implementation: what we read agrees with what its captures' descriptions say, it packs
to the same octets, and no cut or damaged form of it does harm. This knows nothing of keys: the plaintexts are in the
descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from iosemu.wire.attributes import Attribute
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyDownload, parse_sequence
from iosemu.wire.gdoi.policy import GroupSa, SaKek, SaTek, Selector
from iosemu.wire.gdoi.profile import GDOID_2005, GDOID_LITTLE_ENDIAN, Profile, group_identity
from iosemu.wire.isakmp import ExchangeType, Header, Payload, PayloadType, pack_payloads, parse_chain
from iosemu.wire.isakmp_payloads import Delete, Identity, Notification, SecurityAssociation

FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "gdoid"
RUNS = {path.name[:2]: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
MESSAGES = [
    pytest.param(run, message, id=f"{name}-{message['n']}") for name, run in RUNS.items() for message in run["messages"]
]


def profile_of(run: dict[str, Any]) -> Profile:
    return GDOID_LITTLE_ENDIAN if "1.5iec" in run["description"] else GDOID_2005


def clear_text(message: dict[str, Any]) -> bytes:
    """The payloads in clear, with padding."""
    if "plaintext" in message:
        return bytes.fromhex(message["plaintext"])
    return bytes.fromhex(message["udp_payload"])[28:]


def as_listed(attributes: tuple[Attribute, ...]) -> list[list[object]]:
    """Attributes as the descriptions write them."""
    return [
        [item.kind, "TV", item.value] if isinstance(item.value, int) else [item.kind, "TLV", item.value.hex()]
        for item in attributes
    ]


def check_selector(selector: Selector, described: dict[str, Any], swapped: bool) -> None:
    data = bytes.fromhex(described["data"])
    if swapped:
        data = b"".join(data[i : i + 4][::-1] for i in range(0, len(data), 4))
    assert (selector.kind, selector.port, selector.data) == (described["type"], described["port_be"], data)


def test_all_captures_are_here() -> None:
    assert RUNS.keys() == {"p1", "p3", "p5", "s1", "s2", "s4", "s5", "v2"}
    assert len(MESSAGES) == 86


@pytest.mark.parametrize(("run", "message"), MESSAGES)
def test_header_and_chain(run: dict[str, Any], message: dict[str, Any]) -> None:
    data, described = bytes.fromhex(message["udp_payload"]), message["hdr"]
    header = Header.parse(data)
    assert header.initiator_cookie.hex() == described["icookie"]
    assert header.responder_cookie.hex() == described["rcookie"]
    assert f"{header.message_id:08x}" == described["msgid"]
    assert (header.next_payload, header.exchange, header.flags) == (
        described["next"],
        described["exchange"],
        described["flags"],
    )
    assert header.pack() == data[:28]
    clear = clear_text(message)
    payloads, end = parse_chain(header.next_payload, clear)
    assert [payload.kind for payload in payloads] == [item["type"] for item in message["payloads"]]
    assert [payload.body.hex() for payload in payloads] == [item["raw"][8:] for item in message["payloads"]]
    assert len(clear) - end == message.get("pad_len", 0)
    assert pack_payloads(payloads) == clear[:end]


def check_sa(body: bytes, described: dict[str, Any], profile: Profile) -> None:
    sa = GroupSa.parse(body, profile)
    assert (sa.doi, sa.situation) == (described["doi"], described["situation"])
    inner = described["sub"]
    for item in inner:
        if item["type"] == PayloadType.SAK:
            check_sa_kek(sa.kek, item)
        elif item["type"] == PayloadType.GAP:
            assert as_listed(sa.gap or ()) == item["attrs"]
    described_teks = [item for item in inner if item["type"] == PayloadType.SAT]
    assert len(sa.teks) == len(described_teks)
    for tek, item in zip(sa.teks, described_teks, strict=True):
        check_sa_tek(tek, item, profile)
    assert sa.pack(profile) == body


def check_sa_kek(kek: SaKek | None, described: dict[str, Any]) -> None:
    assert kek is not None
    assert (kek.protocol, kek.spi.hex()) == (described["protocol"], described["spi"])
    check_selector(kek.source, described["src"], False)
    check_selector(kek.destination, described["dst"], False)
    assert as_listed(kek.attributes) == described["attrs"]


def check_sa_tek(tek: SaTek, described: dict[str, Any], profile: Profile) -> None:
    assert (tek.protocol_id, tek.ip_protocol) == (described["prot_id"], described["ip_protocol"])
    assert (tek.transform_id, tek.spi.hex()) == (described["transform_id"], described["spi"])
    check_selector(tek.source, described["src"], profile.reversed_addresses)
    check_selector(tek.destination, described["dst"], profile.reversed_addresses)
    assert as_listed(tek.attributes) == described["attrs"]


def check_phase1(body: bytes, described: dict[str, Any]) -> None:
    sa = SecurityAssociation.parse(body)
    assert (sa.doi, int.from_bytes(sa.situation, "big")) == (described["doi"], described["situation"])
    for proposal, offered in zip(sa.proposals, described["proposals"], strict=True):
        assert (proposal.number, proposal.protocol) == (offered["no"], offered["proto"])
        for transform, item in zip(proposal.transforms, offered["transforms"], strict=True):
            assert (transform.number, transform.transform_id) == (item["no"], item["id"])
            assert as_listed(transform.attributes) == item["attrs"]
    assert sa.pack() == body


def check_keys(body: bytes, described: dict[str, Any]) -> None:
    download = KeyDownload.parse(body)
    assert len(download.packets) == described["num_packets"]
    for packet, item in zip(download.packets, described["packets"], strict=True):
        assert (packet.kind, packet.spi.hex()) == (item["kd_type"], item["spi"])
        assert as_listed(packet.attributes) == item["attrs"]
    assert download.pack() == body


@pytest.mark.parametrize(("run", "message"), MESSAGES)
def test_payloads(run: dict[str, Any], message: dict[str, Any]) -> None:
    group = message["hdr"]["exchange"] in (ExchangeType.GROUPKEY_PULL, ExchangeType.GROUPKEY_PUSH)
    for described in message["payloads"]:
        kind, body = described["type"], bytes.fromhex(described["raw"])[4:]
        if kind == PayloadType.SA and group:
            check_sa(body, described, profile_of(run))
        elif kind == PayloadType.SA:
            check_phase1(body, described)
        elif kind == PayloadType.KD:
            check_keys(body, described)
        elif kind == PayloadType.SEQ:
            assert parse_sequence(body) == described["seq"]
        elif kind == PayloadType.ID:
            identity = Identity.parse(body)
            assert (identity.kind, identity.data.hex()) == (described["id_type"], described["data"])
            assert identity.pack() == body
        elif kind == PayloadType.DELETE:
            delete = Delete.parse(body)
            assert b"".join(delete.spis).hex() == described["spis"]
            assert delete.pack() == body
        elif kind == PayloadType.NOTIFY:
            assert Notification.parse(body).pack() == body


def test_group_numbers() -> None:
    """A little-endian gdoid writes its group number as it lies in memory."""
    assert group_identity(1234) == bytes.fromhex("000004d2")
    assert group_identity(1234, GDOID_LITTLE_ENDIAN) == bytes.fromhex("d2040000")
    sent = {name: Identity.parse(group_id_of(run)).data for name, run in RUNS.items()}
    assert sent["s1"] == group_identity(1234, GDOID_LITTLE_ENDIAN)
    assert sent["v2"] == group_identity(1234, GDOID_2005)


def group_id_of(run: dict[str, Any]) -> bytes:
    return next(
        bytes.fromhex(payload["raw"])[4:]
        for message in run["messages"]
        for payload in message["payloads"]
        if message["hdr"]["exchange"] == ExchangeType.GROUPKEY_PULL and payload["type"] == PayloadType.ID
    )


# Harm


def read_everything(first: int, clear: bytes, profile: Profile) -> None:
    """Read a chain and each payload in it; the first fault ends it."""
    for payload in parse_chain(first, clear)[0]:
        read_payload(payload, profile)


def read_payload(payload: Payload, profile: Profile) -> None:
    body = payload.body
    if payload.kind == PayloadType.SA:
        (GroupSa.parse if body[8:10] != b"\x00\x00" else SecurityAssociation.parse)(body)
        GroupSa.parse(body, profile)
    elif payload.kind == PayloadType.KD:
        KeyDownload.parse(body)
    elif payload.kind == PayloadType.ID:
        Identity.parse(body)
    elif payload.kind == PayloadType.DELETE:
        Delete.parse(body)
    elif payload.kind == PayloadType.NOTIFY:
        Notification.parse(body)
    elif payload.kind == PayloadType.SEQ:
        parse_sequence(body)


def damaged_forms(clear: bytes, random: Random) -> Iterator[bytes]:
    """Every prefix, and copies with some octets changed."""
    for end in range(len(clear)):
        yield clear[:end]
    for _ in range(150):
        copy = bytearray(clear)
        for _ in range(random.randrange(1, 4)):
            copy[random.randrange(len(copy))] = random.choice((0, 1, 4, 0x7F, 0x80, 0xFF, random.randrange(256)))
        yield bytes(copy)


@pytest.mark.parametrize(("run", "message"), MESSAGES)
def test_damage(run: dict[str, Any], message: dict[str, Any]) -> None:
    clear, profile = clear_text(message), profile_of(run)
    refused = 0
    for damaged in damaged_forms(clear, Random(message["n"])):
        try:
            read_everything(message["hdr"]["next"], damaged, profile)
        except WireError:
            refused += 1
    # A prefix that lacks only padding is whole; all others are refused.
    assert refused >= len(clear) - message.get("pad_len", 0)


@pytest.mark.parametrize(("run", "message"), MESSAGES)
def test_cut_datagrams(run: dict[str, Any], message: dict[str, Any]) -> None:
    data = bytes.fromhex(message["udp_payload"])
    for end in range(len(data)):
        with pytest.raises(WireError):
            Header.parse(data[:end])

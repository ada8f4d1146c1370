"""What a message of GDOI says, in words for those who debug: policies and lengths, never a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from iosemu.engines.gdoi.acl import PRIVATE_ACL_PAYLOAD
from iosemu.engines.gdoi.download import PRIVATE_REAUTHENTICATION_PAYLOAD
from iosemu.engines.gdoi.replay import PRIVATE_REPLAY_PAYLOAD
from iosemu.wire.attributes import Attribute
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyDownload, KeyPacket, parse_sequence
from iosemu.wire.gdoi.numbers import GapAttribute, KekAttribute, KeyType, TekAttribute
from iosemu.wire.gdoi.policy import GroupSa, SaTek, Selector
from iosemu.wire.gdoi.profile import RFC6407, Profile
from iosemu.wire.isakmp import Payload, PayloadType
from iosemu.wire.isakmp_payloads import Delete, Identity

_PRIVATE = {
    PRIVATE_ACL_PAYLOAD: "access list",
    PRIVATE_REPLAY_PAYLOAD: "replay policy",
    PRIVATE_REAUTHENTICATION_PAYLOAD: "authenticate anew",
}
_KINDS: dict[int, str] = {KeyType.TEK: "TEK", KeyType.KEK: "KEK", KeyType.LKH: "LKH keys", KeyType.SID: "SID"}


def describe(payloads: Iterable[Payload], profile: Profile = RFC6407) -> list[str]:
    """One line for each payload, and below it one for each thing that is inside."""
    lines: list[str] = []
    for payload in payloads:
        try:
            lines += _payload(payload, profile)
        except WireError as error:
            lines.append(f"payload {payload.kind} of {len(payload.body)} octets: {error}")
    return lines


def _payload(payload: Payload, profile: Profile) -> Iterator[str]:
    size = f"{len(payload.body)} octets"
    if payload.kind == PayloadType.SA:
        yield f"SA payload, {size}"
        yield from (f"  {line}" for line in _policy(GroupSa.parse(payload.body, profile)))
    elif payload.kind == PayloadType.KD:
        yield f"KD payload, {size}, keys are not shown"
        yield from (f"  {_key_packet(packet)}" for packet in KeyDownload.parse(payload.body).packets)
    elif payload.kind == PayloadType.SEQ:
        yield f"SEQ payload, number {parse_sequence(payload.body)}"
    elif payload.kind == PayloadType.NONCE:
        yield f"NONCE payload, {size}"
    elif payload.kind == PayloadType.ID:
        identity = Identity.parse(payload.body)
        yield f"ID payload, type {identity.kind}, 0x{identity.data.hex().upper()}"
    elif payload.kind == PayloadType.DELETE:
        delete = Delete.parse(payload.body)
        spis = " ".join(f"0x{spi.hex().upper()}" for spi in delete.spis)
        yield f"DELETE payload, protocol {delete.protocol}, SPI {spis}"
    else:
        yield f"{PayloadType(payload.kind).name if payload.kind in set(PayloadType) else payload.kind} payload, {size}"


def _policy(sa: GroupSa) -> Iterator[str]:
    if sa.kek is not None:
        yield f"SA KEK: SPI 0x{sa.kek.spi.hex().upper()}, to {_selector(sa.kek.destination)}"
        yield f"  {_attributes(sa.kek.attributes, KekAttribute)}"
    if sa.gap is not None:
        yield f"GAP: {_attributes(sa.gap, GapAttribute)}"
    for tek in sa.teks:
        yield from _data_sa(tek)
    for payload in sa.private:
        yield f"{_PRIVATE.get(payload.kind, f'private payload {payload.kind}')}, {len(payload.body)} octets"


def _data_sa(tek: SaTek) -> Iterator[str]:
    ends = f"{_selector(tek.source)} to {_selector(tek.destination)}"
    yield f"SA TEK: SPI 0x{tek.spi.hex().upper()}, transform {tek.transform_id}, protocol {tek.ip_protocol}, {ends}"
    yield f"  {_attributes(tek.attributes, TekAttribute)}"


def _selector(selector: Selector) -> str:
    size = 4 if len(selector.data) in (4, 8) else 16
    words = [selector.data[start : start + size] for start in range(0, len(selector.data), size)]
    text = "/".join(str(ip_address(word)) if len(word) in (4, 16) else word.hex() for word in words)
    return f"{text} port {selector.port}" if selector.port else text


def _attributes(attributes: tuple[Attribute, ...], names: type[KekAttribute | GapAttribute | TekAttribute]) -> str:
    known = {int(item): item.name for item in names}
    return ", ".join(f"{known.get(item.kind, item.kind)} {item.as_int()}" for item in attributes) or "no attributes"


def _key_packet(packet: KeyPacket) -> str:
    sizes = "+".join(str(len(item.as_bytes())) for item in packet.attributes)
    name = _KINDS.get(packet.kind, f"key packet of type {packet.kind}")
    return f"{name} for SPI 0x{packet.spi.hex().upper()}, {sizes or 0} octets"

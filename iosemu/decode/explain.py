"""ISAKMP and GDOI payloads in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.decode.explain_ipsec import proposal_lines
from iosemu.engines.ike import vendor
from iosemu.engines.ike.authentication import X509_SIGNATURE
from iosemu.wire.attributes import Attribute, parse_attributes
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi import numbers
from iosemu.wire.gdoi.key_download import KeyDownload, parse_sequence
from iosemu.wire.gdoi.numbers import KeyType
from iosemu.wire.gdoi.policy import GroupSa, SaKek, SaTek, Selector
from iosemu.wire.gdoi.profile import Profile
from iosemu.wire.isakmp import Doi, Payload, PayloadType
from iosemu.wire.isakmp_payloads import (
    PROTOCOL_ISAKMP,
    Delete,
    Identity,
    IdType,
    Notification,
    NotifyType,
    SecurityAssociation,
)
from iosemu.wire.transform_attributes import Phase1Attribute

# How the vendor IDs that have a meaning here begin.
VENDORS = {
    vendor.DEAD_PEER_DETECTION[:14]: "dead peer detection",
    vendor.NAT_TRAVERSAL: "NAT traversal (RFC 3947)",
    vendor.FRAGMENTATION: "IKE fragments",
    vendor.IOSEMU: "iosemu",
}


_KEK_VALUES: dict[int, type[IntEnum]] = {
    numbers.KekAttribute.ALGORITHM: numbers.KekAlgorithm,
    numbers.KekAttribute.SIG_HASH_ALGORITHM: numbers.SigHash,
    numbers.KekAttribute.SIG_ALGORITHM: numbers.SigAlgorithm,
    numbers.KekAttribute.ACK_REQUESTED: numbers.AckRequested,
}


def name_of(kinds: type[IntEnum], number: int) -> str:
    """The name of a number, or the number itself."""
    return kinds(number).name if number in set(kinds) else str(number)


def explain_payload(payload: Payload, group: bool, profile: Profile) -> list[str]:
    """The lines of one payload; `group` tells that an SA payload has the GDOI form. Secrets are not printed."""
    head = f"{name_of(PayloadType, payload.kind)} ({len(payload.body) + 4} octets)"
    try:
        detail = _detail(payload, group, profile)
    except WireError as error:
        return [f"{head}: malformed, {error}"]
    return [f"{head}{': ' + detail[0] if detail else ''}", *(f"  {line}" for line in detail[1:])]


def _detail(payload: Payload, group: bool, profile: Profile) -> list[str]:
    body = payload.body
    if payload.kind == PayloadType.SA:
        return _group_sa(GroupSa.parse(body, profile)) if group else _proposals(SecurityAssociation.parse(body))
    if payload.kind == PayloadType.ID:
        return [_identity(Identity.parse(body))]
    if payload.kind == PayloadType.KD:
        return _keys(KeyDownload.parse(body))
    if payload.kind == PayloadType.SEQ:
        return [str(parse_sequence(body))]
    if payload.kind == PayloadType.NOTIFY:
        notification = Notification.parse(body)
        return [f"{name_of(NotifyType, notification.kind)}, DOI {notification.doi}"]
    if payload.kind == PayloadType.DELETE:
        delete = Delete.parse(body)
        return [f"protocol {delete.protocol}, SPIs {', '.join(spi.hex() for spi in delete.spis)}"]
    if payload.kind == PayloadType.GAP:
        return ["", *_attributes(parse_attributes(body), numbers.GapAttribute)]
    if payload.kind in (PayloadType.CERT, PayloadType.CERT_REQUEST) and body[:1] == X509_SIGNATURE:
        return [_certificate(body[1:]) if payload.kind == PayloadType.CERT else _name(body[1:])]
    if payload.kind == PayloadType.VENDOR_ID:
        return [_vendor(body)]
    if payload.kind in (PayloadType.HASH, PayloadType.NONCE, PayloadType.NAT_D):
        return [body.hex()]
    return []


def _proposals(sa: SecurityAssociation) -> list[str]:
    """The SA payload of phase 1 or of quick mode."""
    lines = [f"DOI {name_of(Doi, sa.doi)}, situation {sa.situation.hex()}"]
    for proposal in sa.proposals:
        if proposal.protocol != PROTOCOL_ISAKMP:
            lines += proposal_lines(proposal)
            continue
        for transform in proposal.transforms:
            lines.append(f"proposal {proposal.number} transform {transform.number}")
            lines += _attributes(transform.attributes, Phase1Attribute)
    return lines


def _group_sa(sa: GroupSa) -> list[str]:
    lines = [f"DOI {name_of(Doi, sa.doi)}, situation {sa.situation}"]
    if sa.kek:
        lines += _sa_kek(sa.kek)
    if sa.gap is not None:
        lines += ["GAP", *_attributes(sa.gap, numbers.GapAttribute)]
    for tek in sa.teks:
        lines += _sa_tek(tek)
    return lines + [f"private payload {item.kind} ({len(item.body)} octets)" for item in sa.private]


def _sa_kek(kek: SaKek) -> list[str]:
    ends = f"{_selector(kek.source)} -> {_selector(kek.destination)}"
    return [f"SA KEK {ends}, SPI {kek.spi.hex()}", *_attributes(kek.attributes, numbers.KekAttribute, _KEK_VALUES)]


def _sa_tek(tek: SaTek) -> list[str]:
    ends = f"{_selector(tek.source)} -> {_selector(tek.destination)}"
    head = f"SA TEK {name_of(numbers.TekProtocol, tek.protocol_id)} {ends}, IP protocol {tek.ip_protocol or 'any'}"
    tail = f"transform {tek.transform_id}, SPI 0x{tek.spi.hex()}"
    return [f"{head}, {tail}", *_attributes(tek.attributes, numbers.TekAttribute)]


def _selector(selector: Selector) -> str:
    addresses = _addresses(selector.kind, selector.data)
    if selector.port and addresses and ":" in addresses:
        addresses = f"[{addresses}]"
    port = f":{selector.port}" if selector.port else ""
    return f"{addresses or f'type {selector.kind} {selector.data.hex()}'}{port}"


def _addresses(kind: int, data: bytes) -> str:
    """An address, or a network with its mask, empty for anything else."""
    if kind == IdType.IPV4_ADDR and len(data) == 4:
        return f"{IPv4Address(data)}"
    if kind == IdType.IPV4_ADDR_SUBNET and len(data) == 8:
        return f"{IPv4Address(data[:4])}/{IPv4Address(data[4:])}"
    if kind == IdType.IPV6_ADDR and len(data) == 16:
        return f"{IPv6Address(data)}"
    if kind == IdType.IPV6_ADDR_SUBNET and len(data) == 32:
        mask = int.from_bytes(data[16:], "big")
        length = mask.bit_count()
        prefix = mask == ((1 << length) - 1) << (128 - length)
        return f"{IPv6Address(data[:16])}/{length if prefix else IPv6Address(data[16:])}"
    return ""


def _identity(identity: Identity) -> str:
    kind = name_of(IdType, identity.kind)
    tail = f", protocol {identity.protocol} port {identity.port}" if identity.protocol else ""
    if addresses := _addresses(identity.kind, identity.data):
        return f"{kind} {addresses}{tail}"
    if identity.kind == IdType.KEY_ID and len(identity.data) == 4:
        return f"{kind} {int.from_bytes(identity.data, 'big')}"
    if identity.kind in (IdType.FQDN, IdType.USER_FQDN):
        return f"{kind} {identity.data.decode('ascii', 'backslashreplace')}"
    if identity.kind == IdType.DER_ASN1_DN:
        return f"{kind} {_name(identity.data)}"
    return f"{kind} {identity.data.hex()}"


def _certificate(der: bytes) -> str:
    try:
        found = Certificate.parse(der)
    except CryptoError as error:
        return str(error)
    return f"serial {found.serial:X}, subject {found.subject}, issuer {found.issuer}"


def _name(der: bytes) -> str:
    try:
        return str(Name.parse(der)) if der else "any authority"
    except CryptoError as error:
        return str(error)


def _vendor(vendor_id: bytes) -> str:
    known = next((text for start, text in VENDORS.items() if vendor_id.startswith(start)), "")
    return f"{vendor_id.hex()} {known}".rstrip()


def _keys(download: KeyDownload) -> list[str]:
    """SPIs and sizes; the keys themselves stay where they are."""
    lines = [f"{len(download.packets)} key packets"]
    for packet in download.packets:
        sizes = ", ".join(f"attribute {item.kind}: {len(item.as_bytes())} octets" for item in packet.attributes)
        lines.append(f"{name_of(KeyType, packet.kind)} SPI {packet.spi.hex() or 'none'}: {sizes}")
    return lines


def _attributes(
    attributes: Iterable[Attribute], names: type[IntEnum], values: Mapping[int, type[IntEnum]] | None = None
) -> list[str]:
    """A line for each; `values` has the names of values by attribute."""
    lines = []
    for item in attributes:
        meaning = (values or {}).get(item.kind)
        tail = f" ({name_of(meaning, item.as_int())})" if meaning is not None else ""
        lines.append(f"  {name_of(names, item.kind)} = {item.as_int()}{tail}")
    return lines

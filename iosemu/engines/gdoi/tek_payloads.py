"""A TEK in SA TEK payloads and in its key packet (RFC 6407 sections 5.5 and 5.6.1)."""

from __future__ import annotations

from iosemu.crypto.esp_transforms import from_numbers
from iosemu.engines.gdoi.acl import from_selectors, selectors_of
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.values import DEFAULT_LIFETIME, limited, octets
from iosemu.wire.attributes import Attribute, duration, number
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyPacket
from iosemu.wire.gdoi.numbers import (
    KeyType,
    TekAttribute,
    TekKey,
    TekProtocol,
)
from iosemu.wire.gdoi.policy import SaTek

TUNNEL = 1
SECONDS = 1
PRESERVE_BOTH_ADDRESSES = 4
RECEIVER_ONLY, SYMMETRIC = 2, 3
SALT_BITS = 32
SALTED_SIZES = (160, 224, 288)


def sa_teks(tek: Tek, now: float) -> list[SaTek]:
    """One SA TEK payload per entry; all bear the SPI of the SA that they share."""
    attributes = [
        Attribute(TekAttribute.LIFE_TYPE, SECONDS),
        Attribute(TekAttribute.LIFE_DURATION, duration(tek.remaining(now))),
        Attribute(TekAttribute.ENCAPSULATION_MODE, TUNNEL),
    ]
    if tek.transform.authentication_algorithm:
        attributes.append(Attribute(TekAttribute.AUTHENTICATION_ALGORITHM, tek.transform.authentication_algorithm))
    if tek.transform.key_bits:
        attributes.append(Attribute(TekAttribute.KEY_LENGTH, tek.transform.key_bits))
    attributes += [
        Attribute(TekAttribute.ADDRESS_PRESERVATION, PRESERVE_BOTH_ADDRESSES),
        Attribute(TekAttribute.SA_DIRECTION, RECEIVER_ONLY if tek.receive_only else SYMMETRIC),
    ]
    return [
        SaTek(*selectors_of(entry), tek.transform.transform_id, tek.spi, tuple(attributes), ip_protocol=entry.protocol)
        for entry in tek.entries
    ]


def tek_packet(tek: Tek) -> KeyPacket:
    """The TEK's key packet; the salt of a counter mode follows the key (section 5.6.1)."""
    attributes = [Attribute(TekKey.ALGORITHM_KEY, tek.encryption_key + tek.salt)]
    if tek.integrity_key:
        attributes.append(Attribute(TekKey.INTEGRITY_KEY, tek.integrity_key))
    return KeyPacket(KeyType.TEK, tek.spi, tuple(attributes))


def read_teks(payloads: tuple[SaTek, ...], now: float) -> dict[bytes, Tek]:
    """The data SAs of an SA payload by SPI, still without keys; raises WireError for what this member cannot do."""
    found: dict[bytes, Tek] = {}
    for sa in payloads:
        if sa.protocol_id != TekProtocol.ESP:
            raise WireError("only ESP is served")
        if number(sa.attributes, TekAttribute.ENCAPSULATION_MODE) != TUNNEL:
            raise WireError("only tunnel mode is served")
        key_bits = number(sa.attributes, TekAttribute.KEY_LENGTH, 0)
        transform = from_numbers(
            sa.transform_id,
            # Some count the salt of a counter mode as key.
            key_bits - SALT_BITS if key_bits in SALTED_SIZES else key_bits,
            number(sa.attributes, TekAttribute.AUTHENTICATION_ALGORITHM, 0),
        )
        if transform is None:
            raise WireError(f"transform {sa.transform_id} is not known")
        entry = from_selectors(sa.ip_protocol, sa.source, sa.destination)
        lifetime = _seconds(sa.attributes)
        tek = found.setdefault(sa.spi, Tek(sa.spi, transform, (), lifetime, now + lifetime, born_at=now))
        tek.receive_only = number(sa.attributes, TekAttribute.SA_DIRECTION, SYMMETRIC) == RECEIVER_ONLY
        if tek.transform != transform:
            raise WireError("two transforms under one SPI")
        tek.entries += (entry,)
    return found


def _seconds(attributes: tuple[Attribute, ...]) -> int:
    """The lifetime in seconds; each duration belongs to the type in front of it (RFC 2407 section 4.5)."""
    unit = SECONDS
    for attribute in attributes:
        if attribute.kind == TekAttribute.LIFE_TYPE:
            unit = attribute.as_int()
        elif attribute.kind == TekAttribute.LIFE_DURATION and unit == SECONDS:
            return limited(attribute.as_int())
    return DEFAULT_LIFETIME


def take_tek_keys(tek: Tek, packet: KeyPacket) -> None:
    """Fill in the keys of a data SA; raises WireError when their size is wrong."""
    size = tek.transform.encryption_key_size
    material = octets(packet, TekKey.ALGORITHM_KEY, size + tek.transform.salt_size)
    tek.encryption_key, tek.salt = material[:size], material[size:]
    if tek.transform.integrity_key_size:
        tek.integrity_key = octets(packet, TekKey.INTEGRITY_KEY, tek.transform.integrity_key_size)

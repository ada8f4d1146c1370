"""The SA payload of GDOI and what is inside it (RFC 6407 sections 5.2 to 5.5)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.wire.attributes import Attribute, pack_attributes, parse_attributes
from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.numbers import PROTOCOL_UDP, TekProtocol
from iosemu.wire.gdoi.profile import RFC6407, Profile
from iosemu.wire.isakmp import Doi, Payload, PayloadType, pack_payloads, parse_payloads
from iosemu.wire.isakmp_payloads import IdType


@dataclass(frozen=True, slots=True)
class Selector:
    """One end of the traffic that an SA protects; port 0 is any."""

    kind: int
    port: int
    data: bytes

    def pack(self) -> bytes:
        """Type, port, length and data."""
        return bytes((self.kind,)) + self.port.to_bytes(2, "big") + bytes((len(self.data),)) + self.data


_ADDRESS_SIZES: dict[int, int] = {
    IdType.IPV4_ADDR: 4,
    IdType.IPV4_ADDR_SUBNET: 8,
    IdType.IPV6_ADDR: 16,
    IdType.IPV6_ADDR_SUBNET: 32,
}
# How many senders of one SA are written: no octets, or three zeros (RFC 3547 section 5.4.1, RFC 6407 section 5.5.1).
_ANY_SENDER = (b"", bytes(3))


def _pull_selector(reader: Reader, length_octets: int = 1, any_sender: bool = False) -> Selector:
    kind, port = reader.u8(), reader.u16()
    data = reader.take(reader.u8() if length_octets == 1 else reader.u16())
    if any_sender and kind in (IdType.IPV4_ADDR, IdType.IPV4_ADDR_SUBNET) and data in _ANY_SENDER:
        return Selector(IdType.IPV4_ADDR_SUBNET, port, bytes(8))
    if len(data) != _ADDRESS_SIZES.get(kind, len(data)):
        raise WireError(f"identity of type {kind} with {len(data)} octets")
    return Selector(kind, port, data)


def _reverse_words(selector: Selector) -> Selector:
    words = [selector.data[i : i + 4][::-1] for i in range(0, len(selector.data), 4)]
    return Selector(selector.kind, selector.port, b"".join(words))


@dataclass(frozen=True, slots=True)
class SaKek:
    """Policy of the rekey SA (section 5.3); `spi` is the cookie pair of the pushes."""

    source: Selector
    destination: Selector
    spi: bytes
    attributes: tuple[Attribute, ...]
    protocol: int = PROTOCOL_UDP

    @classmethod
    def parse(cls, body: bytes) -> SaKek:
        """Read an SA KEK payload's body, of whichever profile."""
        reader = Reader(body)
        protocol = reader.u8()
        source, destination = _pull_selector(reader), _pull_selector(reader)
        spi = reader.take(16)
        reader.u32()
        attributes = reader.rest()
        if attributes[:2] == b"\x00\x00":
            # Two more zeros of a peer with `kek_reserved` 6: no attribute has type 0.
            attributes = attributes[2:]
        return cls(source, destination, spi, parse_attributes(attributes), protocol)

    def pack(self, profile: Profile = RFC6407) -> bytes:
        """The body."""
        head = bytes((self.protocol,)) + self.source.pack() + self.destination.pack() + self.spi
        return head + bytes(profile.kek_reserved) + pack_attributes(self.attributes)


@dataclass(frozen=True, slots=True)
class SaTek:
    """Policy of a data SA (section 5.5.1)."""

    source: Selector
    destination: Selector
    transform_id: int
    spi: bytes
    attributes: tuple[Attribute, ...]
    protocol_id: int = TekProtocol.ESP
    ip_protocol: int = 0

    @classmethod
    def parse(cls, body: bytes, profile: Profile = RFC6407) -> SaTek:
        """Read an SA TEK payload's body; identity lengths of two octets, as some stacks write them, are understood,
        and a source that stands for any sender becomes the subnet of all addresses."""
        failures = []
        for length_octets, any_sender in ((1, False), (2, False), (1, True), (2, True)):
            try:
                tek = cls._parse(body, length_octets, any_sender)
            except WireError as error:
                failures.append(error)
            else:
                return tek._reversed() if profile.reversed_addresses else tek
        raise failures[0]

    @classmethod
    def _parse(cls, body: bytes, length_octets: int, any_sender: bool) -> SaTek:
        reader = Reader(body)
        protocol_id, ip_protocol = reader.u8(), reader.u8()
        if protocol_id not in (TekProtocol.ESP, TekProtocol.AH):
            raise WireError(f"SA TEK protocol {protocol_id}")
        source = _pull_selector(reader, length_octets, any_sender)
        destination = _pull_selector(reader, length_octets)
        transform_id, spi = reader.u8(), reader.take(4)
        return cls(source, destination, transform_id, spi, parse_attributes(reader.rest()), protocol_id, ip_protocol)

    def _reversed(self) -> SaTek:
        source, destination = _reverse_words(self.source), _reverse_words(self.destination)
        return SaTek(
            source, destination, self.transform_id, self.spi, self.attributes, self.protocol_id, self.ip_protocol
        )

    def pack(self, profile: Profile = RFC6407) -> bytes:
        """The body."""
        tek = self._reversed() if profile.reversed_addresses else self
        head = bytes((tek.protocol_id, tek.ip_protocol)) + tek.source.pack() + tek.destination.pack()
        return head + bytes((tek.transform_id,)) + tek.spi + pack_attributes(tek.attributes)


@dataclass(frozen=True, slots=True)
class GroupSa:
    """The SA payload in its GDOI form (section 5.2): policy of the rekey SA, group policy, policy of the data SAs.

    `private` holds payloads of the private-use range (128 and up) that follow the SA TEKs.
    """

    kek: SaKek | None = None
    gap: tuple[Attribute, ...] | None = None
    teks: tuple[SaTek, ...] = ()
    private: tuple[Payload, ...] = ()
    doi: int = Doi.GDOI
    situation: int = 0

    @classmethod
    def parse(cls, body: bytes, profile: Profile = RFC6407) -> GroupSa:
        """Read the body of a GDOI SA payload; order and number of the inner payloads are checked."""
        reader = Reader(body)
        doi, situation, first = reader.u32(), reader.u32(), reader.u16()
        reader.u16()
        if doi != Doi.GDOI:
            raise WireError(f"SA payload for DOI {doi}")
        inner = parse_payloads(first, reader.rest())
        kinds = [payload.kind for payload in inner]
        order = {PayloadType.SAK: 0, PayloadType.GAP: 1, PayloadType.SAT: 2}
        ranks = [order.get(PayloadType(kind), 9) if kind < 128 else 3 for kind in kinds if _known(kind)]
        if len(ranks) != len(kinds) or 9 in ranks or ranks != sorted(ranks):
            raise WireError(f"payloads {kinds} inside a GDOI SA")
        if kinds.count(PayloadType.SAK) > 1 or kinds.count(PayloadType.GAP) > 1:
            raise WireError("more than one SA KEK or GAP payload")
        keks = [SaKek.parse(payload.body) for payload in inner if payload.kind == PayloadType.SAK]
        gaps = [parse_attributes(payload.body) for payload in inner if payload.kind == PayloadType.GAP]
        teks = tuple(SaTek.parse(payload.body, profile) for payload in inner if payload.kind == PayloadType.SAT)
        private = tuple(payload for payload in inner if payload.kind >= 128)
        return cls(keks[0] if keks else None, gaps[0] if gaps else None, teks, private, doi, situation)

    def pack(self, profile: Profile = RFC6407) -> bytes:
        """The body."""
        inner: list[Payload] = []
        if self.kek:
            inner.append(Payload(PayloadType.SAK, self.kek.pack(profile)))
        if self.gap is not None:
            inner.append(Payload(PayloadType.GAP, pack_attributes(self.gap)))
        inner.extend(Payload(PayloadType.SAT, tek.pack(profile)) for tek in self.teks)
        inner.extend(self.private)
        first = inner[0].kind if inner else PayloadType.NONE
        head = self.doi.to_bytes(4, "big") + self.situation.to_bytes(4, "big") + first.to_bytes(2, "big")
        return head + b"\x00\x00" + pack_payloads(inner)


def _known(kind: int) -> bool:
    return kind >= 128 or kind in set(PayloadType)

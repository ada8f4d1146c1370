"""IPv6 and its extension headers (RFC 8200)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv6Address

from iosemu.wire.errors import WireError

HOP_BY_HOP, ROUTING, FRAGMENT, NO_NEXT_HEADER, DESTINATION_OPTIONS = 0, 43, 44, 59, 60
ICMPV6 = 58
EXTENSIONS = frozenset((HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS))
HEADER = 40
# Every link carries packets of this size (RFC 8200 section 5).
MINIMUM_MTU = 1280
MAXIMUM_PAYLOAD = 0xFFFF
# More headers than a sender has a reason for; a longer chain only costs time.
MAXIMUM_EXTENSIONS = 16
MORE_FRAGMENTS = 1
_HEADER = struct.Struct("!IHBB16s16s")
_FRAGMENT = struct.Struct("!BBHI")


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension header; `body` is what follows its next header octet, a length octet included."""

    kind: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a fragment header says; `offset` counts octets."""

    offset: int
    more: bool
    identification: int


@dataclass(frozen=True, slots=True)
class Packet6:
    """One packet. `extensions` are the headers in front of `payload`, which is of `protocol`.

    The chain ends at the header of a fragment, which `fragment` is about: what is behind it is a part of something.
    """

    source: IPv6Address
    destination: IPv6Address
    protocol: int
    payload: bytes
    hop_limit: int = 64
    traffic_class: int = 0
    flow_label: int = 0
    extensions: tuple[Extension, ...] = ()
    fragment: Fragment | None = None

    @classmethod
    def parse(cls, data: bytes) -> Packet6:
        """Read a packet; raises WireError for a wrong version, length or chain of headers. Link padding is dropped."""
        total = check(data)
        first, _, protocol, hop_limit, source, destination = _HEADER.unpack_from(data)
        offset, fragment = HEADER, None
        extensions = []
        while protocol in EXTENSIONS and fragment is None:
            size = _extension_size(protocol, data, offset, total)
            if protocol == HOP_BY_HOP and offset != HEADER:
                raise WireError("hop-by-hop options behind another header")
            if protocol == FRAGMENT:
                fragment = _fragment(data, offset)
            else:
                extensions.append(Extension(protocol, data[offset + 1 : offset + size]))
            if len(extensions) > MAXIMUM_EXTENSIONS:
                raise WireError("too many extension headers")
            protocol = data[offset]
            offset += size
        if fragment is not None and fragment.more and (total - offset) % 8:
            raise WireError("fragment that is no multiple of eight octets")
        ends = IPv6Address(source), IPv6Address(destination)
        fields = hop_limit, first >> 20 & 0xFF, first & 0xFFFFF
        return cls(*ends, protocol, data[offset:total], *fields, tuple(extensions), fragment)

    def pack(self) -> bytes:
        """The octets of the packet; raises WireError for one that is too long."""
        kinds = [extension.kind for extension in self.extensions]
        kinds += [FRAGMENT] if self.fragment is not None else []
        behind = b""
        for extension, following in zip(self.extensions, [*kinds[1:], self.protocol], strict=False):
            behind += bytes((following,)) + extension.body
        if self.fragment is not None:
            behind += fragment_header(self.protocol, self.fragment)
        length = len(behind) + len(self.payload)
        if length > MAXIMUM_PAYLOAD:
            raise WireError(f"IPv6 payload of {length} octets")
        first = 6 << 28 | self.traffic_class << 20 | self.flow_label
        following = kinds[0] if kinds else self.protocol
        ends = self.source.packed, self.destination.packed
        return _HEADER.pack(first, length, following, self.hop_limit, *ends) + behind + self.payload


def check(data: bytes) -> int:
    """Check version and length of the packet at the front of `data`; returns its octets. Jumbograms (RFC 2675) are no
    packets here."""
    if len(data) < HEADER:
        raise WireError(f"IPv6 packet of {len(data)} octets")
    if data[0] >> 4 != 6:
        raise WireError(f"IP version {data[0] >> 4}")
    total = HEADER + int.from_bytes(data[4:6], "big")
    if total > len(data):
        raise WireError("IPv6 lengths disagree")
    return total


def upper_layer(data: bytes) -> tuple[int, int, bool]:
    """The protocol behind the extension headers of a checked packet, where it begins, and whether it does begin there:
    not so in a fragment that is not the first. Raises WireError for a broken chain."""
    total = HEADER + int.from_bytes(data[4:6], "big")
    protocol, offset = data[6], HEADER
    for _ in range(MAXIMUM_EXTENSIONS):
        if protocol not in EXTENSIONS:
            return protocol, offset, True
        size = _extension_size(protocol, data, offset, total)
        if protocol == FRAGMENT and _fragment(data, offset).offset:
            return data[offset], offset + size, False
        protocol = data[offset]
        offset += size
    raise WireError("too many extension headers")


def decrement_hop_limit(data: bytes) -> bytes:
    """The packet with its hop limit, at least 1, one lower."""
    return data[:7] + bytes((data[7] - 1,)) + data[8:]


def fragment_header(protocol: int, fragment: Fragment) -> bytes:
    """The eight octets in front of a piece of what begins with `protocol`."""
    return _FRAGMENT.pack(protocol, 0, fragment.offset | fragment.more, fragment.identification)


def fragments(data: bytes, mtu: int, identification: int) -> list[bytes]:
    """Split a whole packet that is larger than `mtu`, as only its source may (RFC 8200 section 4.5)."""
    total = check(data)
    protocol, split, last = data[6], HEADER, 6
    # Headers that routers on the way look at stay in front of every piece.
    position, kind = HEADER, protocol
    for _ in range(MAXIMUM_EXTENSIONS):
        if kind not in (HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS):
            break
        size = _extension_size(kind, data, position, total)
        if kind != DESTINATION_OPTIONS:
            split, last = position + size, position
        kind = data[position]
        position += size
    protocol = data[last]
    if kind == FRAGMENT:
        raise WireError("a fragment is not split again")
    front = data[:last] + bytes((FRAGMENT,)) + data[last + 1 : split]
    rest = data[split:total]
    room = (mtu - split - 8) // 8 * 8
    if room < 8:
        raise WireError(f"MTU {mtu} leaves no room for a fragment")
    pieces = []
    for start in range(0, len(rest), room):
        part = rest[start : start + room]
        more = start + room < len(rest)
        piece = fragment_header(protocol, Fragment(start, more, identification)) + part
        length = (split - HEADER + len(piece)).to_bytes(2, "big")
        pieces.append(front[:4] + length + front[6:] + piece)
    return pieces


def _extension_size(kind: int, data: bytes, offset: int, total: int) -> int:
    size = 8 if kind == FRAGMENT else (data[offset + 1] + 1) * 8 if offset + 8 <= total else 8
    if offset + size > total:
        raise WireError("extension header beyond the end of its packet")
    return size


def _fragment(data: bytes, offset: int) -> Fragment:
    _, _, word, identification = _FRAGMENT.unpack_from(data, offset)
    return Fragment(word & 0xFFF8, bool(word & MORE_FRAGMENTS), identification)

"""Fragments of packets that are addressed to us (RFC 791 section 3.2, RFC 8200 section 4.5)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from iosemu.wire.ipv4 import Packet
from iosemu.wire.ipv6 import Packet6

# Seconds; RFC 8200 wants a minute for IPv6, but is content with less where room is short.
LIFETIME = 15.0
LIMIT = 64
MAXIMUM = 65535


@dataclass(slots=True)
class _Partial:
    """Pieces by their offset: what is in them, and whether more follow."""

    started_at: float
    pieces: dict[int, tuple[bytes, bool]] = field(default_factory=dict)
    first: Packet | Packet6 | None = None


class Reassembler:
    """Bounded in number and time. Pieces that overlap never make a packet (RFC 5722)."""

    def __init__(self) -> None:
        self._partial: dict[Hashable, _Partial] = {}

    def add(self, packet: Packet, now: float) -> Packet | None:
        """The whole packet once the last piece is there; a packet that is no fragment comes back as it is."""
        if not packet.more_fragments and not packet.fragment_offset:
            return packet
        key = int(packet.source), int(packet.destination), packet.protocol, packet.identification
        found = self._collect(key, packet, packet.fragment_offset, packet.more_fragments, now)
        if found is None:
            return None
        payload, first = found
        assert isinstance(first, Packet)
        return replace(first, payload=payload, more_fragments=False, fragment_offset=0)

    def add6(self, packet: Packet6, now: float) -> Packet6 | None:
        """The same for IPv6. What is put together may begin with further extension headers: it has to be read again."""
        if packet.fragment is None:
            return packet
        fragment = packet.fragment
        key = int(packet.source), int(packet.destination), fragment.identification
        found = self._collect(key, packet, fragment.offset, fragment.more, now)
        if found is None:
            return None
        payload, first = found
        assert isinstance(first, Packet6)
        return replace(first, payload=payload, fragment=None)

    def _collect(
        self, key: Hashable, packet: Packet | Packet6, offset: int, more: bool, now: float
    ) -> tuple[bytes, Packet | Packet6] | None:
        self._partial = {key: item for key, item in self._partial.items() if item.started_at + LIFETIME > now}
        if key not in self._partial and len(self._partial) >= LIMIT:
            return None
        partial = self._partial.setdefault(key, _Partial(now))
        partial.pieces[offset] = packet.payload, more
        if not offset:
            partial.first = packet
        payload = bytearray()
        follows = True
        for start in sorted(partial.pieces):
            if start != len(payload):
                return None
            piece, follows = partial.pieces[start]
            payload += piece
        if follows or len(payload) > MAXIMUM:
            return None
        del self._partial[key]
        assert partial.first is not None
        return bytes(payload), partial.first

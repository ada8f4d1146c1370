"""Fragments of packets that are addressed to us (RFC 791 section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from iosemu.wire.ipv4 import Packet

LIFETIME = 15.0
LIMIT = 64
MAXIMUM = 65535


@dataclass(slots=True)
class _Partial:
    started_at: float
    pieces: dict[int, Packet] = field(default_factory=dict)


class Reassembler:
    """Bounded in number and time."""

    def __init__(self) -> None:
        self._partial: dict[tuple[int, int, int, int], _Partial] = {}

    def add(self, packet: Packet, now: float) -> Packet | None:
        """The whole packet once the last piece is there; a packet that is no fragment comes back as it is."""
        if not packet.more_fragments and not packet.fragment_offset:
            return packet
        self._partial = {key: item for key, item in self._partial.items() if item.started_at + LIFETIME > now}
        key = int(packet.source), int(packet.destination), packet.protocol, packet.identification
        if key not in self._partial and len(self._partial) >= LIMIT:
            return None
        partial = self._partial.setdefault(key, _Partial(now))
        partial.pieces[packet.fragment_offset] = packet
        payload = bytearray()
        more = True
        for offset in sorted(partial.pieces):
            if offset != len(payload):
                return None
            payload += partial.pieces[offset].payload
            more = partial.pieces[offset].more_fragments
        if more or len(payload) > MAXIMUM:
            return None
        del self._partial[key]
        first = partial.pieces.get(0, packet)
        return replace(first, payload=bytes(payload), more_fragments=False, fragment_offset=0)

"""TCP segments (RFC 9293 section 3.1) with the options of the handshake (RFC 7323, RFC 2018)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from iosemu.wire.checksum import IpAddress, internet_checksum, pseudo_header
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import TCP

FIN, SYN, RST, PSH, ACK, URG = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
MINIMUM_HEADER = 20
MAXIMUM_HEADER = 60
_HEADER = struct.Struct("!HHIIBBHHH")
_END, _NO_OPERATION, _MSS, _WINDOW_SCALE, _SACK_PERMITTED = 0, 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment without its IP header. An option that is absent is None; those that are not named here are skipped."""

    source_port: int
    destination_port: int
    sequence: int
    acknowledgement: int
    flags: int
    window: int
    payload: bytes = b""
    urgent_pointer: int = 0
    mss: int | None = None
    window_scale: int | None = None
    sack_permitted: bool = False

    def has(self, flag: int) -> bool:
        """Whether a flag is set."""
        return bool(self.flags & flag)

    @property
    def length(self) -> int:
        """The sequence numbers that it takes: its octets, and one each for SYN and FIN."""
        return len(self.payload) + self.has(SYN) + self.has(FIN)

    @classmethod
    def parse(cls, data: bytes, source: IpAddress, destination: IpAddress, *, unfinished: bool = False) -> Segment:
        """Read a segment; raises WireError for wrong lengths, options or checksum. With `unfinished` the checksum is
        not looked at: a capture taken at the sender has it before the network card fills it in."""
        if len(data) < MINIMUM_HEADER:
            raise WireError(f"TCP segment of {len(data)} octets")
        (own, other, sequence, acknowledgement, offset, flags, window, _, urgent) = _HEADER.unpack_from(data)
        header = (offset >> 4) * 4
        if header < MINIMUM_HEADER or header > len(data):
            raise WireError("TCP data offset")
        if not unfinished and internet_checksum(pseudo_header(source, destination, TCP, len(data)) + data):
            raise WireError("TCP checksum")
        mss, scale, sack = _read_options(data[MINIMUM_HEADER:header])
        return cls(own, other, sequence, acknowledgement, flags & 0x3F, window, data[header:], urgent, mss, scale, sack)

    def pack(self, source: IpAddress, destination: IpAddress) -> bytes:
        """The octets with the checksum over the pseudo header."""
        options = self._options()
        header = _HEADER.pack(
            self.source_port,
            self.destination_port,
            self.sequence,
            self.acknowledgement,
            (MINIMUM_HEADER + len(options)) // 4 << 4,
            self.flags,
            self.window,
            0,
            self.urgent_pointer,
        )
        data = header + options + self.payload
        checksum = internet_checksum(pseudo_header(source, destination, TCP, len(data)) + data)
        return data[:16] + checksum.to_bytes(2, "big") + data[18:]

    def _options(self) -> bytes:
        options = b""
        if self.mss is not None:
            options += bytes((_MSS, 4)) + self.mss.to_bytes(2, "big")
        if self.sack_permitted:
            options += bytes((_NO_OPERATION, _NO_OPERATION, _SACK_PERMITTED, 2))
        if self.window_scale is not None:
            options += bytes((_NO_OPERATION, _WINDOW_SCALE, 3, self.window_scale))
        return options


def _read_options(data: bytes) -> tuple[int | None, int | None, bool]:
    """MSS, window scale and whether selective acknowledgements are permitted."""
    mss = scale = None
    sack = False
    offset = 0
    while offset < len(data) and data[offset] != _END:
        if data[offset] == _NO_OPERATION:
            offset += 1
            continue
        size = data[offset + 1] if offset + 1 < len(data) else 0
        if size < 2 or offset + size > len(data):
            raise WireError("TCP option length")
        value = data[offset + 2 : offset + size]
        if data[offset] == _MSS and len(value) == 2:
            mss = int.from_bytes(value, "big")
        elif data[offset] == _WINDOW_SCALE and len(value) == 1:
            scale = value[0]
        elif data[offset] == _SACK_PERMITTED:
            sack = True
        offset += size
    return mss, scale, sack

"""`ip tcp adjust-mss`: SYN segments that pass never announce more than fits (RFC 9293 section 3.7.1)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.router.interfaces import Interface, Repeat
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.ipv4 import TCP

# Between the crypto hooks and the inside of the router: what is encrypted cannot be adjusted any more.
INPUT_STAGE, OUTPUT_STAGE = 30, 70
SYN = 0x02
END, NO_OPERATION, MAXIMUM_SEGMENT_SIZE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Clamp:
    """A hook that lowers the MSS option of SYN segments to a limit."""

    limit: int

    def __call__(self, packet: bytes, interface: Interface) -> list[bytes]:
        if packet[9] != TCP or packet[6] & 0x1F or packet[7]:
            return [packet]
        start = (packet[0] & 0x0F) * 4
        at = _option(packet[start:])
        if at is None or int.from_bytes(packet[start + at : start + at + 2], "big") <= self.limit:
            return [packet]
        segment = bytearray(packet[start:])
        segment[at : at + 2] = self.limit.to_bytes(2, "big")
        segment[16:18] = b"\x00\x00"
        pseudo = packet[12:20] + b"\x00\x06" + len(segment).to_bytes(2, "big")
        segment[16:18] = internet_checksum(pseudo + bytes(segment)).to_bytes(2, "big")
        return [packet[:start] + bytes(segment)]

    def repeat(self, packet: bytes, interface: Interface) -> Repeat:
        """Only the first segment of a connection interests it; see `FlowHook`."""
        return lambda _: None


def _option(segment: bytes) -> int | None:
    """Where the value of the MSS option of a SYN stands."""
    if len(segment) < 20 or not segment[13] & SYN:
        return None
    end = min((segment[12] >> 4) * 4, len(segment))
    at = 20
    while at + 1 < end and segment[at] != END:
        if segment[at] == NO_OPERATION:
            at += 1
        elif segment[at] == MAXIMUM_SEGMENT_SIZE and segment[at + 1] == 4 and at + 4 <= end:
            return at + 2
        elif segment[at + 1] < 2:
            return None
        else:
            at += segment[at + 1]
    return None

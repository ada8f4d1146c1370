"""ICMP for IPv4 (RFC 792)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError

ECHO_REPLY, UNREACHABLE, ECHO_REQUEST, TIME_EXCEEDED = 0, 3, 8, 11
NET_UNREACHABLE, HOST_UNREACHABLE, PROTOCOL_UNREACHABLE, PORT_UNREACHABLE, FRAGMENTATION_NEEDED = 0, 1, 2, 3, 4
ADMINISTRATIVELY_PROHIBITED = 13
ERRORS = frozenset((UNREACHABLE, TIME_EXCEEDED, 4, 5, 12))


@dataclass(frozen=True, slots=True)
class IcmpMessage:
    """A message; `rest` is the second 32-bit word (identifier and sequence of an echo, MTU of an unreachable)."""

    kind: int
    code: int
    rest: int
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> IcmpMessage:
        """Read a message and check its checksum."""
        if len(data) < 8:
            raise WireError(f"ICMP message of {len(data)} octets")
        if internet_checksum(data):
            raise WireError("ICMP checksum")
        return cls(data[0], data[1], int.from_bytes(data[4:8], "big"), data[8:])

    def pack(self) -> bytes:
        """The octets with their checksum."""
        tail = self.rest.to_bytes(4, "big") + self.payload
        checksum = internet_checksum(bytes((self.kind, self.code, 0, 0)) + tail)
        return bytes((self.kind, self.code)) + checksum.to_bytes(2, "big") + tail


def echo(kind: int, identifier: int, sequence: int, payload: bytes) -> IcmpMessage:
    """An echo request or reply."""
    return IcmpMessage(kind, 0, (identifier & 0xFFFF) << 16 | sequence & 0xFFFF, payload)

"""ICMP for IPv6 (RFC 4443)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address

from iosemu.wire.checksum import internet_checksum, pseudo_header
from iosemu.wire.errors import WireError
from iosemu.wire.ipv6 import ICMPV6

UNREACHABLE, PACKET_TOO_BIG, TIME_EXCEEDED, PARAMETER_PROBLEM = 1, 2, 3, 4
ECHO_REQUEST, ECHO_REPLY = 128, 129
ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT, NEIGHBOR_SOLICITATION, NEIGHBOR_ADVERTISEMENT, REDIRECT = range(133, 138)
# Codes of an unreachable.
NO_ROUTE, PROHIBITED, BEYOND_SCOPE, ADDRESS_UNREACHABLE, PORT_UNREACHABLE = 0, 1, 2, 3, 4
HOP_LIMIT_EXCEEDED, REASSEMBLY_TIME_EXCEEDED = 0, 1
# Codes of a parameter problem.
ERRONEOUS_FIELD, UNKNOWN_NEXT_HEADER, UNKNOWN_OPTION = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Icmp6Message:
    """A message; `rest` is the second 32-bit word (identifier and sequence of an echo, MTU, pointer)."""

    kind: int
    code: int
    rest: int
    payload: bytes

    @property
    def is_error(self) -> bool:
        """Whether the message reports on a packet, which is quoted in `payload`."""
        return self.kind < 128

    @classmethod
    def parse(cls, data: bytes, source: IPv6Address, destination: IPv6Address) -> Icmp6Message:
        """Read a message and check its checksum."""
        if len(data) < 8:
            raise WireError(f"ICMPv6 message of {len(data)} octets")
        if internet_checksum(pseudo_header(source, destination, ICMPV6, len(data)) + data):
            raise WireError("ICMPv6 checksum")
        return cls(data[0], data[1], int.from_bytes(data[4:8], "big"), data[8:])

    def pack(self, source: IPv6Address, destination: IPv6Address) -> bytes:
        """The octets with the checksum over the pseudo header."""
        head, tail = bytes((self.kind, self.code)), self.rest.to_bytes(4, "big") + self.payload
        pseudo = pseudo_header(source, destination, ICMPV6, 4 + len(tail))
        return head + internet_checksum(pseudo + head + b"\x00\x00" + tail).to_bytes(2, "big") + tail


def echo(kind: int, identifier: int, sequence: int, payload: bytes) -> Icmp6Message:
    """An echo request or reply."""
    return Icmp6Message(kind, 0, (identifier & 0xFFFF) << 16 | sequence & 0xFFFF, payload)

"""IGMP version 2 (RFC 2236)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError

ALL_SYSTEMS = IPv4Address("224.0.0.1")
ALL_ROUTERS = IPv4Address("224.0.0.2")


class IgmpType(IntEnum):
    """Kinds of messages."""

    QUERY = 0x11
    REPORT = 0x16
    LEAVE = 0x17


@dataclass(frozen=True, slots=True)
class IgmpMessage:
    """A message about `group`, which is 0.0.0.0 in a general query; `delay` is the longest one of an answer, in tenths
    of a second."""

    kind: int
    group: IPv4Address
    delay: int = 0

    @classmethod
    def parse(cls, data: bytes) -> IgmpMessage:
        """Read a message; raises WireError when it is short or its checksum is wrong."""
        if len(data) < 8 or internet_checksum(data):
            raise WireError("IGMP message")
        return cls(data[0], IPv4Address(data[4:8]), data[1])

    def pack(self) -> bytes:
        """The octets of the message."""
        head, tail = bytes((self.kind, self.delay)), self.group.packed
        return head + internet_checksum(head + b"\x00\x00" + tail).to_bytes(2, "big") + tail

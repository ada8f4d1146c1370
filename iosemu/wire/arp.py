"""ARP for IPv4 over Ethernet (RFC 826)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.wire.errors import WireError

REQUEST = 1
REPLY = 2
_HEADER = bytes.fromhex("0001080006 04".replace(" ", ""))


@dataclass(frozen=True, slots=True)
class ArpPacket:
    """A request or a reply."""

    operation: int
    sender_mac: bytes
    sender: IPv4Address
    target_mac: bytes
    target: IPv4Address

    @classmethod
    def parse(cls, data: bytes) -> ArpPacket:
        """Read a packet; trailing padding is ignored."""
        if len(data) < 28 or data[:6] != _HEADER:
            raise WireError("not an ARP packet for IPv4 over Ethernet")
        return cls(
            int.from_bytes(data[6:8], "big"),
            data[8:14],
            IPv4Address(data[14:18]),
            data[18:24],
            IPv4Address(data[24:28]),
        )

    def pack(self) -> bytes:
        """The 28 octets of the packet."""
        return b"".join(
            (
                _HEADER,
                self.operation.to_bytes(2, "big"),
                self.sender_mac,
                self.sender.packed,
                self.target_mac,
                self.target.packed,
            )
        )

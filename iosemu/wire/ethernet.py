"""Ethernet II frames."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.wire.errors import WireError

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_ARP = 0x0806
BROADCAST = b"\xff" * 6


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame without FCS; addresses are six octets."""

    destination: bytes
    source: bytes
    ethertype: int
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> Frame:
        """Read a frame; raises WireError when it is shorter than its header."""
        if len(data) < 14:
            raise WireError(f"Ethernet frame of {len(data)} octets")
        return cls(data[:6], data[6:12], int.from_bytes(data[12:14], "big"), data[14:])

    def pack(self) -> bytes:
        """The octets of the frame, not padded to the 60-octet minimum."""
        return self.destination + self.source + self.ethertype.to_bytes(2, "big") + self.payload


def format_mac(address: bytes) -> str:
    """IOS form: `5254.0012.3456`."""
    digits = address.hex()
    return ".".join(digits[i : i + 4] for i in (0, 4, 8))

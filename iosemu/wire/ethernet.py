"""Ethernet II frames."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.wire.errors import WireError

# EtherTypes, as they stand in a frame.
IPV4, ARP, TAGGED, IPV6 = b"\x08\x00", b"\x08\x06", b"\x81\x00", b"\x86\xdd"
HEADER_LENGTH = 14
BROADCAST = b"\xff" * 6


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame without FCS; addresses are six octets, the EtherType is two."""

    destination: bytes
    source: bytes
    ethertype: bytes
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> Frame:
        """Read a frame; raises WireError when it is shorter than its header."""
        if len(data) < HEADER_LENGTH:
            raise WireError(f"Ethernet frame of {len(data)} octets")
        return cls(data[:6], data[6:12], data[12:HEADER_LENGTH], data[HEADER_LENGTH:])

    def pack(self) -> bytes:
        """The octets of the frame, not padded to the 60-octet minimum."""
        return self.destination + self.source + self.ethertype + self.payload


def format_mac(address: bytes) -> str:
    """IOS form: `5254.0012.3456`."""
    digits = address.hex()
    return ".".join(digits[i : i + 4] for i in (0, 4, 8))

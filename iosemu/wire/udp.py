"""UDP (RFC 768)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.wire.checksum import IpAddress, internet_checksum, pseudo_header
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import UDP

HEADER_LENGTH = 8


@dataclass(frozen=True, slots=True)
class UdpDatagram:
    """A datagram without its IP header."""

    source_port: int
    destination_port: int
    payload: bytes

    @classmethod
    def parse(cls, data: bytes, source: IpAddress, destination: IpAddress, *, unfinished: bool = False) -> UdpDatagram:
        """Read a datagram; a checksum of zero means that the sender made none. With `unfinished` the checksum is not
        looked at: a capture taken at the sender has it before the network card fills it in."""
        if len(data) < 8:
            raise WireError(f"UDP datagram of {len(data)} octets")
        length = int.from_bytes(data[4:6], "big")
        if length < 8 or length > len(data):
            raise WireError("UDP length")
        data = data[:length]
        if (
            not unfinished
            and data[6:8] != b"\x00\x00"
            and internet_checksum(pseudo_header(source, destination, UDP, length) + data)
        ):
            raise WireError("UDP checksum")
        return cls(int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big"), data[8:])

    def pack(self, source: IpAddress, destination: IpAddress) -> bytes:
        """The octets with the checksum over the pseudo header."""
        length = 8 + len(self.payload)
        head = (
            self.source_port.to_bytes(2, "big") + self.destination_port.to_bytes(2, "big") + length.to_bytes(2, "big")
        )
        total = pseudo_header(source, destination, UDP, length) + head + b"\x00\x00" + self.payload
        return head + (internet_checksum(total) or 0xFFFF).to_bytes(2, "big") + self.payload

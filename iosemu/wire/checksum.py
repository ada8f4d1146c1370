"""The Internet checksum (RFC 1071)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

IpAddress = IPv4Address | IPv6Address


def internet_checksum(data: bytes) -> int:
    """One's complement of the one's complement sum of the 16-bit words of `data`, zero-padded to an even length."""
    if len(data) % 2:
        data += b"\x00"
    # 2**16 is 1 modulo 0xffff, so the big number modulo 0xffff is the folded sum of its 16-bit digits.
    total = int.from_bytes(data, "big")
    folded = total % 0xFFFF
    if folded == 0 and total:
        folded = 0xFFFF
    return folded ^ 0xFFFF


def pseudo_header(source: IpAddress, destination: IpAddress, protocol: int, length: int) -> bytes:
    """What the checksum of an upper layer covers besides (RFC 9293 section 3.1, RFC 8200 section 8.1)."""
    ends = source.packed + destination.packed
    if source.version == 4:
        return ends + bytes((0, protocol)) + length.to_bytes(2, "big")
    return ends + length.to_bytes(4, "big") + bytes((0, 0, 0, protocol))

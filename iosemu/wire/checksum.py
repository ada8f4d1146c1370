"""The Internet checksum (RFC 1071)."""

from __future__ import annotations


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

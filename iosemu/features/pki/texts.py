"""How IOS writes what is in certificates."""

from __future__ import annotations

from hashlib import md5, sha1, sha256

_DIGESTS = {32: md5, 40: sha1, 64: sha256}


def grouped_digits(digits: str) -> str:
    """Hexadecimal digits in groups of eight."""
    return " ".join(digits[start : start + 8] for start in range(0, len(digits), 8))


def grouped(data: bytes) -> str:
    """Octets as groups of eight hexadecimal digits."""
    return grouped_digits(data.hex().upper())


def fingerprint_md5(data: bytes) -> str:
    """`D9E4599D C573463B 07F2FBD6 620DB523`."""
    return grouped(md5(data, usedforsecurity=False).digest())


def fingerprint_sha1(data: bytes) -> str:
    """The same with SHA-1."""
    return grouped(sha1(data, usedforsecurity=False).digest())


def has_fingerprint(data: bytes, digits: str) -> bool:
    """Whether a fingerprint, of a kind that its length tells, is that of some octets."""
    digest = _DIGESTS.get(len(digits))
    return digest is not None and digest(data).hexdigest().upper() == digits


def serial_text(number: int) -> str:
    """A serial number in whole octets, `0A`."""
    digits = f"{number:X}"
    return digits.zfill(len(digits) + len(digits) % 2)

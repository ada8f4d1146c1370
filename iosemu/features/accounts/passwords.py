"""The password types of IOS: 0 clear, 5 MD5-crypt, 7 the reversible one, 8 PBKDF2, 9 scrypt."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# The key of type 7 has been public since 1995; the type hides a password from a glance, no more.
_TYPE_7_KEY = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
SALT_LENGTH = 14
MD5_SALT_LENGTH = 4
PBKDF2_ROUNDS = 20000


@dataclass(frozen=True, slots=True)
class Secret:
    """A password as it is stored: its type, and the text behind it."""

    kind: int
    text: str = field(repr=False)

    @property
    def clear(self) -> str | None:
        """The password itself, None where the type cannot be reversed."""
        if self.kind == 0:
            return self.text
        return decode_7(self.text) if self.kind == 7 else None

    def verify(self, attempt: str) -> bool:
        """Whether a typed password is the right one."""
        if self.kind in (0, 7):
            stored = self.clear
            return stored is not None and hmac.compare_digest(stored.encode(), attempt.encode())
        parts = self.text.split("$")
        if len(parts) != 4:
            return False
        computed = _HASHES[self.kind](attempt.encode(), parts[2].encode())
        return hmac.compare_digest(computed.encode(), parts[3].encode())


def hashed(password: str, random: Callable[[int], bytes], kind: int = 9) -> Secret:
    """A new secret of type 5, 8 or 9."""
    length = MD5_SALT_LENGTH if kind == 5 else SALT_LENGTH
    salt = "".join(ALPHABET[octet & 0x3F] for octet in random(length))
    sign = {5: 1, 8: 8, 9: 9}[kind]
    return Secret(kind, f"${sign}${salt}${_HASHES[kind](password.encode(), salt.encode())}")


def well_formed(kind: int, text: str) -> bool:
    """Whether a stored form can be one of its type."""
    if kind == 0:
        return True
    if kind == 7:
        return decode_7(text) is not None
    parts = text.split("$")
    lengths = {5: 22, 8: 43, 9: 43}
    return len(parts) == 4 and parts[1] == {5: "1", 8: "8", 9: "9"}[kind] and len(parts[3]) == lengths[kind]


def encode_7(password: str, offset: int) -> str:
    """The type 7 form with an offset of 0 to 15."""
    octets = password.encode()
    mixed = bytes(octet ^ _TYPE_7_KEY[(offset + i) % len(_TYPE_7_KEY)] for i, octet in enumerate(octets))
    return f"{offset:02d}{mixed.hex().upper()}"


def decode_7(text: str) -> str | None:
    """The password of a type 7 form, None when it is none."""
    try:
        offset, mixed = int(text[:2]), bytes.fromhex(text[2:])
        octets = bytes(octet ^ _TYPE_7_KEY[(offset + i) % len(_TYPE_7_KEY)] for i, octet in enumerate(mixed))
        return octets.decode()
    except ValueError:
        return None


def _pack(digest: bytes) -> str:
    """Base64 with the alphabet of crypt."""
    return base64.b64encode(digest).decode().rstrip("=").translate(str.maketrans(_BASE64, ALPHABET))


def _pbkdf2(password: bytes, salt: bytes) -> str:
    return _pack(hashlib.pbkdf2_hmac("sha256", password, salt, PBKDF2_ROUNDS))


def _scrypt(password: bytes, salt: bytes) -> str:
    return _pack(hashlib.scrypt(password, salt=salt, n=16384, r=1, p=1, dklen=32))


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _md5_crypt(password: bytes, salt: bytes) -> str:
    """The `$1$` scheme of crypt(3)."""
    salt = salt[:8]
    inner = _md5(password + salt + password)
    data = password + b"$1$" + salt + (inner * (len(password) // 16 + 1))[: len(password)]
    length = len(password)
    while length:
        data += b"\x00" if length & 1 else password[:1]
        length >>= 1
    digest = _md5(data)
    for turn in range(1000):
        mixed = password if turn & 1 else digest
        mixed += salt if turn % 3 else b""
        mixed += password if turn % 7 else b""
        digest = _md5(mixed + (digest if turn & 1 else password))
    triples = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))
    groups = [(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in triples] + [(digest[11], 2)]
    return "".join(ALPHABET[value >> 6 * place & 0x3F] for value, count in groups for place in range(count))


_HASHES: dict[int, Callable[[bytes, bytes], str]] = {5: _md5_crypt, 8: _pbkdf2, 9: _scrypt}

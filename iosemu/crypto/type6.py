"""Passwords that a master key seals: AES-SIV (RFC 5297), so that the same password always looks the same."""

from __future__ import annotations

import base64
import hashlib
from binascii import Error as Base32Error

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

# AES-128-SIV takes two keys of 16 octets.
KEY_OCTETS = 32
CONTEXT = b"iosemu type 6"


def derive(master: str) -> bytes:
    """The sealing key of a master password."""
    return hashlib.scrypt(master.encode(), salt=CONTEXT, n=16384, r=8, p=1, dklen=KEY_OCTETS)


def seal(key: bytes, password: str) -> str:
    """The sealed form: capital letters and digits."""
    sealed = AESSIV(key).encrypt(password.encode(), [CONTEXT])
    return base64.b32encode(sealed).decode().rstrip("=")


def unseal(key: bytes, text: str) -> str | None:
    """The password, None when the text was not sealed by this key."""
    try:
        sealed = base64.b32decode(text + "=" * (-len(text) % 8))
        return AESSIV(key).decrypt(sealed, [CONTEXT]).decode()
    except (Base32Error, InvalidTag, ValueError):
        return None

"""The errors of this room."""

from __future__ import annotations


class CryptoError(ValueError):
    """A key, a public value or a ciphertext is not acceptable."""


class IntegrityError(CryptoError):
    """The integrity check value of a packet is wrong."""

"""Objects that somebody pastes, as PEM or as bare base64."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator

from iosemu.cli import Step, pasted_text
from iosemu.crypto import pem
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError


def octets_of(text: str) -> bytes:
    """The octets of the first PEM block, or of bare base64; raises CryptoError."""
    blocks = pem.parse(f"{text}\n".encode())
    if blocks:
        return blocks[0].data
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CryptoError("neither PEM nor base64") from error


def pasted_octets(what: str) -> Generator[Step, str | None, bytes]:
    """Ask for an object in base64; raises CryptoError."""
    yield f"\nEnter the base 64 encoded {what}.\n"
    yield 'End with a blank line or the word "quit" on a line by itself\n\n'
    return octets_of((yield from pasted_text(blank_ends=True)))


def pasted_certificate(what: str) -> Generator[Step, str | None, Certificate]:
    """Ask for a certificate; raises CryptoError."""
    return Certificate.parse((yield from pasted_octets(what)))

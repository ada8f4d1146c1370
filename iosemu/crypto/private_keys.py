"""Private keys as octets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.crypto.errors import CryptoError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


def private_octets(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, form: str) -> bytes:
    """DER, not encrypted; `form` is "PKCS8" or "TraditionalOpenSSL"."""
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.DER, getattr(serialization.PrivateFormat, form), serialization.NoEncryption()
    )


def load_private(text: bytes, passphrase: str | None = None) -> PrivateKeyTypes:
    """A PEM key of any kind; raises CryptoError when there is none or the passphrase is wrong."""
    from cryptography.hazmat.primitives import serialization

    try:
        return serialization.load_pem_private_key(text, passphrase.encode() if passphrase is not None else None)
    except Exception as error:
        raise CryptoError("no private key in the text") from error


def load_private_der(data: bytes) -> PrivateKeyTypes:
    """A key in DER, PKCS #8 or the older form; raises CryptoError when there is none."""
    from cryptography.hazmat.primitives import serialization

    try:
        return serialization.load_der_private_key(data, None)
    except Exception as error:
        raise CryptoError("no private key in the octets") from error

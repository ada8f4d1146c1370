"""Private keys as octets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iosemu.crypto import pem
from iosemu.crypto.errors import CryptoError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key pair in the forms in which it is kept and handed over; none of them is encrypted."""

    _key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)

    def to_pem(self) -> bytes:
        """The pair for the private store: PKCS #8."""
        return pem.encode("PRIVATE KEY", self.to_pkcs8())

    def to_pkcs8(self) -> bytes:
        """DER PrivateKeyInfo."""
        return self._octets("PKCS8")

    def to_traditional(self) -> bytes:
        """DER in the older form of each algorithm: RSAPrivateKey, ECPrivateKey."""
        return self._octets("TraditionalOpenSSL")

    def public_spki(self) -> bytes:
        """The public half as DER SubjectPublicKeyInfo, the form of SIG_ALGORITHM_KEY."""
        from cryptography.hazmat.primitives import serialization

        return self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def _octets(self, form: str) -> bytes:
        from cryptography.hazmat.primitives import serialization

        return self._key.private_bytes(
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

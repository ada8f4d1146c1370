"""RSA keys: rekey signatures (RFC 6407 section 5.3.7) and, for IKE, signatures over a bare hash (RFC 2409 5.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.suites import HASHES

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

PUBLIC_EXPONENT = 65537
# DER of DigestInfo in front of the hash (RFC 8017 section 9.2 note 1).
_DIGEST_INFO = {
    "md5": bytes.fromhex("3020300c06082a864886f70d020505000410"),
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


@dataclass(frozen=True, slots=True)
class RsaPublicKey:
    """The half that group members download."""

    spki: bytes
    _key: rsa.RSAPublicKey = field(repr=False, compare=False)

    @classmethod
    def from_spki(cls, der: bytes) -> RsaPublicKey:
        """Read a DER SubjectPublicKeyInfo; raises CryptoError when it holds no RSA key."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        try:
            key = serialization.load_der_public_key(der)
        except Exception as error:
            raise CryptoError("no public key in the octets") from error
        if not isinstance(key, rsa.RSAPublicKey):
            raise CryptoError("the public key is not an RSA key")
        return cls(der, key)

    @property
    def bits(self) -> int:
        """Size of the modulus."""
        return self._key.key_size

    def verify(self, hash_name: str, data: bytes, signature: bytes) -> bool:
        """Check an EMSA-PKCS1-v1_5 signature, with the DigestInfo of RFC 6407 or with the bare hash of older peers."""
        from cryptography.hazmat.primitives.asymmetric import padding

        try:
            recovered = self._key.recover_data_from_signature(signature, padding.PKCS1v15(), None)
        except Exception:
            return False
        digest = HASHES[hash_name].digest(data)
        return recovered in (_DIGEST_INFO[hash_name] + digest, digest)


@dataclass(frozen=True, slots=True)
class RsaKey:
    """A key pair."""

    _key: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def generate(cls, bits: int, random: RandomBytes | None = None) -> RsaKey:
        """A new pair from the library, or from `random` when a lab must repeat itself byte for byte."""
        from cryptography.hazmat.primitives.asymmetric import rsa

        if random is None:
            return cls(rsa.generate_private_key(PUBLIC_EXPONENT, bits))
        first = _prime(bits - bits // 2, random)
        second = _prime(bits // 2, random)
        while second == first:
            second = _prime(bits // 2, random)
        return cls(_assemble(first, second))

    @classmethod
    def from_pem(cls, pem: bytes) -> RsaKey:
        """Read an unencrypted private key; raises CryptoError when there is none."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        try:
            key = serialization.load_pem_private_key(pem, None)
        except Exception as error:
            raise CryptoError("no private key in the file") from error
        if not isinstance(key, rsa.RSAPrivateKey):
            raise CryptoError("the private key is not an RSA key")
        return cls(key)

    def to_pem(self) -> bytes:
        """The pair for the private store: PKCS #8, not encrypted."""
        from cryptography.hazmat.primitives import serialization

        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def bits(self) -> int:
        """Size of the modulus."""
        return self._key.key_size

    @property
    def signature_size(self) -> int:
        """Octets of a signature."""
        return (self.bits + 7) // 8

    def public_spki(self) -> bytes:
        """DER SubjectPublicKeyInfo, the form of SIG_ALGORITHM_KEY."""
        from cryptography.hazmat.primitives import serialization

        return self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, hash_name: str, data: bytes) -> bytes:
        """EMSA-PKCS1-v1_5 with DigestInfo."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        algorithm: hashes.HashAlgorithm = getattr(hashes, hash_name.upper())()
        return self._key.sign(data, padding.PKCS1v15(), algorithm)


def _prime(bits: int, random: RandomBytes) -> int:
    import gmpy2

    while True:
        # The two top bits set make the product have its full length.
        start = int.from_bytes(random((bits + 7) // 8), "big") % (1 << bits) | 3 << (bits - 2) | 1
        candidate = int(gmpy2.next_prime(start))
        if candidate.bit_length() == bits and candidate % PUBLIC_EXPONENT != 1:
            return candidate


def _assemble(first: int, second: int) -> rsa.RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    p, q = max(first, second), min(first, second)
    private = pow(PUBLIC_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(PUBLIC_EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, private, private % (p - 1), private % (q - 1), pow(q, -1, p), public)
    return numbers.private_key()

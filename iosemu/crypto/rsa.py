"""RSA keys: signatures of rekeys (RFC 6407 section 5.3.7) and certificates, those of IKE over a bare hash (RFC 2409
section 5.1), and key transport (RFC 8017 section 7.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from os import urandom
from typing import TYPE_CHECKING, Literal

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.private_keys import PrivateKey, load_private
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.suites import HASHES

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

PUBLIC_EXPONENT = 65537
# The library makes no smaller pairs; IOS does, and labs show why one should not.
_SMALLEST_OF_LIBRARY = 1024
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
    """The half that everybody may have."""

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

    @property
    def kind(self) -> Literal["rsa"]:
        """The algorithm."""
        return "rsa"

    def verify(self, hash_name: str, data: bytes, signature: bytes) -> bool:
        """Check an EMSA-PKCS1-v1_5 signature."""
        return self.verify_bare(_DIGEST_INFO[hash_name] + HASHES[hash_name].digest(data), signature)

    def verify_bare(self, digest: bytes, signature: bytes) -> bool:
        """Check a signature that holds a hash without DigestInfo in front."""
        from cryptography.hazmat.primitives.asymmetric import padding, utils

        try:
            return self._key.recover_data_from_signature(signature, padding.PKCS1v15(), utils.NoDigestInfo()) == digest
        except Exception:
            return False

    def encrypt(self, data: bytes, random: RandomBytes) -> bytes:
        """Key transport, RSAES-PKCS1-v1_5; raises CryptoError for more octets than fit."""
        import gmpy2

        size = (self.bits + 7) // 8
        filler = size - 3 - len(data)
        if filler < 8:
            raise CryptoError("too much for the key")
        padding = b""
        while len(padding) < filler:
            padding += random(filler - len(padding)).replace(b"\0", b"")
        numbers = self._key.public_numbers()
        block = int.from_bytes(b"\0\2" + padding + b"\0" + data, "big")
        return int(gmpy2.powmod(block, numbers.e, numbers.n)).to_bytes(size, "big")


@dataclass(frozen=True, slots=True)
class RsaKey(PrivateKey):
    """A key pair."""

    _key: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def generate(cls, bits: int, random: RandomBytes | None = None) -> RsaKey:
        """A new pair from the library, or from `random` when a lab must repeat itself byte for byte."""
        from cryptography.hazmat.primitives.asymmetric import rsa

        if random is None and bits >= _SMALLEST_OF_LIBRARY:
            return cls(rsa.generate_private_key(PUBLIC_EXPONENT, bits))
        random = random or urandom
        first = _prime(bits - bits // 2, random)
        second = _prime(bits // 2, random)
        while second == first:
            second = _prime(bits // 2, random)
        return cls(_assemble(first, second))

    @classmethod
    def from_pem(cls, text: bytes) -> RsaKey:
        """Read an unencrypted private key; raises CryptoError when there is none."""
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = load_private(text)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise CryptoError("the private key is not an RSA key")
        return cls(key)

    @property
    def bits(self) -> int:
        """Size of the modulus."""
        return self._key.key_size

    @property
    def kind(self) -> Literal["rsa"]:
        """The algorithm."""
        return "rsa"

    @property
    def public(self) -> RsaPublicKey:
        """The other half."""
        return RsaPublicKey(self.public_spki(), self._key.public_key())

    @property
    def signature_size(self) -> int:
        """Octets of a signature."""
        return (self.bits + 7) // 8

    def sign(self, hash_name: str, data: bytes) -> bytes:
        """EMSA-PKCS1-v1_5 with DigestInfo."""
        return self.sign_bare(_DIGEST_INFO[hash_name] + HASHES[hash_name].digest(data))

    def sign_bare(self, digest: bytes) -> bytes:
        """Block type 1 over a hash as it is, as IKE has it."""
        from cryptography.hazmat.primitives.asymmetric import padding, utils

        return self._key.sign(digest, padding.PKCS1v15(), utils.NoDigestInfo())

    def decrypt(self, data: bytes) -> bytes:
        """The octets that were encrypted to this key; raises CryptoError when they were not (or gives others)."""
        from cryptography.hazmat.primitives.asymmetric import padding

        try:
            return self._key.decrypt(data, padding.PKCS1v15())
        except ValueError as error:
            raise CryptoError("not encrypted to this key") from error


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

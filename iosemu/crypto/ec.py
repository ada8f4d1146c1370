"""Elliptic curve keys: ECDSA for certificates (RFC 5480, 5758) and for IKE (RFC 4754)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.private_keys import PrivateKey, load_private
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.suites import HASHES

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

CURVE_SIZES = (256, 384, 521)
_HASH_BY_SIZE = {algorithm.digest_size: algorithm.name for algorithm in HASHES.values()}


@dataclass(frozen=True, slots=True)
class EcPublicKey:
    """The half that everybody may have."""

    spki: bytes
    _key: ec.EllipticCurvePublicKey = field(repr=False, compare=False)

    @property
    def bits(self) -> int:
        """Size of the curve."""
        return self._key.curve.key_size

    @property
    def kind(self) -> Literal["ec"]:
        """The algorithm."""
        return "ec"

    def verify(self, hash_name: str, data: bytes, signature: bytes) -> bool:
        """Check a signature in DER."""
        return self._verify(HASHES[hash_name].digest(data), signature)

    def verify_bare(self, digest: bytes, signature: bytes) -> bool:
        """Check r and s side by side, each as long as the order of the curve, over a hash as it is."""
        from cryptography.hazmat.primitives.asymmetric import utils

        size = (self.bits + 7) // 8
        if len(signature) != 2 * size:
            return False
        r, s = (int.from_bytes(part, "big") for part in (signature[:size], signature[size:]))
        return self._verify(digest, utils.encode_dss_signature(r, s))

    def _verify(self, digest: bytes, signature: bytes) -> bool:
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        try:
            self._key.verify(signature, digest, ec.ECDSA(utils.Prehashed(_hash_of(digest))))
        except Exception:
            return False
        return True


@dataclass(frozen=True, slots=True)
class EcKey(PrivateKey):
    """A key pair."""

    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def generate(cls, bits: int, random: RandomBytes | None = None) -> EcKey:
        """A new pair on P-256, P-384 or P-521: from the library, or from `random` when a lab must repeat itself byte
        for byte."""
        from cryptography.hazmat.primitives.asymmetric import ec

        if bits not in CURVE_SIZES:
            raise CryptoError(f"no curve of {bits} bits")
        curve: ec.EllipticCurve = getattr(ec, f"SECP{bits}R1")()
        if random is None:
            return cls(ec.generate_private_key(curve))
        while True:
            secret = int.from_bytes(random((bits + 7) // 8), "big") % (1 << bits)
            try:
                return cls(ec.derive_private_key(secret, curve))
            except ValueError:
                # Zero, or not below the order of the curve: the next one will do.
                continue

    @classmethod
    def from_pem(cls, text: bytes) -> EcKey:
        """Read an unencrypted private key; raises CryptoError when there is none."""
        from cryptography.hazmat.primitives.asymmetric import ec

        key = load_private(text)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.key_size not in CURVE_SIZES:
            raise CryptoError("the private key is not on a curve of use here")
        return cls(key)

    @property
    def bits(self) -> int:
        """Size of the curve."""
        return self._key.curve.key_size

    @property
    def kind(self) -> Literal["ec"]:
        """The algorithm."""
        return "ec"

    @property
    def public(self) -> EcPublicKey:
        """The other half."""
        return EcPublicKey(self.public_spki(), self._key.public_key())

    def sign(self, hash_name: str, data: bytes) -> bytes:
        """A signature in DER."""
        return self._sign(HASHES[hash_name].digest(data))

    def sign_bare(self, digest: bytes) -> bytes:
        """r and s side by side over a hash as it is, as IKE has it."""
        from cryptography.hazmat.primitives.asymmetric import utils

        size = (self.bits + 7) // 8
        return b"".join(number.to_bytes(size, "big") for number in utils.decode_dss_signature(self._sign(digest)))

    def _sign(self, digest: bytes) -> bytes:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        hashed = utils.Prehashed(_hash_of(digest))
        try:
            # RFC 6979: a lab repeats itself byte for byte. Needs OpenSSL 3.2.
            return self._key.sign(digest, ec.ECDSA(hashed, deterministic_signing=True))
        except UnsupportedAlgorithm:
            return self._key.sign(digest, ec.ECDSA(hashed))


def _hash_of(digest: bytes) -> hashes.HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    name = _HASH_BY_SIZE.get(len(digest))
    if name is None:
        raise CryptoError(f"no hash of {len(digest)} octets")
    algorithm: hashes.HashAlgorithm = getattr(hashes, name.upper())()
    return algorithm

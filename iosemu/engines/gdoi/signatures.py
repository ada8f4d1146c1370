"""Signatures of rekeys: RSA with a hash of choice, ECDSA with that of its curve (RFC 6407 sections 5.3.6 and 5.3.7)."""

from __future__ import annotations

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import PublicKey, SigningKey, parse_public_key
from iosemu.crypto.suites import HASHES
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.numbers import SigAlgorithm

# Size of the curve with algorithm and hash.
CURVES = {
    256: (SigAlgorithm.ECDSA_256, "sha256"),
    384: (SigAlgorithm.ECDSA_384, "sha384"),
    521: (SigAlgorithm.ECDSA_521, "sha512"),
}
IMPLIED_HASHES = dict(CURVES.values())


def algorithm_of(key: PublicKey | SigningKey) -> SigAlgorithm:
    """The number of a key's algorithm."""
    return SigAlgorithm.RSA if key.kind == "rsa" else CURVES[key.bits][0]


def hash_of(key: PublicKey | SigningKey, configured: str) -> str:
    """The hash that a key signs: curves bring theirs."""
    return configured if key.kind == "rsa" else CURVES[key.bits][1]


def signature_size(key: PublicKey | SigningKey) -> int:
    """Octets of a signature; that of a curve is r and s side by side (RFC 4754 section 7)."""
    octets = (key.bits + 7) // 8
    return octets if key.kind == "rsa" else 2 * octets


def sign(key: SigningKey, hash_name: str, text: bytes, bare: bool = False) -> bytes:
    """Sign; `bare` leaves DigestInfo out of an RSA signature."""
    if key.kind == "rsa" and not bare:
        return key.sign(hash_name, text)
    return key.sign_bare(HASHES[hash_name].digest(text))


def is_good(key: PublicKey, hash_name: str, text: bytes, signature: bytes) -> bool:
    """Check; the hash of an RSA signature may stand without DigestInfo, as older peers have it."""
    if key.kind == "rsa" and key.verify(hash_name, text, signature):
        return True
    return key.verify_bare(HASHES[hash_name].digest(text), signature)


def read_public_key(spki: bytes, algorithm: SigAlgorithm) -> PublicKey:
    """The key of a download; raises WireError for one that is not of the algorithm."""
    try:
        key = parse_public_key(spki)
    except CryptoError as error:
        raise WireError(str(error)) from error
    if algorithm_of(key) != algorithm:
        raise WireError("the public key is not of the signature algorithm")
    return key

"""Keys of any algorithm: what a signer and a verifier can do, and how they are read."""

from __future__ import annotations

from typing import Literal, Protocol

from iosemu.crypto import pem
from iosemu.crypto.ec import CURVE_SIZES, EcKey, EcPublicKey
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.private_keys import load_private, load_private_der
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.rsa import RsaKey, RsaPublicKey

Kind = Literal["rsa", "ec"]


class PublicKey(Protocol):
    """What verifies. `spki` is DER SubjectPublicKeyInfo; hashes are named as in `suites.HASHES`."""

    @property
    def spki(self) -> bytes: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def bits(self) -> int: ...
    def verify(self, hash_name: str, data: bytes, signature: bytes) -> bool: ...
    def verify_bare(self, digest: bytes, signature: bytes) -> bool: ...


class SigningKey(Protocol):
    """What signs. Certificates use `sign`, IKE `sign_bare`."""

    @property
    def kind(self) -> Kind: ...
    @property
    def bits(self) -> int: ...
    @property
    def public(self) -> PublicKey: ...
    def sign(self, hash_name: str, data: bytes) -> bytes: ...
    def sign_bare(self, digest: bytes) -> bytes: ...
    def to_pem(self) -> bytes: ...
    def to_pkcs8(self) -> bytes: ...
    def to_traditional(self) -> bytes: ...


def parse_public_key(spki: bytes) -> PublicKey:
    """Read DER SubjectPublicKeyInfo; raises CryptoError for anything but RSA and the curves of `ec`."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = serialization.load_der_public_key(spki)
    except Exception as error:
        raise CryptoError("no public key in the octets") from error
    if isinstance(key, rsa.RSAPublicKey):
        return RsaPublicKey(spki, key)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size in CURVE_SIZES:
        return EcPublicKey(spki, key)
    raise CryptoError("a public key of no use here")


def parse_private_key(text: bytes, passphrase: str | None = None) -> SigningKey:
    """Read a PEM private key, PKCS #8 or the older forms, encrypted or not; raises CryptoError when there is none of
    use or the passphrase is wrong."""
    block = next((block for block in pem.parse(text) if block.label.endswith("PRIVATE KEY")), None)
    if block is None:
        raise CryptoError("no private key in the text")
    if block.dek is not None:
        return of_use(load_private_der(block.decrypted(passphrase or "")))
    if block.label == "ENCRYPTED PRIVATE KEY":
        return of_use(load_private(pem.encode(block.label, block.data), passphrase or ""))
    return of_use(load_private_der(block.data))


def encrypted_pem(key: SigningKey, cipher_name: str, passphrase: str, random: RandomBytes) -> bytes:
    """The pair in the older form of OpenSSL, encrypted by "des" or "3des", as `crypto key export` prints it."""
    label = f"{key.kind.upper()} PRIVATE KEY"
    return pem.encode_encrypted(label, key.to_traditional(), cipher_name, passphrase, random)


def of_use(key: object) -> SigningKey:
    """One of our key pairs from the library's; raises CryptoError for other kinds."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        return RsaKey(key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size in CURVE_SIZES:
        return EcKey(key)
    raise CryptoError("a private key of no use here")

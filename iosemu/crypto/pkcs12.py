"""PKCS #12 (RFC 7292): a key pair with its certificates under one password, in the forms that routers exchange: both
encrypted by triple DES, with a HMAC of SHA-1 over the whole."""

from __future__ import annotations

import hashlib
import hmac
import warnings
from dataclasses import dataclass, field
from typing import Any

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import SigningKey, of_use
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.suites import block_cipher

ROUNDS = 2048
LONGEST = 1 << 18
SALT_SIZE = 8
_CIPHER = block_cipher("3des")
# What a derived value is for (RFC 7292 appendix B.3).
_FOR_KEY, _FOR_IV, _FOR_MAC = 1, 2, 3
_HASH_BLOCK = 64
_HASH_SIZE = 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a file holds; `certificate` is the one of the key, `others` are those of the CAs."""

    key: SigningKey | None = field(repr=False)
    certificate: Certificate | None
    others: tuple[Certificate, ...] = ()


def parse(data: bytes, password: str) -> Bundle:
    """Open a file; raises CryptoError when it is none or the password is wrong."""
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    if len(data) > LONGEST:
        raise CryptoError("the file is too long")
    try:
        with warnings.catch_warnings():
            # Files in BER are told of on standard error otherwise.
            warnings.simplefilter("ignore")
            key, certificate, others = pkcs12.load_key_and_certificates(data, password.encode())
    except Exception as error:
        raise CryptoError("no PKCS #12, or a wrong password") from error
    return Bundle(
        of_use(key) if key is not None else None,
        Certificate.parse(certificate.public_bytes(Encoding.DER)) if certificate is not None else None,
        tuple(Certificate.parse(item.public_bytes(Encoding.DER)) for item in others),
    )


def build(bundle: Bundle, name: str, password: str, random: RandomBytes) -> bytes:
    """Make a file; `name` is shown to the person who opens it."""
    from asn1crypto import cms, pkcs12

    identifier = bundle.certificate.fingerprint("sha1") if bundle.certificate is not None else b""
    parts = [_sealed_certificates(bundle, identifier, name, password, random)]
    if bundle.key is not None:
        parts.append(cms.ContentInfo({"content_type": "data", "content": _key_bag(bundle, name, password, random)}))
    content = pkcs12.AuthenticatedSafe(parts).dump()
    salt = random(SALT_SIZE)
    mac = hmac.digest(_derive(_FOR_MAC, password, salt, _HASH_SIZE), content, "sha1")
    data: bytes = pkcs12.Pfx(
        {
            "version": "v3",
            "auth_safe": {"content_type": "data", "content": content},
            "mac_data": {
                "mac": {"digest_algorithm": {"algorithm": "sha1"}, "digest": mac},
                "mac_salt": salt,
                "iterations": ROUNDS,
            },
        }
    ).dump()
    return data


def _sealed_certificates(bundle: Bundle, identifier: bytes, name: str, password: str, random: RandomBytes) -> Any:
    from asn1crypto import cms, pkcs12, x509

    found: list[tuple[Certificate, dict[str, Any]]] = [(item, {}) for item in bundle.others]
    if bundle.certificate is not None:
        found.insert(0, (bundle.certificate, {"bag_attributes": _attributes(identifier, name)}))
    bags = [
        {
            "bag_id": "cert_bag",
            "bag_value": {"cert_id": "x509", "cert_value": x509.Certificate.load(item.der)},
            **attributes,
        }
        for item, attributes in found
    ]
    algorithm, sealed = _seal(pkcs12.SafeContents(bags).dump(), password, random)
    encrypted = {
        "content_type": "data",
        "content_encryption_algorithm": algorithm,
        "encrypted_content": sealed,
    }
    return cms.ContentInfo(
        {"content_type": "encrypted_data", "content": {"version": "v0", "encrypted_content_info": encrypted}}
    )


def _key_bag(bundle: Bundle, name: str, password: str, random: RandomBytes) -> bytes:
    from asn1crypto import pkcs12

    assert bundle.key is not None
    identifier = bundle.certificate.fingerprint("sha1") if bundle.certificate is not None else b""
    algorithm, sealed = _seal(bundle.key.to_pkcs8(), password, random)
    bag = {
        "bag_id": "pkcs8_shrouded_key_bag",
        "bag_value": {"encryption_algorithm": algorithm, "encrypted_data": sealed},
        "bag_attributes": _attributes(identifier, name),
    }
    octets: bytes = pkcs12.SafeContents([bag]).dump()
    return octets


def _attributes(identifier: bytes, name: str) -> list[dict[str, Any]]:
    return [
        {"type": "friendly_name", "values": [name]},
        {"type": "local_key_id", "values": [identifier]},
    ]


def _seal(data: bytes, password: str, random: RandomBytes) -> tuple[dict[str, Any], bytes]:
    salt = random(SALT_SIZE)
    padding = _CIPHER.block_size - len(data) % _CIPHER.block_size
    key = _derive(_FOR_KEY, password, salt, _CIPHER.key_size)
    iv = _derive(_FOR_IV, password, salt, _CIPHER.block_size)
    algorithm = {
        "algorithm": "pkcs12_sha1_tripledes_3key",
        "parameters": {"salt": salt, "iterations": ROUNDS},
    }
    return algorithm, _CIPHER.encrypt(key, iv, data + bytes([padding]) * padding)


def _derive(purpose: int, password: str, salt: bytes, size: int) -> bytes:
    """RFC 7292 appendix B.2 with SHA-1."""
    text = (password + "\0").encode("utf-16-be")
    block = bytearray(_filled(salt) + _filled(text))
    derived = b""
    while True:
        digest = bytes([purpose]) * _HASH_BLOCK + block
        for _ in range(ROUNDS):
            digest = hashlib.sha1(digest).digest()
        derived += digest
        if len(derived) >= size:
            return derived[:size]
        step = int.from_bytes(_filled(digest), "big") + 1
        for start in range(0, len(block), _HASH_BLOCK):
            part = int.from_bytes(block[start : start + _HASH_BLOCK], "big") + step
            block[start : start + _HASH_BLOCK] = (part % (1 << 8 * _HASH_BLOCK)).to_bytes(_HASH_BLOCK, "big")


def _filled(data: bytes) -> bytes:
    """Repeated up to whole blocks of the hash."""
    size = -(-len(data) // _HASH_BLOCK) * _HASH_BLOCK
    return (data * (size // len(data) + 1))[:size]

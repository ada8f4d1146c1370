"""Data enveloped for the owner of an RSA key (RFC 5652 section 6), as far as SCEP needs it."""

from __future__ import annotations

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.cms import LONGEST, issuer_and_serial
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import SigningKey
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.rsa import RsaKey, RsaPublicKey
from iosemu.crypto.suites import BlockCipher, block_cipher

# asn1crypto's name: cipher.
_CIPHERS = {
    "des": block_cipher("des"),
    "tripledes_3key": block_cipher("3des"),
    "aes128_cbc": block_cipher("aes", 128),
    "aes192_cbc": block_cipher("aes", 192),
    "aes256_cbc": block_cipher("aes", 256),
}
_NAMES = {cipher: name for name, cipher in _CIPHERS.items()}


def envelope(content: bytes, recipient: Certificate, cipher: BlockCipher, random: RandomBytes) -> bytes:
    """Encrypt for the owner of a certificate; raises CryptoError unless its key is an RSA key."""
    from asn1crypto import cms, core

    if not isinstance(recipient.public_key, RsaPublicKey):
        raise CryptoError("only RSA keys can be encrypted to")
    key, iv = random(cipher.key_size), random(cipher.block_size)
    padding = cipher.block_size - len(content) % cipher.block_size
    recipient_info = cms.KeyTransRecipientInfo(
        {
            "version": "v0",
            "rid": cms.RecipientIdentifier("issuer_and_serial_number", issuer_and_serial(recipient)),
            "key_encryption_algorithm": {"algorithm": "rsaes_pkcs1v15", "parameters": core.Null()},
            "encrypted_key": recipient.public_key.encrypt(key, random),
        }
    )
    data: bytes = cms.ContentInfo(
        {
            "content_type": "enveloped_data",
            "content": {
                "version": "v0",
                "recipient_infos": [cms.RecipientInfo("ktri", recipient_info)],
                "encrypted_content_info": {
                    "content_type": "data",
                    "content_encryption_algorithm": {"algorithm": _NAMES[cipher], "parameters": core.OctetString(iv)},
                    "encrypted_content": cipher.encrypt(key, iv, content + bytes([padding]) * padding),
                },
            },
        }
    ).dump()
    return data


def open_envelope(data: bytes, key: SigningKey) -> tuple[bytes, BlockCipher]:
    """The content and how it was encrypted; raises CryptoError."""
    if len(data) > LONGEST:
        raise CryptoError("the message is too long")
    try:
        return _open_envelope(data, key)
    except CryptoError:
        raise
    except Exception as error:
        raise CryptoError("the octets are no enveloped data") from error


def _open_envelope(data: bytes, key: SigningKey) -> tuple[bytes, BlockCipher]:
    from asn1crypto import cms

    from iosemu.crypto import asn1

    info = cms.ContentInfo.load(data)
    if info["content_type"].native != "enveloped_data" or not isinstance(key, RsaKey):
        raise CryptoError("the octets are no enveloped data for this key")
    recipient, encrypted = info["content"]["recipient_infos"][0], info["content"]["encrypted_content_info"]
    algorithm = encrypted["content_encryption_algorithm"]
    cipher = _CIPHERS.get(algorithm["algorithm"].native)
    if recipient.name != "ktri" or cipher is None:
        raise CryptoError("encrypted in a way of no use here")
    content_key = key.decrypt(recipient.chosen["encrypted_key"].native)
    # asn1crypto takes content in pieces only where its length is left open.
    content = asn1.octets(asn1.elements(encrypted.contents)[2])
    padded = cipher.decrypt(content_key, algorithm["parameters"].native, content)
    if not 1 <= padded[-1] <= cipher.block_size:
        raise CryptoError("not encrypted to this key")
    return padded[: -padded[-1]], cipher

"""Sealing and opening the body of ESP packets (RFC 4303, 2404, 3602, 4106, 4543, 4868)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Protocol

from iosemu.crypto.errors import CryptoError, IntegrityError
from iosemu.crypto.esp_transforms import EspTransform
from iosemu.crypto.suites import cipher_algorithm

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hmac import HMAC


class EspCipher(Protocol):
    """One SA's keys at work. `header` is SPI and sequence number, eight octets; `iv` has the transform's IV size."""

    def seal(self, header: bytes, iv: bytes, plaintext: bytes) -> bytes:
        """The packet's body: IV, ciphertext and ICV."""

    def open(self, header: bytes, body: bytes) -> bytes:
        """The plaintext with its trailer; raises IntegrityError when the ICV is wrong."""


def esp_cipher(
    transform: EspTransform, encryption_key: bytes, integrity_key: bytes = b"", salt: bytes = b""
) -> EspCipher:
    """The cipher of a transform; raises CryptoError for keys of the wrong size."""
    sizes = (transform.encryption_key_size, transform.integrity_key_size, transform.salt_size)
    if (len(encryption_key), len(integrity_key), len(salt)) != sizes:
        raise CryptoError(f"keys of the wrong size for {transform.display()}")
    if transform.encryption == "esp-gcm":
        return _Gcm(encryption_key, salt)
    if transform.encryption == "esp-gmac":
        return _Gmac(encryption_key, salt)
    return _CbcHmac(transform, encryption_key, integrity_key)


class _Gcm:
    def __init__(self, key: bytes, salt: bytes) -> None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._aead = AESGCM(key)
        self._wrong = InvalidTag
        self._salt = salt

    def seal(self, header: bytes, iv: bytes, plaintext: bytes) -> bytes:
        return iv + self._aead.encrypt(self._salt + iv, plaintext, header)

    def open(self, header: bytes, body: bytes) -> bytes:
        if len(body) < 24:
            raise CryptoError("ESP body is too short")
        try:
            return self._aead.decrypt(self._salt + body[:8], body[8:], header)
        except self._wrong:
            raise IntegrityError("ICV") from None


class _Gmac:
    """RFC 4543: all is authenticated, the IV too, and nothing encrypted."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._aead = AESGCM(key)
        self._salt = salt

    def seal(self, header: bytes, iv: bytes, plaintext: bytes) -> bytes:
        return iv + plaintext + self._aead.encrypt(self._salt + iv, b"", header + iv + plaintext)

    def open(self, header: bytes, body: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        if len(body) < 24:
            raise CryptoError("ESP body is too short")
        iv, plaintext, icv = body[:8], body[8:-16], body[-16:]
        try:
            self._aead.decrypt(self._salt + iv, icv, header + iv + plaintext)
        except InvalidTag:
            raise IntegrityError("ICV") from None
        return plaintext


class _CbcHmac:
    """A CBC cipher (or none) with an HMAC over header, IV and ciphertext."""

    def __init__(self, transform: EspTransform, encryption_key: bytes, integrity_key: bytes) -> None:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.ciphers import Cipher, modes
        from cryptography.hazmat.primitives.hmac import HMAC

        self._iv_size = transform.iv_size
        self._block = transform.block_size
        self._icv_size = transform.icv_size
        self._hmac: HMAC | None = None
        if transform.hash_name:
            algorithm: hashes.HashAlgorithm = getattr(hashes, transform.hash_name.upper())()
            self._hmac = HMAC(integrity_key, algorithm)
        name = transform.encryption.removeprefix("esp-")
        self._encryptor = self._decryptor = None
        if name != "null":
            # One context for the SA's whole life: encrypting a random block first makes its ciphertext the IV of the
            # packet, and decrypting "IV | ciphertext" yields one block to drop. A new context would cost three times
            # the encryption itself.
            cipher = Cipher(cipher_algorithm(name, encryption_key), modes.CBC(bytes(self._iv_size)))
            self._encryptor, self._decryptor = cipher.encryptor(), cipher.decryptor()

    def seal(self, header: bytes, iv: bytes, plaintext: bytes) -> bytes:
        body = self._encryptor.update(iv + plaintext) if self._encryptor else plaintext
        return body + self._icv(header + body)

    def open(self, header: bytes, body: bytes) -> bytes:
        end = len(body) - self._icv_size
        if end < self._iv_size or (end - self._iv_size) % self._block:
            raise CryptoError("ESP body has a wrong length")
        protected = body[:end]
        if not hmac.compare_digest(self._icv(header + protected), body[end:]):
            raise IntegrityError("ICV")
        return self._decryptor.update(protected)[self._iv_size :] if self._decryptor else protected

    def _icv(self, data: bytes) -> bytes:
        if self._hmac is None:
            return b""
        context = self._hmac.copy()
        context.update(data)
        return context.finalize()[: self._icv_size]

"""Block ciphers in CBC mode and hashes, by the names and numbers of RFC 2409 appendix A."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from iosemu.crypto.errors import CryptoError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm


@dataclass(frozen=True, slots=True)
class HashAlgorithm:
    """A hash and the HMAC made of it."""

    name: str
    number: int
    digest_size: int

    def digest(self, data: bytes) -> bytes:
        """The plain hash."""
        return hashlib.new(self.name, data).digest()

    def hmac(self, key: bytes, data: bytes) -> bytes:
        """The prf of IKEv1 (RFC 2409 section 4)."""
        return hmac.digest(key, data, self.name)


HASHES = {
    algorithm.name: algorithm
    for algorithm in (
        HashAlgorithm("md5", 1, 16),
        HashAlgorithm("sha1", 2, 20),
        HashAlgorithm("sha256", 4, 32),
        HashAlgorithm("sha384", 5, 48),
        HashAlgorithm("sha512", 6, 64),
    )
}
HASH_BY_NUMBER = {algorithm.number: algorithm for algorithm in HASHES.values()}


@dataclass(frozen=True, slots=True)
class BlockCipher:
    """A cipher of phase 1 or of a KEK; `key_bits` is 0 where the key length is fixed."""

    name: str
    number: int
    key_bits: int
    key_size: int
    block_size: int

    def encrypt(self, key: bytes, iv: bytes, data: bytes) -> bytes:
        """CBC over whole blocks."""
        encryptor = Cipher(self._algorithm(key), modes.CBC(iv)).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def decrypt(self, key: bytes, iv: bytes, data: bytes) -> bytes:
        """CBC over whole blocks; raises CryptoError for anything else."""
        if not data or len(data) % self.block_size:
            raise CryptoError(f"{len(data)} octets are no whole number of blocks")
        decryptor = Cipher(self._algorithm(key), modes.CBC(iv)).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def pad(self, data: bytes) -> bytes:
        """Zeros up to the next block, none when it is whole already (RFC 2409 appendix B)."""
        return data + bytes(-len(data) % self.block_size)

    def _algorithm(self, key: bytes) -> CipherAlgorithm:
        if len(key) != self.key_size:
            raise CryptoError(f"{self.name} key of {len(key)} octets")
        return cipher_algorithm(self.name, key)


def cipher_algorithm(name: str, key: bytes) -> CipherAlgorithm:
    """The library's algorithm; DES is 3DES with one key three times."""
    if name == "aes":
        return AES(key)
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

    return TripleDES(key * 3 if name == "des" else key)


CIPHERS = (
    BlockCipher("des", 1, 0, 8, 8),
    BlockCipher("3des", 5, 0, 24, 8),
    BlockCipher("aes", 7, 128, 16, 16),
    BlockCipher("aes", 7, 192, 24, 16),
    BlockCipher("aes", 7, 256, 32, 16),
)


def block_cipher(name: str, key_bits: int = 0) -> BlockCipher:
    """The cipher of a name ("des", "3des", "aes") and, for AES, a key length in bits."""
    for cipher in CIPHERS:
        if cipher.name == name and cipher.key_bits == (key_bits if name == "aes" else 0):
            return cipher
    raise CryptoError(f"no cipher {name} with {key_bits} bits")


def block_cipher_by_number(number: int, key_bits: int) -> BlockCipher | None:
    """The phase 1 cipher of RFC 2409's number; AES needs its key length, the others must have none."""
    for cipher in CIPHERS:
        if cipher.number == number and cipher.key_bits == key_bits:
            return cipher
    return None

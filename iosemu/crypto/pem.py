"""PEM texts (RFC 7468), and the older form whose head lines tell how the octets are encrypted (RFC 1421, as OpenSSL
writes it)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.suites import block_cipher

LINE = 64
LONGEST = 1 << 20
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\s*?\n(.*?)-----END \1-----", re.DOTALL)
_DEK_INFO = re.compile(rb"DEK-Info: *([A-Z0-9-]+),([0-9A-Fa-f]+)")
# Cipher of suites.py by the name in DEK-Info.
_CIPHERS = {
    "DES-CBC": ("des", 0),
    "DES-EDE3-CBC": ("3des", 0),
    "AES-128-CBC": ("aes", 128),
    "AES-192-CBC": ("aes", 192),
    "AES-256-CBC": ("aes", 256),
}
_NAMES = {"des": "DES-CBC", "3des": "DES-EDE3-CBC"}


@dataclass(frozen=True, slots=True)
class PemBlock:
    """What stands between BEGIN and END; `dek` is the name of the cipher and the initialisation vector."""

    label: str
    data: bytes
    dek: tuple[str, bytes] | None = None

    def decrypted(self, passphrase: str) -> bytes:
        """The octets in the clear; raises CryptoError for a wrong passphrase or an unknown cipher."""
        if self.dek is None:
            return self.data
        name, iv = self.dek
        cipher = block_cipher(*_CIPHERS[name]) if name in _CIPHERS else None
        if cipher is None or len(iv) != cipher.block_size:
            raise CryptoError(f"cannot decrypt {name}")
        padded = cipher.decrypt(_derive(passphrase, iv, cipher.key_size), iv, self.data)
        if not 1 <= padded[-1] <= cipher.block_size or padded[-padded[-1] :] != bytes([padded[-1]]) * padded[-1]:
            raise CryptoError("wrong passphrase")
        return padded[: -padded[-1]]


def encode(label: str, data: bytes, headers: str = "") -> bytes:
    """One block, with a line feed behind each line."""
    text = base64.b64encode(data).decode()
    lines = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *headers.splitlines(), *lines, f"-----END {label}-----", ""]).encode()


def encode_encrypted(label: str, data: bytes, cipher_name: str, passphrase: str, random: RandomBytes) -> bytes:
    """One block, encrypted by "des" or "3des"."""
    cipher = block_cipher(cipher_name)
    iv = random(cipher.block_size)
    padding = cipher.block_size - len(data) % cipher.block_size
    sealed = cipher.encrypt(_derive(passphrase, iv, cipher.key_size), iv, data + bytes([padding]) * padding)
    return encode(label, sealed, f"Proc-Type: 4,ENCRYPTED\nDEK-Info: {_NAMES[cipher_name]},{iv.hex().upper()}\n\n")


def parse(text: bytes) -> list[PemBlock]:
    """All blocks of a text; raises CryptoError where one is damaged."""
    if len(text) > LONGEST:
        raise CryptoError("the text is too long")
    return [_block(match[1].decode(), match[2]) for match in _BLOCK.finditer(text)]


def _block(label: str, body: bytes) -> PemBlock:
    dek = None
    if found := _DEK_INFO.search(body):
        iv = found[2].decode()
        dek = found[1].decode(), bytes.fromhex(iv if len(iv) % 2 == 0 else "")
        body = body[found.end() :]
    try:
        return PemBlock(label, base64.b64decode(b"".join(body.split()), validate=True), dek)
    except binascii.Error as error:
        raise CryptoError(f"damaged {label}") from error


def _derive(passphrase: str, iv: bytes, size: int) -> bytes:
    """EVP_BytesToKey of OpenSSL: MD5, one round, the first eight octets of the vector as salt."""
    key = block = b""
    while len(key) < size:
        block = hashlib.md5(block + passphrase.encode() + iv[:8]).digest()
        key += block
    return key[:size]

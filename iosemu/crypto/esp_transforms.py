"""ESP transforms: names of IOS, numbers of RFC 2407 and 4106, key sizes, and the ciphers themselves."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.crypto.errors import CryptoError

_INTEGRITY = {
    # IOS word: (hash, authentication algorithm attribute, key octets, ICV octets)
    "esp-md5-hmac": ("md5", 1, 16, 12),
    "esp-sha-hmac": ("sha1", 2, 20, 12),
    "esp-sha256-hmac": ("sha256", 5, 32, 16),
    "esp-sha384-hmac": ("sha384", 6, 48, 24),
    "esp-sha512-hmac": ("sha512", 7, 64, 32),
}
_ENCRYPTION = {
    # IOS word: (transform ID, fixed key octets or 0, block, IV octets)
    "esp-des": (2, 8, 8, 8),
    "esp-3des": (3, 24, 8, 8),
    "esp-null": (11, 0, 1, 0),
    "esp-aes": (12, 0, 16, 16),
    "esp-gcm": (20, 0, 1, 8),
    "esp-gmac": (23, 0, 1, 8),
}
SALT_OCTETS = 4
COMBINED = ("esp-gcm", "esp-gmac")


@dataclass(frozen=True, slots=True)
class EspTransform:
    """A transform set's ESP part: `encryption` and `integrity` are IOS words, `key_bits` is 0 for fixed-key ciphers."""

    encryption: str
    key_bits: int = 0
    integrity: str | None = None

    @property
    def transform_id(self) -> int:
        """The ESP transform identifier (RFC 2407 section 4.4.4, RFC 4106)."""
        return _ENCRYPTION[self.encryption][0]

    @property
    def authentication_algorithm(self) -> int | None:
        """The value of IPsec attribute 5; none for combined modes."""
        return _INTEGRITY[self.integrity][1] if self.integrity else None

    @property
    def counter_mode(self) -> bool:
        """Whether a nonce must never repeat under the key, so that senders need sender IDs (RFC 6054)."""
        return self.encryption in COMBINED

    @property
    def encryption_key_size(self) -> int:
        """Octets of the cipher key, without the salt."""
        return self.key_bits // 8 or _ENCRYPTION[self.encryption][1]

    @property
    def salt_size(self) -> int:
        """Octets of salt behind the key in a key packet."""
        return SALT_OCTETS if self.counter_mode else 0

    @property
    def integrity_key_size(self) -> int:
        """Octets of the HMAC key."""
        return _INTEGRITY[self.integrity][2] if self.integrity else 0

    @property
    def block_size(self) -> int:
        """The plaintext is padded to a multiple of this."""
        return _ENCRYPTION[self.encryption][2]

    @property
    def iv_size(self) -> int:
        """Octets of IV in front of the ciphertext."""
        return _ENCRYPTION[self.encryption][3]

    @property
    def icv_size(self) -> int:
        """Octets of the integrity check value."""
        if self.counter_mode:
            return 16
        return _INTEGRITY[self.integrity][3] if self.integrity else 0

    @property
    def hash_name(self) -> str | None:
        """The hash of the HMAC."""
        return _INTEGRITY[self.integrity][0] if self.integrity else None

    def words(self) -> tuple[str, ...]:
        """The words of the transform-set command; a key length of 128 bits is left out, as IOS prints it."""
        size = (str(self.key_bits),) if self.key_bits not in (0, 128) else ()
        return (self.encryption, *size, *((self.integrity,) if self.integrity else ()))

    def display(self) -> str:
        """The form of show commands: `esp-256-aes esp-sha256-hmac`."""
        name = self.encryption
        if self.key_bits not in (0, 128):
            name = f"esp-{self.key_bits}-{self.encryption.removeprefix('esp-')}"
        return f"{name} {self.integrity}" if self.integrity else name

    def short(self) -> str:
        """The form of `show crypto engine connections active`: `AES256+SHA256`."""
        size = "" if self.key_bits in (0, 128) else str(self.key_bits)
        name = self.encryption.removeprefix("esp-").upper() + size
        digest = (self.integrity or "").removeprefix("esp-").removesuffix("-hmac").upper()
        return f"{name}+{digest}" if digest else name


def from_words(words: tuple[str, ...]) -> EspTransform:
    """The transform of a transform-set command; raises CryptoError for words that do not go together."""
    if not words or words[0] not in _ENCRYPTION:
        raise CryptoError("a transform set needs an ESP encryption transform")
    encryption, rest = words[0], list(words[1:])
    sized = encryption in ("esp-aes", *COMBINED)
    key_bits = int(rest.pop(0)) if rest and rest[0].isdigit() else 128 * sized
    integrity = rest.pop(0) if rest else None
    if rest or (integrity is not None and integrity not in _INTEGRITY) or bool(key_bits) != sized:
        raise CryptoError("these transforms do not go together")
    if encryption in COMBINED and integrity:
        raise CryptoError(f"{encryption} authenticates by itself")
    if encryption == "esp-null" and not integrity:
        raise CryptoError("esp-null needs an authentication transform")
    return EspTransform(encryption, key_bits, integrity)


def from_numbers(transform_id: int, key_bits: int, authentication: int) -> EspTransform | None:
    """The transform of an SA TEK payload, or None when it is not known here; numbers that are absent are 0."""
    for word, (number, fixed, _, _) in _ENCRYPTION.items():
        if number != transform_id:
            continue
        sized = word in ("esp-aes", *COMBINED)
        if (sized and key_bits not in (128, 192, 256)) or (fixed and key_bits not in (0, fixed * 8)):
            return None
        integrity = next((name for name, entry in _INTEGRITY.items() if entry[1] == authentication), None)
        if authentication and integrity is None:
            return None
        if (word in COMBINED and integrity) or (word == "esp-null" and integrity is None):
            return None
        return EspTransform(word, key_bits if sized else 0, integrity)
    return None

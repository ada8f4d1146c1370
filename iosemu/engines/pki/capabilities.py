"""What a SCEP server can do, as GetCACaps tells it (RFC 8894 section 3.5.2)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.crypto.suites import block_cipher
from iosemu.engines.pki.messages import Protection

POST, RENEWAL, NEXT_CA, AES, TRIPLE_DES = "POSTPKIOperation", "Renewal", "GetNextCACert", "AES", "DES3"
STANDARD = "SCEPStandard"
# Strongest first.
_HASHES = (("SHA-512", "sha512"), ("SHA-256", "sha256"), ("SHA-1", "sha1"))
LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The words that a server said."""

    words: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, body: bytes) -> Capabilities:
        """Read an answer; whatever is no known word is skipped."""
        words = body[:LONGEST].decode("ascii", "replace").split()
        return cls(frozenset(words) & KNOWN)

    @property
    def post(self) -> bool:
        """Whether messages may be sent in the body of a POST."""
        return bool(self.words & {POST, STANDARD})

    @property
    def renewal(self) -> bool:
        """Whether an old certificate may ask for the next one."""
        return bool(self.words & {RENEWAL, STANDARD})

    @property
    def next_ca(self) -> bool:
        """Whether the CA hands out its next certificate."""
        return NEXT_CA in self.words

    def protection(self, hash_name: str = "") -> Protection:
        """What both can do; `hash_name` is what the owner wants. One that says nothing gets SHA-1 and triple DES, which
        all but the oldest have."""
        standard = STANDARD in self.words
        best = next((name for word, name in _HASHES if word in self.words), "sha256" if standard else "sha1")
        cipher = block_cipher("aes", 128) if standard or AES in self.words else block_cipher("3des")
        return Protection(hash_name or best, cipher)

    def body(self) -> bytes:
        """The answer of a server."""
        return "".join(f"{word}\n" for word in sorted(self.words)).encode()


KNOWN = frozenset((POST, RENEWAL, NEXT_CA, AES, TRIPLE_DES, STANDARD, *(word for word, _ in _HASHES)))
SERVER = Capabilities(KNOWN)

"""The keys of a group: the KEK of its rekeys, the TEKs of its traffic."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.suites import BlockCipher, block_cipher
from iosemu.engines.acl import AclEntry
from iosemu.engines.gdoi.config import KekPolicy, TekPolicy
from iosemu.engines.gdoi.replay import NO_REPLAY, Replay, SaReplay
from iosemu.engines.keylog import KekKeys, TekKeys

KEK_SPI_OCTETS = 16


@dataclass(slots=True)
class Kek:
    """A rekey SA; with `lkh` its key is the root of a hierarchy of keys.

    `destination` is where its pushes go to as the key server says, `sequence` the number of the last one, sent or
    accepted.
    """

    spi: bytes
    encryption: str
    key_bits: int
    iv: bytes = field(repr=False)
    key: bytes = field(repr=False)
    sig_hash: str
    lifetime: int
    expires_at: float
    public_key: bytes = b""
    acknowledged: bool = False
    destination: IPv4Address | None = None
    sequence: int = 0
    lkh: bool = False

    @property
    def material(self) -> bytes:
        """IV and key, as a download has them."""
        return self.iv + self.key

    @property
    def cipher(self) -> BlockCipher:
        """The cipher of the pushes."""
        return block_cipher(self.encryption, self.key_bits)

    @property
    def display_bits(self) -> int:
        """Key size as shown: 192 for 3DES."""
        return self.cipher.key_size * 8

    def remaining(self, now: float) -> int:
        """Seconds left."""
        return max(0, int(self.expires_at - now))

    def key_record(self) -> KekKeys:
        """What a capture's reader needs."""
        return KekKeys(self.spi, self.encryption, self.key_bits, self.key, self.iv, self.sig_hash, self.public_key)


@dataclass(slots=True)
class Tek:
    """A data SA: one key in both directions for all members. `entries` is what it protects.

    `generation` tells apart on the key server what one rekey made from what another made.
    `age` is how old it was, in seconds, when a member downloaded it; `activates_at` is from when on it must be used for
    sending where the key server says so (ACTIVATION_TIME_DELAY).
    """

    spi: bytes
    transform: EspTransform
    entries: tuple[AclEntry, ...]
    lifetime: int
    expires_at: float
    encryption_key: bytes = field(default=b"", repr=False)
    integrity_key: bytes = field(default=b"", repr=False)
    salt: bytes = field(default=b"", repr=False)
    number: int = 0
    replay: Replay = NO_REPLAY
    receive_only: bool = False
    born_at: float = 0.0
    generation: int = 0
    age: int = 0
    activates_at: float | None = None

    def remaining(self, now: float) -> int:
        """Seconds left."""
        return max(0, int(self.expires_at - now))

    def replay_record(self, now: float) -> SaReplay:
        """What the private replay payload says of it."""
        return SaReplay(self.replay, max(0, int(now - self.born_at)))

    def key_record(self) -> TekKeys:
        """What a capture's reader needs."""
        transform = self.transform
        return TekKeys(
            self.spi,
            transform.encryption,
            transform.key_bits,
            transform.integrity,
            self.encryption_key,
            self.integrity_key,
            self.salt,
        )


def new_kek(policy: KekPolicy, sig_hash: str, public_key: bytes, random: RandomBytes, now: float) -> Kek:
    """A fresh rekey SA whose pushes are signed over a hash, for who has the public key."""
    cipher = block_cipher(policy.encryption, policy.key_bits)
    return Kek(
        random(KEK_SPI_OCTETS),
        policy.encryption,
        policy.key_bits,
        random(cipher.block_size),
        random(cipher.key_size),
        sig_hash,
        policy.lifetime,
        now + policy.lifetime,
        public_key,
        True,
    )


def new_teks(policy: TekPolicy, random: RandomBytes, now: float) -> list[Tek]:
    """Fresh data SAs: one for all entries, or one per entry where a nonce must not repeat under a key."""
    groups = [(entry,) for entry in policy.permits] if policy.transform.counter_mode else [policy.permits]
    transform = policy.transform
    return [
        Tek(
            _new_spi(random),
            transform,
            entries,
            policy.lifetime,
            now + policy.lifetime,
            random(transform.encryption_key_size),
            random(transform.integrity_key_size),
            random(transform.salt_size),
            policy.number,
            policy.replay,
            policy.receive_only,
            now,
        )
        for entries in groups
        if entries
    ]


def _new_spi(random: RandomBytes) -> bytes:
    """SPIs up to 255 are reserved (RFC 4303 section 2.1)."""
    while int.from_bytes(spi := random(4), "big") < 256:
        pass
    return spi

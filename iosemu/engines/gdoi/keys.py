"""The group's keys and their form in the SA and KD payloads (RFC 6407 sections 5.3 to 5.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.esp_transforms import EspTransform, from_numbers
from iosemu.crypto.randomness import RandomBytes
from iosemu.crypto.suites import BlockCipher, block_cipher
from iosemu.engines.common import Endpoint
from iosemu.engines.gdoi.acl import AclEntry, from_selectors
from iosemu.engines.gdoi.config import KekPolicy, TekPolicy
from iosemu.engines.gdoi.replay import NO_REPLAY, Replay, SaReplay
from iosemu.engines.keylog import KekKeys, TekKeys
from iosemu.wire.attributes import Attribute, duration, number
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi import (
    AckRequested,
    KekAlgorithm,
    KekAttribute,
    KekKey,
    KeyPacket,
    KeyType,
    SaKek,
    SaTek,
    Selector,
    SigAlgorithm,
    SigHash,
    TekAttribute,
    TekKey,
    TekProtocol,
)
from iosemu.wire.isakmp import IdType

# Private KEK attribute: acknowledge as RFC 8263 says although the standard attribute is absent.
PRIVATE_ACK_STYLE = 128
KEK_SPI_OCTETS = 16
TUNNEL = 1
SECONDS = 1
PRESERVE_BOTH_ADDRESSES = 4
RECEIVER_ONLY, SYMMETRIC = 2, 3
# RFC 2407 section 4.5.4.
DEFAULT_LIFETIME = 28800
SALT_BITS = 32
SALTED_SIZES = (160, 224, 288)

ALGORITHMS = {"des": KekAlgorithm.DES, "3des": KekAlgorithm.TRIPLE_DES, "aes": KekAlgorithm.AES}
SIG_HASHES = {
    "md5": SigHash.MD5,
    "sha1": SigHash.SHA1,
    "sha256": SigHash.SHA256,
    "sha384": SigHash.SHA384,
    "sha512": SigHash.SHA512,
}


@dataclass(slots=True)
class Kek:
    """A rekey SA. `destination` is where its pushes go to as the key server says, `sequence` the number of the last
    one, sent or accepted."""

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


def new_kek(policy: KekPolicy, public_key: bytes, random: RandomBytes, now: float) -> Kek:
    """A fresh rekey SA."""
    cipher = block_cipher(policy.encryption, policy.key_bits)
    return Kek(
        random(KEK_SPI_OCTETS),
        policy.encryption,
        policy.key_bits,
        random(cipher.block_size),
        random(cipher.key_size),
        policy.sig_hash,
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


def sa_kek(kek: Kek, policy: KekPolicy, source: Endpoint, destination: Endpoint, now: float, private: bool) -> SaKek:
    """The SA KEK payload with the time that is left; `private` when the receiver knows our own attributes."""
    attributes = [Attribute(KekAttribute.ALGORITHM, ALGORITHMS[kek.encryption])]
    if kek.key_bits:
        attributes.append(Attribute(KekAttribute.KEY_LENGTH, kek.key_bits))
    attributes += [
        Attribute(KekAttribute.KEY_LIFETIME, duration(kek.remaining(now))),
        Attribute(KekAttribute.SIG_HASH_ALGORITHM, SIG_HASHES[kek.sig_hash]),
        Attribute(KekAttribute.SIG_ALGORITHM, SigAlgorithm.RSA),
    ]
    if policy.acknowledgement == "cisco" and private:
        attributes.append(Attribute(PRIVATE_ACK_STYLE, 1))
    elif policy.acknowledgement != "cisco":
        attributes.append(Attribute(KekAttribute.ACK_REQUESTED, AckRequested.KEK_SHA256))
    return SaKek(_endpoint(source), _endpoint(destination), kek.spi, tuple(attributes))


def _endpoint(endpoint: Endpoint) -> Selector:
    return Selector(IdType.IPV4_ADDR, endpoint.port, endpoint.address.packed)


def kek_packet(kek: Kek) -> KeyPacket:
    """The KEK's key packet."""
    attributes = [Attribute(KekKey.ALGORITHM_KEY, kek.iv + kek.key)]
    if kek.public_key:
        attributes.append(Attribute(KekKey.SIG_ALGORITHM_KEY, kek.public_key))
    return KeyPacket(KeyType.KEK, kek.spi, tuple(attributes))


def kek_algorithms(sa: SaKek) -> tuple[BlockCipher, str]:
    """Cipher and signature hash of a rekey SA; raises WireError for what this member cannot do."""
    encryption = next(
        (name for name, value in ALGORITHMS.items() if value == _kek_number(sa, KekAttribute.ALGORITHM)), None
    )
    wanted = number(sa.attributes, KekAttribute.SIG_HASH_ALGORITHM, SigHash.SHA1)
    sig_hash = next((name for name, value in SIG_HASHES.items() if value == wanted), None)
    if encryption is None or sig_hash is None:
        raise WireError("KEK algorithm is not known")
    if _kek_number(sa, KekAttribute.SIG_ALGORITHM) != SigAlgorithm.RSA:
        raise WireError("signature algorithm is not known")
    if number(sa.attributes, KekAttribute.MANAGEMENT_ALGORITHM, 0):
        raise WireError("group management algorithm is not known")
    key_bits = number(sa.attributes, KekAttribute.KEY_LENGTH, 128) if encryption == "aes" else 0
    try:
        return block_cipher(encryption, key_bits), sig_hash
    except CryptoError as error:
        raise WireError(str(error)) from error


def read_kek(sa: SaKek, packet: KeyPacket, now: float) -> Kek:
    """The rekey SA of a download; raises WireError for what this member cannot do."""
    cipher, sig_hash = kek_algorithms(sa)
    material = _octets(packet, KekKey.ALGORITHM_KEY, cipher.block_size + cipher.key_size)
    lifetime = _limited(number(sa.attributes, KekAttribute.KEY_LIFETIME, DEFAULT_LIFETIME))
    acknowledged = number(sa.attributes, PRIVATE_ACK_STYLE, 0) == 1
    acknowledged |= number(sa.attributes, KekAttribute.ACK_REQUESTED, 0) == AckRequested.KEK_SHA256
    public = next((item.as_bytes() for item in packet.attributes if item.kind == KekKey.SIG_ALGORITHM_KEY), b"")
    return Kek(
        sa.spi,
        cipher.name,
        cipher.key_bits,
        material[: cipher.block_size],
        material[cipher.block_size :],
        sig_hash,
        lifetime,
        now + lifetime,
        public,
        acknowledged,
        IPv4Address(sa.destination.data) if sa.destination.kind == IdType.IPV4_ADDR else None,
    )


def _kek_number(sa: SaKek, kind: KekAttribute) -> int:
    return number(sa.attributes, kind)


def sa_teks(tek: Tek, now: float) -> list[SaTek]:
    """One SA TEK payload per entry; all bear the SPI of the SA that they share."""
    attributes = [
        Attribute(TekAttribute.LIFE_TYPE, SECONDS),
        Attribute(TekAttribute.LIFE_DURATION, duration(tek.remaining(now))),
        Attribute(TekAttribute.ENCAPSULATION_MODE, TUNNEL),
    ]
    if tek.transform.authentication_algorithm:
        attributes.append(Attribute(TekAttribute.AUTHENTICATION_ALGORITHM, tek.transform.authentication_algorithm))
    if tek.transform.key_bits:
        attributes.append(Attribute(TekAttribute.KEY_LENGTH, tek.transform.key_bits))
    attributes += [
        Attribute(TekAttribute.ADDRESS_PRESERVATION, PRESERVE_BOTH_ADDRESSES),
        Attribute(TekAttribute.SA_DIRECTION, RECEIVER_ONLY if tek.receive_only else SYMMETRIC),
    ]
    return [
        SaTek(*entry.selectors(), tek.transform.transform_id, tek.spi, tuple(attributes), ip_protocol=entry.protocol)
        for entry in tek.entries
    ]


def tek_packet(tek: Tek) -> KeyPacket:
    """The TEK's key packet; the salt of a counter mode follows the key (section 5.6.1)."""
    attributes = [Attribute(TekKey.ALGORITHM_KEY, tek.encryption_key + tek.salt)]
    if tek.integrity_key:
        attributes.append(Attribute(TekKey.INTEGRITY_KEY, tek.integrity_key))
    return KeyPacket(KeyType.TEK, tek.spi, tuple(attributes))


def read_teks(payloads: tuple[SaTek, ...], now: float) -> dict[bytes, Tek]:
    """The data SAs of an SA payload by SPI, still without keys; raises WireError for what this member cannot do."""
    found: dict[bytes, Tek] = {}
    for sa in payloads:
        if sa.protocol_id != TekProtocol.ESP:
            raise WireError("only ESP is served")
        if number(sa.attributes, TekAttribute.ENCAPSULATION_MODE) != TUNNEL:
            raise WireError("only tunnel mode is served")
        key_bits = number(sa.attributes, TekAttribute.KEY_LENGTH, 0)
        transform = from_numbers(
            sa.transform_id,
            # Some count the salt of a counter mode as key.
            key_bits - SALT_BITS if key_bits in SALTED_SIZES else key_bits,
            number(sa.attributes, TekAttribute.AUTHENTICATION_ALGORITHM, 0),
        )
        if transform is None:
            raise WireError(f"transform {sa.transform_id} is not known")
        entry = from_selectors(sa.ip_protocol, sa.source, sa.destination)
        lifetime = _seconds(sa.attributes)
        tek = found.setdefault(sa.spi, Tek(sa.spi, transform, (), lifetime, now + lifetime, born_at=now))
        tek.receive_only = number(sa.attributes, TekAttribute.SA_DIRECTION, SYMMETRIC) == RECEIVER_ONLY
        if tek.transform != transform:
            raise WireError("two transforms under one SPI")
        tek.entries += (entry,)
    return found


def _seconds(attributes: tuple[Attribute, ...]) -> int:
    """The lifetime in seconds; each duration belongs to the type in front of it (RFC 2407 section 4.5)."""
    unit = SECONDS
    for attribute in attributes:
        if attribute.kind == TekAttribute.LIFE_TYPE:
            unit = attribute.as_int()
        elif attribute.kind == TekAttribute.LIFE_DURATION and unit == SECONDS:
            return _limited(attribute.as_int())
    return DEFAULT_LIFETIME


def _limited(lifetime: int) -> int:
    if lifetime >= 1 << 32:
        raise WireError("lifetime of more than 32 bits")
    return lifetime


def take_tek_keys(tek: Tek, packet: KeyPacket) -> None:
    """Fill in the keys of a data SA; raises WireError when their size is wrong."""
    size = tek.transform.encryption_key_size
    material = _octets(packet, TekKey.ALGORITHM_KEY, size + tek.transform.salt_size)
    tek.encryption_key, tek.salt = material[:size], material[size:]
    if tek.transform.integrity_key_size:
        tek.integrity_key = _octets(packet, TekKey.INTEGRITY_KEY, tek.transform.integrity_key_size)


def _octets(packet: KeyPacket, kind: int, size: int) -> bytes:
    for attribute in packet.attributes:
        if attribute.kind == kind and len(attribute.as_bytes()) == size:
            return attribute.as_bytes()
    if size == 0:
        return b""
    raise WireError(f"key packet without {size} octets in attribute {kind}")

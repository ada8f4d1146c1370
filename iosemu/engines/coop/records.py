"""The keys of a key server as records of the protocol, and back."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.esp_transforms import EspTransform, from_numbers
from iosemu.crypto.suites import block_cipher
from iosemu.engines.gdoi.acl import pack_acl, parse_acl
from iosemu.engines.gdoi.config import TekPolicy
from iosemu.engines.gdoi.kek_payloads import ALGORITHMS, SIG_HASHES
from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.engines.gdoi.replay import Replay, ReplayMethod
from iosemu.wire.coop_keys import KekRecord, PolicyRecord, SaNumbers, TekRecord
from iosemu.wire.errors import WireError

_MOST = (1 << 32) - 1


def kek_record(kek: Kek, now: float) -> KekRecord:
    """A rekey SA as another key server is told of it."""
    return KekRecord(
        kek.spi,
        ALGORITHMS[kek.encryption],
        kek.key_bits,
        SIG_HASHES[kek.sig_hash],
        kek.lifetime,
        _milliseconds(kek.expires_at - now),
        kek.sequence,
        int(kek.destination or 0),
        kek.public_key,
        kek.iv,
        kek.key,
    )


def read_kek_record(record: KekRecord, now: float) -> Kek:
    """A rekey SA that another key server made; raises WireError for an algorithm that is not known here."""
    encryption = next((name for name, number in ALGORITHMS.items() if number == record.encryption), None)
    sig_hash = next((name for name, number in SIG_HASHES.items() if number == record.sig_hash), None)
    if encryption is None or sig_hash is None:
        raise WireError("algorithm of the KEK is not known")
    try:
        cipher = block_cipher(encryption, record.key_bits)
    except CryptoError as error:
        raise WireError(str(error)) from error
    if (len(record.iv), len(record.key)) != (cipher.block_size, cipher.key_size):
        raise WireError("key of the KEK has a wrong size")
    return Kek(
        record.spi,
        encryption,
        record.key_bits,
        record.iv,
        record.key,
        sig_hash,
        record.lifetime,
        now + record.remaining / 1000,
        record.public_key,
        True,
        IPv4Address(record.group) if record.group else None,
        record.sequence,
    )


def tek_record(tek: Tek, now: float) -> TekRecord:
    """A data SA as another key server is told of it."""
    return TekRecord(
        _numbers(tek.number, tek.transform, tek.replay, tek.receive_only, tek.lifetime),
        tek.spi,
        _milliseconds(tek.expires_at - now),
        _milliseconds(now - tek.born_at),
        pack_acl(tek.entries),
        tek.encryption_key,
        tek.integrity_key,
        tek.salt,
    )


def read_tek_record(record: TekRecord, now: float) -> Tek:
    """A data SA that another key server made; raises WireError for what is not known here."""
    transform, replay = _transform(record.sa), _replay(record.sa)
    sizes = len(record.encryption_key), len(record.integrity_key), len(record.salt)
    if sizes != (transform.encryption_key_size, transform.integrity_key_size, transform.salt_size):
        raise WireError("keys of a TEK have a wrong size")
    return Tek(
        record.spi,
        transform,
        parse_acl(record.acl),
        record.sa.lifetime,
        now + record.remaining / 1000,
        record.encryption_key,
        record.integrity_key,
        record.salt,
        record.sa.number,
        replay,
        record.sa.receive_only,
        now - record.age / 1000,
    )


def policy_record(policy: TekPolicy) -> PolicyRecord:
    """One `sa ipsec` as another key server is told of it."""
    numbers = _numbers(policy.number, policy.transform, policy.replay, policy.receive_only, policy.lifetime)
    return PolicyRecord(numbers, pack_acl(policy.acl))


def read_policy_record(record: PolicyRecord) -> TekPolicy:
    """One `sa ipsec` of the primary; raises WireError for what is not known here."""
    sa = record.sa
    return TekPolicy(sa.number, _transform(sa), sa.lifetime, parse_acl(record.acl), _replay(sa), sa.receive_only)


def _milliseconds(seconds: float) -> int:
    return min(_MOST, max(0, int(seconds * 1000)))


def _numbers(number: int, transform: EspTransform, replay: Replay, receive_only: bool, lifetime: int) -> SaNumbers:
    return SaNumbers(
        number,
        transform.transform_id,
        transform.key_bits,
        transform.authentication_algorithm or 0,
        replay.method,
        replay.window,
        receive_only,
        lifetime,
    )


def _transform(sa: SaNumbers) -> EspTransform:
    transform = from_numbers(sa.transform, sa.key_bits, sa.authentication)
    if transform is None:
        raise WireError(f"transform {sa.transform} is not known")
    return transform


def _replay(sa: SaNumbers) -> Replay:
    if sa.replay_method not in list(ReplayMethod):
        raise WireError(f"replay method {sa.replay_method}")
    return Replay(ReplayMethod(sa.replay_method), sa.replay_window)

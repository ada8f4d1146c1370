"""What a member downloads, by registration or rekey: policy and keys put together and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from iosemu.engines.acl import AclEntry
from iosemu.engines.gdoi.acl import PRIVATE_ACL_PAYLOAD, parse_acl
from iosemu.engines.gdoi.config import POLICY_REPLACE
from iosemu.engines.gdoi.kek_payloads import kek_algorithms, make_kek, read_kek
from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.engines.gdoi.lkh import Path, read_packet
from iosemu.engines.gdoi.replay import PRIVATE_REPLAY_PAYLOAD, ReplayPolicy
from iosemu.engines.gdoi.restrictions import NO_RESTRICTIONS, Restrictions
from iosemu.engines.gdoi.sender_ids import read_sids
from iosemu.engines.gdoi.tek_payloads import read_teks, take_tek_keys
from iosemu.engines.ike.vendor import Version
from iosemu.wire.attributes import number
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyDownload, KeyPacket
from iosemu.wire.gdoi.numbers import GapAttribute, KekKey, KeyType, LkhAttribute
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.gdoi.profile import RFC6407, Profile
from iosemu.wire.isakmp import Payload
from iosemu.wire.isakmp_payloads import Delete

# Private payload of a push that sends members away: they must make phase 1 anew. Its body is a format number.
PRIVATE_REAUTHENTICATION_PAYLOAD = 131
REAUTHENTICATION = b"\x01"


@dataclass(frozen=True, slots=True)
class Download:
    """What an SA and a KD payload together bring to a member. `acl` is the key server's list: the private one where it
    came, else the permit entries of the SA TEKs.

    `deactivation` is the time in seconds after which replaced TEKs end, None when they live on. `replay` is what the
    key server says of replay protection, nothing where it is a foreign one. `authenticate` tells that the next
    registration must begin with phase 1. `path` are the member's keys of the hierarchy, None where there is none.
    `stray_signature_key` tells that a key for signatures came without a rekey SA.
    """

    kek: Kek | None
    teks: tuple[Tek, ...]
    acl: tuple[AclEntry, ...]
    has_acl: bool
    sid_bits: int
    sids: tuple[int, ...]
    deactivation: int | None
    replay: ReplayPolicy
    authenticate: bool = False
    path: Path | None = None
    stray_signature_key: bool = False


def check_policy(sa: GroupSa, restrictions: Restrictions = NO_RESTRICTIONS) -> None:
    """Raise WireError when a policy asks for what this member cannot do or is not allowed to do; the key server is then
    not told to go on."""
    for tek in read_teks(sa.teks, 0.0).values():
        restrictions.check_transform(tek.transform)
        restrictions.check_family(tek.entries)
    if sa.kek is not None:
        cipher, sig_hash, _ = kek_algorithms(sa.kek)
        restrictions.check_kek(cipher.name, cipher.key_bits, sig_hash)


def read_download(
    sa: GroupSa,
    keys: KeyDownload,
    now: float,
    restrictions: Restrictions = NO_RESTRICTIONS,
    profile: Profile = RFC6407,
    held: Path | None = None,
) -> Download:
    """Put an SA and a KD payload together; raises WireError when they do not fit or ask for what is not known or not
    allowed. `held` are the keys of a hierarchy that the receiver has."""
    check_policy(sa, restrictions)
    teks = read_teks(sa.teks, now)
    kek: Kek | None = None
    path: Path | None = None
    complete = set()
    sid_bits = 0
    sids: tuple[int, ...] = ()
    stray = False
    for packet in keys.packets:
        if packet.kind == KeyType.TEK and packet.spi in teks:
            take_tek_keys(teks[packet.spi], packet)
            complete.add(packet.spi)
        elif packet.kind == KeyType.KEK and sa.kek is not None:
            kek = read_kek(sa.kek, packet, now)
        elif packet.kind == KeyType.LKH and sa.kek is not None:
            cipher, _, _ = kek_algorithms(sa.kek)
            material, path = read_packet(cipher, packet, held or {})
            kek = make_kek(sa.kek, material, _signature_key(packet), now)
        elif packet.kind in (KeyType.KEK, KeyType.LKH):
            stray |= bool(_signature_key(packet))
        elif packet.kind == KeyType.SID:
            sid_bits, found = read_sids(packet, profile)
            sids += found
    if complete != teks.keys() or (sa.kek is not None and kek is None):
        raise WireError("keys are missing from the download")
    if not 0 <= sid_bits <= 56 or any(sid >= 1 << sid_bits for sid in sids):
        raise WireError("sender IDs do not fit their size")
    private = [parse_acl(payload.body) for payload in sa.private if payload.kind == PRIVATE_ACL_PAYLOAD]
    acl = private[0] if private else tuple(dict.fromkeys(entry for tek in teks.values() for entry in tek.entries))
    restrictions.check_family(acl)
    replay = _follow_policy(sa, teks, now)
    deactivation = number(sa.gap or (), GapAttribute.DEACTIVATION_TIME_DELAY, -1)
    return Download(
        kek,
        tuple(teks.values()),
        acl,
        bool(private),
        sid_bits,
        sids,
        deactivation if deactivation >= 0 else None,
        replay,
        Payload(PRIVATE_REAUTHENTICATION_PAYLOAD, REAUTHENTICATION) in sa.private,
        path,
        stray,
    )


def _follow_policy(sa: GroupSa, teks: dict[bytes, Tek], now: float) -> ReplayPolicy:
    """Give the data SAs what the policy of the whole group says of them; returns its part about replays."""
    replays = [ReplayPolicy.parse(payload.body) for payload in sa.private if payload.kind == PRIVATE_REPLAY_PAYLOAD]
    replay = replays[0] if replays else ReplayPolicy()
    activation = number(sa.gap or (), GapAttribute.ACTIVATION_TIME_DELAY, -1)
    for spi, tek in teks.items():
        if spi in replay.sas:
            tek.replay, tek.age = replay.sas[spi].replay, replay.sas[spi].age
        if activation >= 0:
            tek.activates_at = now + activation
    return replay


def _signature_key(packet: KeyPacket) -> bytes:
    kind = LkhAttribute.SIG_ALGORITHM_KEY if packet.kind == KeyType.LKH else KekKey.SIG_ALGORITHM_KEY
    found = (item.as_bytes() for item in packet.attributes if item.kind == kind)
    return next(found, b"")


def understood(
    version: Version, deletes: tuple[Delete, ...], download: Download | None
) -> tuple[tuple[Delete, ...], Download | None]:
    """What a member of a GET VPN version makes of a push: the base version neither leaves nor replaces a policy when it
    is told to."""
    if version >= POLICY_REPLACE:
        return deletes, download
    return (), replace(download, deactivation=None) if download is not None else None

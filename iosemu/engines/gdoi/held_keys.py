"""What a member holds of its group: rekey SAs, data SAs, access list, sender IDs and pseudotime."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Event
from iosemu.engines.gdoi.download import Download
from iosemu.engines.gdoi.events import KeyInstalled
from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.engines.gdoi.lkh import Path
from iosemu.engines.gdoi.member_events import (
    DirectionChanged,
    KekUpdated,
    PolicyChanged,
    PseudotimeAdjusted,
    SignatureKeyDropped,
    TekUpdated,
    TransportChanged,
)
from iosemu.engines.gdoi.rekey_schedule import registration_margin
from iosemu.engines.gdoi.replay import MemberTime
from iosemu.wire.gdoi.numbers import TekProtocol
from iosemu.wire.isakmp_payloads import Delete

# No push that names a data SA is on its way so long after its end (seconds).
ENDED_FOR = 3600.0


class HeldKeys:
    """Downloads go in; what they change comes out as events."""

    def __init__(self, group: str) -> None:
        self.kek: Kek | None = None
        self.old_kek: Kek | None = None
        self.teks: list[Tek] = []
        self.acl: tuple[AclEntry, ...] = ()
        self.sid_bits = 0
        self.sids: tuple[int, ...] = ()
        self.time = MemberTime()
        self.path: Path = {}
        # The rekey SAs that were let go of last: their pushes may still be repeated.
        self.dropped: set[bytes] = set()
        # Data SAs that have ended, and how long that is remembered.
        self._ended: dict[bytes, float] = {}
        self._group = group
        self._has_private_acl = False

    @property
    def multicast(self) -> IPv4Address | None:
        """The group address that rekeys come to, None with unicast."""
        address = self.kek.destination if self.kek is not None else None
        return address if address is not None and address.is_multicast else None

    @property
    def receive_only(self) -> bool:
        """Whether the key server asks for receive-only SAs: what came last decides."""
        return bool(self.teks) and self.teks[-1].receive_only

    @property
    def keks(self) -> list[Kek]:
        """The rekey SA in use and the one before, whose push may still be retransmitted."""
        return [kek for kek in (self.kek, self.old_kek) if kek is not None]

    @property
    def lacks_sender_ids(self) -> bool:
        """Whether nothing may be sent for want of a sender ID, which no rekey brings (RFC 6407 section 3.5)."""
        return not self.sids and any(tek.transform.counter_mode for tek in self.teks)

    def register(self, download: Download, server: IPv4Address, now: float, recovering: bool = False) -> list[Event]:
        """Take the keys of a registration in the place of what was held. A member that is `recovering` sends with them
        at once where the key server knows none of the data SAs that were held: others have no use for these."""
        if download.kek is not None and self.kek is not None and self.kek.spi == download.kek.spi:
            # RFC 6407 section 5.7: a lower number than that of a KEK in use would let old pushes in again.
            download.kek.sequence = max(download.kek.sequence, self.kek.sequence)
        self.old_kek = self.kek = None
        renewed = {tek.spi for tek in download.teks}
        if recovering and not any(tek.spi in renewed for tek in self.teks):
            for tek in download.teks:
                tek.activates_at = now
        # Sender IDs go with keys that come with them: those that came without must not be used with these.
        lacking = self.lacks_sender_ids
        self.teks = [t for t in self.teks if t.spi not in renewed and not (lacking and t.transform.counter_mode)]
        self._has_private_acl = download.has_acl
        self.path = {}
        self.sid_bits, self.sids = download.sid_bits, download.sids
        return self._install(download, download.teks, server, now, registered=True)

    def add(self, download: Download, server: IPv4Address, now: float) -> list[Event]:
        """Take the keys of a push beside those held."""
        if download.deactivation is not None:
            for tek in self.teks:
                tek.expires_at = min(tek.expires_at, now + download.deactivation)
        self.expire(now)
        # A push that comes late may bring one that has ended here: it would begin its nonces and numbers anew.
        known = {tek.spi for tek in self.teks} | self._ended.keys()
        self._has_private_acl |= download.has_acl
        return self._install(download, tuple(tek for tek in download.teks if tek.spi not in known), server, now)

    def delete_teks(self, deletes: tuple[Delete, ...]) -> None:
        """Let go of the data SAs that the key server names; an SPI of zeros stands for all (RFC 6407 section 5.9)."""
        for delete in deletes:
            if delete.protocol == TekProtocol.ESP:
                everything = bytes(4) in delete.spis
                self.teks = [tek for tek in self.teks if not everything and tek.spi not in delete.spis]

    def kek_deleted(self, deletes: tuple[Delete, ...]) -> bool:
        """Whether the KEK in use is named; an SPI of zeros stands for all of them."""
        spis = {spi for delete in deletes if delete.protocol == TekProtocol.KEK for spi in delete.spis}
        if self.old_kek is not None and self.old_kek.spi in spis:
            self.old_kek = None
        return bool(spis) and (not all(map(any, spis)) or (self.kek is not None and self.kek.spi in spis))

    def drop_keks(self) -> None:
        """Hear no rekey any more."""
        self.dropped = {kek.spi for kek in self.keks} or self.dropped
        self.kek = self.old_kek = None

    def forget(self) -> None:
        """Hold nothing."""
        self.drop_keks()
        self.teks, self.acl, self.sids, self.path = [], (), (), {}
        self.time = MemberTime()

    def expiries(self) -> list[float]:
        """When something will be over."""
        return [key.expires_at for key in self.keks] + [tek.expires_at for tek in self.teks]

    def expire(self, now: float) -> bool:
        """Let go of what is over; whether data SAs were among it."""
        if self.old_kek is not None and self.old_kek.expires_at <= now:
            self.old_kek = None
        if self.kek is not None and self.kek.expires_at <= now:
            self.kek = None
        self._ended = {spi: until for spi, until in self._ended.items() if until > now}
        self._ended |= {tek.spi: now + ENDED_FOR for tek in self.teks if tek.expires_at <= now}
        alive = [tek for tek in self.teks if tek.expires_at > now]
        changed = len(alive) != len(self.teks)
        self.teks = alive
        return changed

    def deadline(self, jitter: float) -> float | None:
        """When to register again: a while before traffic would be left without TEK, or the KEK ends."""
        last: list[Kek | Tek] = [self.kek] if self.kek is not None else []
        for entry in self.acl:
            serving = [tek for tek in self.teks if entry in tek.entries] if entry.permit else []
            last += [max(serving, key=lambda tek: tek.expires_at)] if serving else []
        return min((key.expires_at - registration_margin(key.lifetime, jitter) for key in last), default=None)

    # The inside

    def _install(
        self, download: Download, fresh: tuple[Tek, ...], server: IPv4Address, now: float, registered: bool = False
    ) -> list[Event]:
        found: list[Event] = []
        before = self.time.follow(download.replay, now, registered)
        if before is not None and download.replay.pseudotime is not None:
            found.append(PseudotimeAdjusted(self._group, before, download.replay.pseudotime))
        if download.stray_signature_key:
            found.append(SignatureKeyDropped(self._group))
        if download.kek is not None:
            found += self._install_kek(download.kek)
            self.path = download.path or {}
        if fresh:
            found += self._install_teks(fresh, server)
        if download.has_acl:
            self.acl = download.acl
        elif not self._has_private_acl:
            self.acl = tuple(dict.fromkeys(entry for tek in self.teks for entry in tek.entries))
        return [*found, PolicyChanged(self._group)]

    def _install_kek(self, kek: Kek) -> list[Event]:
        found: list[Event] = []
        if self.kek is not None:
            # Retransmissions of the push that brought the new one must still be acknowledged.
            self.old_kek = self.kek
            kek.public_key = kek.public_key or self.kek.public_key
        was_multicast = self.multicast is not None
        self.kek = kek
        if self.old_kek is not None and was_multicast != (self.multicast is not None):
            found.append(TransportChanged(self._group, self.multicast is not None))
        return [*found, KekUpdated(self._group), KeyInstalled(self._group, kek.key_record())]

    def _install_teks(self, fresh: tuple[Tek, ...], server: IPv4Address) -> list[Event]:
        found: list[Event] = []
        was, had = self.receive_only, bool(self.teks)
        self.teks += fresh
        if self.receive_only != was or (self.receive_only and not had):
            found.append(DirectionChanged(self._group, server, self.receive_only))
        found.append(TekUpdated(self._group))
        return found + [KeyInstalled(self._group, tek.key_record()) for tek in fresh]

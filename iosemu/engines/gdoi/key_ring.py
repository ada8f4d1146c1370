"""The keys that a key server holds: which are in force, which are due, which are over."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.gdoi.config import ServerConfig, TekPolicy
from iosemu.engines.gdoi.keys import Kek, Tek, new_kek, new_teks
from iosemu.engines.gdoi.sender_ids import SenderIds
from iosemu.engines.gdoi.signatures import hash_of


class KeyRing:
    """KEK and TEKs of one group. `policies` is what the TEKs were made for: edits wait for the next rekey."""

    def __init__(self, config: ServerConfig, random: RandomBytes) -> None:
        self.kek: Kek | None = None
        self.old_keks: list[Kek] = []
        self.teks: list[Tek] = []
        self.policies: tuple[TekPolicy, ...] = ()
        self.sender_ids = SenderIds(config.sid_bits, config.server_ids)
        self._generation = 0
        self._random = random

    @property
    def keks(self) -> list[Kek]:
        """The KEK and its predecessors, under which acknowledgements may still come."""
        return [*([self.kek] if self.kek else []), *self.old_keks]

    def clear(self, config: ServerConfig) -> None:
        """Forget everything. Sender IDs start again, as they are configured now, because no key outlives this."""
        self.kek = None
        self.old_keks, self.teks, self.policies = [], [], ()
        self.sender_ids = self.sender_ids.successor(config.sid_bits, config.server_ids)

    def drop_expired(self, now: float) -> None:
        """Let go of what is over."""
        self.teks = [tek for tek in self.teks if tek.expires_at > now]
        self.old_keks = [kek for kek in self.old_keks if kek.expires_at > now]
        if self.kek is not None and self.kek.expires_at <= now:
            self.kek = None

    def expiries(self) -> Iterator[float]:
        """When something will be over."""
        yield from (tek.expires_at for tek in self.teks)
        yield from (kek.expires_at for kek in self.keks)

    def make_missing(self, config: ServerConfig, now: float) -> list[Kek | Tek]:
        """Make the keys that a member needs and that are not there; returns them. Where there are none at all, a
        series of sender IDs begins with them."""
        made: list[Kek | Tek] = []
        first = self.kek is None and not self.teks
        if first:
            self.sender_ids = self.sender_ids.successor(config.sid_bits, config.server_ids)
        if self.kek is None and config.signing_key is not None:
            self.kek = self.fresh_kek(config, now)
            made.append(self.kek)
        present = {tek.number for tek in self.teks}
        if not present:
            self.policies = config.teks
        for policy in self.policies:
            if policy.number not in present:
                made += self._add(policy, now)
        if first and made:
            self.sender_ids.series = _series_of(made[0])
        return made

    def renew_teks(self, config: ServerConfig, numbers: set[int], now: float) -> list[Tek]:
        """Fresh TEKs for these `sa ipsec` numbers and for those whose policy was edited; edits come into force."""
        before, self.policies = self.policies, config.teks
        fresh: list[Tek] = []
        for policy in self.policies:
            if policy.number in numbers or policy not in before:
                fresh += self._add(policy, now)
        return fresh

    def fresh_kek(self, config: ServerConfig, now: float) -> Kek:
        """A KEK of the configured policy, not in force yet."""
        assert config.signing_key is not None
        public = config.signing_key.public
        kek = new_kek(config.kek, hash_of(public, config.kek.sig_hash), public.spki, self._random, now)
        kek.destination = config.rekey_destination
        return kek

    def replace_kek(self, successor: Kek) -> None:
        """Bring a KEK into force; its predecessor stays known for acknowledgements."""
        if self.kek is not None:
            self.old_keks.append(self.kek)
        self.kek = successor

    def kek_outdated(self, config: ServerConfig) -> bool:
        """Whether the KEK was made for another cipher, signature or transport than the configured ones."""
        policy, kek, key = config.kek, self.kek, config.signing_key
        if kek is None:
            return False
        signed = key is None or (kek.sig_hash, kek.public_key) == (hash_of(key, policy.sig_hash), key.public.spki)
        wanted = policy.encryption, policy.key_bits, config.rekey_destination
        return not signed or (kek.encryption, kek.key_bits, kek.destination) != wanted

    @property
    def revision(self) -> tuple[bytes, int, int]:
        """Equal as long as no key was made, replaced or used for another push."""
        return (self.kek.spi, self.kek.sequence, self._generation) if self.kek else (b"", 0, self._generation)

    def install(self, kek: Kek | None, teks: list[Tek], policies: tuple[TekPolicy, ...]) -> None:
        """Take the keys of another key server in the place of those held."""
        if self.kek is not None and (kek is None or kek.spi != self.kek.spi):
            self.old_keks.append(self.kek)
        if kek is not None:
            # Pushes with these numbers are out already.
            kek.sequence = max([kek.sequence, *(known.sequence for known in self.keks if known.spi == kek.spi)])
            self.old_keks = [known for known in self.old_keks if known.spi != kek.spi]
        self.kek, self.policies = kek, policies
        self.teks = sorted(teks, key=lambda tek: tek.born_at)
        for tek, before in zip(self.teks, [None, *self.teks], strict=False):
            if before is None or tek.born_at != before.born_at:
                self._generation += 1
            tek.generation = self._generation

    def join(self, config: ServerConfig, series: int, counting: bool) -> None:
        """The keys held are those of a series from now on, in which others may have given out sender IDs."""
        if series != self.sender_ids.series:
            self.sender_ids = self.sender_ids.successor(config.sid_bits, config.server_ids, series)
        self.sender_ids.counting |= counting

    def take_in(self, teks: list[Tek]) -> None:
        """Hold data SAs that another key server made beside those held; they are not renewed."""
        self.teks = [*teks, *self.teks]
        for tek in teks:
            tek.generation = 0

    def newest(self) -> list[Tek]:
        """The TEKs in force that no younger ones of the same `sa ipsec` have replaced."""
        last: dict[int, int] = {}
        for tek in self.teks:
            last[tek.number] = max(tek.generation, last.get(tek.number, 0))
        numbers = {policy.number for policy in self.policies if policy.permits}
        return [tek for tek in self.teks if tek.number in numbers and tek.generation == last[tek.number]]

    def _add(self, policy: TekPolicy, now: float) -> list[Tek]:
        self._generation += 1
        self.sender_ids.counting |= policy.transform.counter_mode
        fresh = new_teks(policy, self._random, now)
        for tek in fresh:
            tek.generation = self._generation
        self.teks += fresh
        return fresh


def _series_of(key: Kek | Tek) -> int:
    """The name of the series that begins with a key: no two keys give the same."""
    secret = key.key if isinstance(key, Kek) else key.encryption_key + key.integrity_key
    return int.from_bytes(sha256(key.spi + secret).digest()[:8], "big")

"""What the parts of a key server share: configuration, keys, members and time of one group."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from ipaddress import IPv4Address

from iosemu.crypto.keys import SigningKey
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Event
from iosemu.engines.gdoi.config import ServerConfig
from iosemu.engines.gdoi.events import KeyInstalled
from iosemu.engines.gdoi.key_ring import KeyRing
from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.engines.gdoi.lkh_tree import LkhTree
from iosemu.engines.gdoi.member_table import Member
from iosemu.engines.gdoi.rekey_schedule import KEK_BASE, TEK_BASE, rekey_time
from iosemu.engines.gdoi.replay import SYNCHRONISE_EVERY, PseudoClock
from iosemu.engines.gdoi.sender_ids import SenderIds
from iosemu.engines.gdoi.server_events import HierarchyBegun, SigningKeyMissing


class Duty(Enum):
    """What a key server is among others of the group."""

    ALONE = "alone"
    PRIMARY = "primary"
    SECONDARY = "secondary"


class GroupState:
    """One group at its key server.

    A `duty` of SECONDARY makes no keys and sends no rekeys, one of PRIMARY keeps keys alive although nobody has
    registered yet: other key servers may hand them out. `blocked` turns new members away.
    """

    def __init__(self, config: ServerConfig, random: RandomBytes) -> None:
        self.config = config
        self.members: dict[IPv4Address, Member] = {}
        self.pseudotime: PseudoClock | None = None
        self.synchronised_at = 0.0
        self.duty = Duty.ALONE
        self.blocked = False
        self.ring = KeyRing(config, random)
        # The hierarchy of keys whose root is the KEK, where the group has one.
        self.tree: LkhTree | None = None
        self.events: list[Event] = []
        self._complained = False
        self._random = random
        self._former_keys: dict[bytes, SigningKey] = {}

    @property
    def kek(self) -> Kek | None:
        """The rekey SA in force."""
        return self.ring.kek

    @property
    def keks(self) -> list[Kek]:
        """The KEK, and its predecessors while they live."""
        return self.ring.keks

    @property
    def teks(self) -> list[Tek]:
        """All data SAs that members hold, oldest first."""
        return self.ring.teks

    @property
    def sender_ids(self) -> SenderIds:
        """The sender IDs of counter modes."""
        return self.ring.sender_ids

    @property
    def by_time(self) -> bool:
        """Whether replay is checked by time."""
        return any(policy.replay.by_time for policy in self.config.teks)

    @property
    def renews(self) -> bool:
        """Whether keys are renewed before they end."""
        return self.duty is Duty.PRIMARY or (self.duty is Duty.ALONE and bool(self.members))

    def update_config(self, config: ServerConfig) -> None:
        """Take a changed policy; it reaches the members with the next rekey."""
        former, renamed = self.config.signing_key, self.config.signing_label != config.signing_label
        # A key whose label has another one now was destroyed: nothing is signed with it any more.
        if former is not None and renamed:
            self._former_keys[former.public.spki] = former
        self.config = config
        self.sender_ids.reassign(config.sid_bits, config.server_ids)
        self._complained = False

    def begin_time(self, now: float) -> None:
        """Start the pseudotime where replay is checked by time and it does not run yet."""
        if self.pseudotime is None and self.by_time:
            self.pseudotime, self.synchronised_at = PseudoClock(-now), now

    def signer(self, kek: Kek) -> SigningKey | None:
        """What signs under a KEK: members know the key that was configured when it was made."""
        key = self.config.signing_key
        if key is None or key.public.spki == kek.public_key:
            return key
        return self._former_keys.get(kek.public_key, key)

    def plant(self) -> None:
        """Begin a hierarchy of keys with the KEK in force, if there is to be one; all members must register for it."""
        kek = self.ring.kek
        self.tree = None
        if kek is not None and self.config.lkh:
            kek.lkh = True
            self.events.append(HierarchyBegun(self.config.group))
            self.tree = LkhTree(kek.material, len(kek.material), self._random)

    def announce(self, keys: Iterable[Kek | Tek]) -> None:
        """Report keys that were made."""
        self.events.extend(KeyInstalled(self.config.group, key.key_record()) for key in keys)

    def complain_without_key(self) -> None:
        """Report, once, that nothing can be signed."""
        if self.config.signing_key is None and self.config.signing_label and not self._complained:
            self._complained = True
            self.events.append(
                SigningKeyMissing(self.config.group, self.config.signing_label, self.config.signing_kind.upper())
            )

    # When keys are due

    def kek_rekey_at(self) -> float | None:
        """When the KEK will be renewed; None without members."""
        if self.kek is None or not self.renews or self.config.signing_key is None:
            return None
        return rekey_time(KEK_BASE, self.kek.lifetime, self.kek.expires_at, self.config.kek, len(self.members))

    def tek_rekey_at(self, tek: Tek) -> float | None:
        """When a TEK will be renewed; None when it has been already, or there are no members."""
        return self.renewal(tek) if tek in self.ring.newest() else None

    def renewal(self, tek: Tek) -> float | None:
        """When one of the newest TEKs will be renewed; None without members."""
        if not self.renews:
            return None
        return rekey_time(TEK_BASE, tek.lifetime, tek.expires_at, self.config.kek, len(self.members))

    def synchronises_at(self) -> float | None:
        """When a push brings the members' pseudotime together unless a rekey does so before; None without one."""
        if self.pseudotime is None or not self.members or not self.renews or not self.by_time:
            return None
        return self.synchronised_at + SYNCHRONISE_EVERY

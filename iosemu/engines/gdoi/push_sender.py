"""Pushes of a key server: what goes out to whom, in which form, signed and numbered (RFC 6407 section 4)."""

from __future__ import annotations

from enum import Enum, auto
from ipaddress import IPv4Address

from iosemu.engines.common import Datagram, Endpoint, earliest
from iosemu.engines.gdoi import push
from iosemu.engines.gdoi.config import NOWHERE
from iosemu.engines.gdoi.events import MessageSeen
from iosemu.engines.gdoi.farewell import Farewell
from iosemu.engines.gdoi.group_policy import group_sa
from iosemu.engines.gdoi.group_state import GroupState
from iosemu.engines.gdoi.kek_payloads import kek_packet, sa_kek
from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.engines.gdoi.lkh import update_packet
from iosemu.engines.gdoi.rounds import RekeyRounds
from iosemu.engines.gdoi.server_events import RekeySent
from iosemu.engines.gdoi.tek_payloads import tek_packet
from iosemu.wire.attributes import Attribute
from iosemu.wire.gdoi.key_download import KeyDownload, KeyPacket
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.isakmp_payloads import Delete


class Obstacle(Enum):
    """Why a push cannot be sent."""

    NO_MEMBERS = auto()
    NO_SIGNING_KEY = auto()
    # The members registered when there was no key to sign with, and know no KEK.
    NO_KEK = auto()
    NO_ADDRESS = auto()


class PushSender:
    """Sends the pushes of one group; `rounds` sees them through."""

    def __init__(self, group: GroupState) -> None:
        self.rounds = RekeyRounds(group.config.group, group.members)
        self.farewells: list[Farewell] = []
        self.sent = 0
        self._group = group

    @property
    def obstacle(self) -> Obstacle | None:
        """What is missing: somebody to send to, a key to sign with, a KEK, or an address to send from."""
        group = self._group
        if not group.members:
            return Obstacle.NO_MEMBERS
        if group.config.signing_key is None:
            return Obstacle.NO_SIGNING_KEY
        if group.kek is None:
            return Obstacle.NO_KEK
        # Members know the transport of the KEK that they have.
        source = group.config.address if group.kek.destination is None else group.config.multicast
        return Obstacle.NO_ADDRESS if source is None else None

    @property
    def possible(self) -> bool:
        """Whether a push can be sent."""
        return self.obstacle is None

    def send(
        self,
        teks: list[Tek],
        now: float,
        *,
        successor: Kek | None = None,
        deletes: list[Delete] | None = None,
        gap: tuple[Attribute, ...] | None = None,
        replace: bool = False,
        authenticate: bool = False,
    ) -> None:
        """Send these TEKs, and a KEK that takes the place of the one in force, where it is possible.

        `authenticate` tells members that know it to make phase 1 anew when they register again.
        """
        group, config, kek = self._group, self._group.config, self._group.kek
        key = group.signer(kek) if kek is not None else None
        if kek is None or key is None or not self.possible:
            return
        # Time may have taken the place of counters since the members registered.
        group.begin_time(now)
        kek.sequence += 1
        source, destination = self._ends(kek)
        packets = ([self._kek_packet(successor)] if successor else []) + [tek_packet(tek) for tek in teks]
        messages = {}
        for private in self._forms():
            policy = sa_kek(successor, config.kek, *self._rekey_ends(), now, private) if successor else None
            sa = group_sa(group, teks, now, policy, private, gap, authenticate) if packets else None
            keys = KeyDownload(tuple(packets)) if packets else None
            payloads = push.contents(kek.sequence, deletes or [], sa, keys, config.profile)
            messages[private] = push.seal(kek, key, payloads, config.profile)
            to = destination.address if destination else NOWHERE
            group.events.append(MessageSeen(config.group, True, True, to, tuple(payloads), config.profile))
        over = min([kek.expires_at, *(tek.expires_at for tek in group.teks)])
        self.rounds.start(kek, messages, config.kek, source, destination, over, now)
        self.sent += 1
        group.synchronised_at = now
        multicast = destination.address if destination else None
        group.events.append(RekeySent(config.group, source.address, kek.sequence, replace, multicast))
        if successor is not None:
            group.ring.replace_kek(successor)
            group.announce([successor])

    def say_farewell(self) -> None:
        """See the push that was just sent through although keys and members are about to be forgotten."""
        group = self._group
        if group.kek is not None and self.rounds.last is not None and self.rounds.last.open:
            self.rounds.detach(dict(group.members))
            self.farewells.append(Farewell(self.rounds, group.kek, group.config.kek))
            self.rounds = RekeyRounds(group.config.group, group.members, self.rounds.retransmitted)

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now."""
        found = [datagram for farewell in self.farewells for datagram in farewell.take_datagrams()]
        self.farewells = [farewell for farewell in self.farewells if not farewell.over]
        return found + self.rounds.take_datagrams()

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return earliest(self.rounds.next_timer(), *(farewell.next_timer() for farewell in self.farewells))

    def handle_timer(self, now: float) -> None:
        """Send the next batch, or again, or give up."""
        self.rounds.handle_timer(self._group.config.kek, now)
        for farewell in self.farewells:
            farewell.handle_timer(now)

    def forget(self, address: IPv4Address) -> None:
        """A member has just got what the push under way brings."""
        self.rounds.welcome(address)
        for farewell in self.farewells:
            farewell.forget(address)

    def _kek_packet(self, successor: Kek) -> KeyPacket:
        """The next KEK for the members there are: those who are gone cannot read it where there is a hierarchy."""
        tree = self._group.tree
        if tree is None:
            return kek_packet(successor)
        successor.lkh = True
        tree.keep(self._group.members)
        return update_packet(successor, tree.update(successor.material))

    def _own(self) -> Endpoint:
        vrf = next(iter(self._group.members.values())).local.vrf
        return Endpoint(self._group.config.address or IPv4Address(0), GDOI_PORT, vrf)

    def _ends(self, kek: Kek) -> tuple[Endpoint, Endpoint | None]:
        """Where a push under `kek` goes from, and to where that is one address for all."""
        multicast = self._group.config.multicast
        return (self._own(), None) if kek.destination is None or multicast is None else multicast

    def _rekey_ends(self) -> tuple[Endpoint, Endpoint]:
        """The ends of the next rekey SA. One message serves all members, so that with unicast none can be named."""
        config = self._group.config
        return config.multicast if config.multicast is not None and not config.unicast else (self._own(), self._own())

    def _forms(self) -> set[bool]:
        """Whether a push goes out with private payloads, without, or both. One datagram to a group must suit all."""
        forms = {member.version is not None for member in self._group.members.values()}
        return forms if self._group.kek is None or self._group.kek.destination is None else {all(forms)}

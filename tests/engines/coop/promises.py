"""What key servers and members promise, whatever the network of the simulation does to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.wire.coop import CoopMessage, CoopRole
from tests.engines.coop.light import KEK_LIFE, TEK_LIFE, LightMember

if TYPE_CHECKING:
    from tests.engines.coop.node import Node
    from tests.engines.coop.simulation import Simulation

# All in seconds. Finding out takes 50 s at most after the last word of the primary, an election 8 s and another round
# where messages were lost; what one learns of through others comes later.
ELECTION_TIME = 180.0
REGISTRATION_TIME = 150.0
CHECK_EVERY = 20.0
# Who missed a rekey registers again this long after it at the latest.
MISSED_TIME = 100.0


class Violation(AssertionError):
    """A promise was broken."""


class Promises:
    """Watches a simulation; every check raises Violation."""

    def __init__(self, simulation: Simulation) -> None:
        self._world = simulation
        # Since when a side has had no leader, or several, by its first key server.
        self._many_since: dict[int, float] = {}
        self._side_since = 0.0
        self._nonces: dict[tuple[bytes, int | None], int] = {}
        # Since when a member has had no key although it could get one.
        self._keyless_since: dict[int, float] = {}

    def topology_changed(self) -> None:
        """Who could reach whom until now does not count any more."""
        self._side_since = self._world.now
        self._many_since.clear()

    def check_sequence(self, node: Node, message: CoopMessage) -> None:
        """No key server uses the number of a message twice."""
        last = node.sequences.get(message.incarnation, 0)
        if message.sequence <= last:
            raise Violation(f"message {message.sequence} of KS{node.number} after {last}")
        node.sequences[message.incarnation] = message.sequence

    def check_nonces(self, member: LightMember) -> None:
        """No two members, nor two stays of one, have the same sender ID with the same key: they would use its nonces
        twice."""
        for spi in member.install_sids():
            nonces = spi, member.sid
            if nonces in self._nonces:
                both = f"{self._nonces[nonces]} and {member.number}"
                raise Violation(f"members {both} send with {spi.hex()} and sender ID {member.sid}")
            self._nonces[nonces] = member.number

    def _sides(self) -> list[list[Node]]:
        """The key servers that are there, by who can speak with whom, through others too."""
        left = [node for node in self._world.nodes if node.alive and not node.paused]
        found = []
        while left:
            part, frontier = [], [left.pop(0)]
            while frontier:
                node = frontier.pop()
                part.append(node)
                near = [other for other in left if self._world.connected(node.number, other.number)]
                left = [other for other in left if other not in near]
                frontier += near
            found.append(part)
        return found

    def check(self) -> None:
        """One leader on each side of a split, and keys for every member that can reach who has some."""
        for part in self._sides():
            leaders = [node.number for node in part if node.server.role is CoopRole.PRIMARY]
            key = part[0].number
            if len(leaders) == 1 or (not leaders and self._hears_from_outside(part)):
                self._many_since.pop(key, None)
                continue
            since = self._many_since.setdefault(key, self._world.now)
            if self._world.now - max(since, self._side_since) > ELECTION_TIME:
                members = [node.number for node in part]
                raise Violation(f"primaries {leaders} in the component {members} since {since:.0f}")
        self._check_members()

    def _hears_from_outside(self, part: list[Node]) -> bool:
        """Whether messages of a primary, or of those who follow it, come in that none can answer."""
        leading = CoopRole.PRIMARY, CoopRole.SECONDARY
        outside = [node for node in self._world.nodes if node not in part and node.server.role in leading]
        return any((other.number, node.number) not in self._world.cut for other in outside for node in part)

    def _check_members(self) -> None:
        now = self._world.now
        for member in self._world.members:
            if member.served_until > now:
                self._keyless_since.pop(member.number, None)
                continue
            if not any(node.serves and self._world.member_reaches(node, member) for node in self._world.nodes):
                self._keyless_since.pop(member.number, None)
                continue
            since = self._keyless_since.setdefault(member.number, now)
            if now - since > REGISTRATION_TIME:
                raise Violation(f"member {member.number} has had no key since {since:.0f}")

    def check_healed(self) -> None:
        """Everybody holds the same keys, once nothing was renewed for a while and who missed a rekey has registered."""
        leaders = [node for node in self._world.nodes if node.server.role is CoopRole.PRIMARY]
        if len(leaders) != 1:
            raise Violation(f"primaries {[node.number for node in leaders]} long after the healing")
        lead = leaders[0]
        ages = self._ages(lead)
        for _ in range(60):
            rests = min(ages.values()) > MISSED_TIME and self._since_farewell() > TEK_LIFE + CHECK_EVERY
            if rests and min(self._left(lead).values()) > CHECK_EVERY:
                break
            self._world.play(self._world.now + CHECK_EVERY)
            ages = self._ages(lead)
        keys, own = lead.keys.lasting(lead.clock(self._world.now)), lead.keys.kek
        for node in self._world.nodes:
            if node.keys.kek != own or node.keys.lasting(node.clock(self._world.now)) != keys:
                raise Violation(f"KS{node.number} holds other keys than the primary KS{lead.number}")
            if node.server.diverged:
                raise Violation(f"KS{node.number} still has keys to give")
        kek_is_old = KEK_LIFE - self._left(lead)["kek"] > TEK_LIFE
        for member in self._world.members:
            if not member.holds(lead.keys.newest, self._world.now) or (kek_is_old and member.kek != own):
                raise Violation(f"member {member.number} lacks keys of the primary KS{lead.number}")
        for sender in self._world.members:
            spi = sender.sends_with(self._world.now)
            for receiver in self._world.members:
                if spi is None or not receiver.holds(spi, self._world.now):
                    raise Violation(f"member {receiver.number} cannot read what {sender.number} sends")

    def _since_farewell(self) -> float:
        """How long ago members were sent away: who did not hear of it comes back when its keys end."""
        ends = [node.world(node.keys.sent_away_at) for node in self._world.nodes if node.keys.sent_away_at is not None]
        return self._world.now - max(ends, default=-TEK_LIFE)

    def _ages(self, lead: Node) -> dict[str, float]:
        local = lead.clock(self._world.now)
        return {
            "tek": local - max(born for born, _ in lead.keys.teks.values()),
            "kek": KEK_LIFE - self._left(lead)["kek"],
        }

    def _left(self, lead: Node) -> dict[str, float]:
        local = lead.clock(self._world.now)
        ends = min(ends for _, ends in lead.keys.teks.values())
        return {"tek": ends - local, "kek": lead.keys.kek_ends - local}

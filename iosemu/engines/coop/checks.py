"""What is said once of peers that differ: in version, in configuration, or that are no peers."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.common import Event
from iosemu.engines.coop.config import CoopConfig
from iosemu.engines.coop.events import ConfigMismatch, ReplayMismatch, VersionMismatch
from iosemu.engines.coop.key_sync import NUMBER_LIMIT
from iosemu.engines.coop.peers import Peer
from iosemu.wire.coop import CoopMessage

STRANGER_PAUSE = 60.0
_NAMES = ("TEK policy", "KEK policy", "rekey transport", "anti-replay", "rekey RSA key")


def is_out_of_range(message: CoopMessage) -> bool:
    """Whether numbers of a peer could not be counted on from."""
    numbers: list[float] = [message.sequence, message.beat, message.pseudotime or 0.0]
    if message.keys is not None:
        numbers += [message.keys.generation, message.keys.kek.sequence if message.keys.kek else 0]
    if message.database is not None:
        numbers += [message.database.upto, max((item.stamp for item in message.database.records), default=0)]
    return max(numbers) >= NUMBER_LIMIT


@dataclass(slots=True)
class Checks:
    """What was complained of already."""

    _said: set[object] = field(default_factory=set)
    _strangers: dict[IPv4Address, float] = field(default_factory=dict)

    def is_new_stranger(self, source: IPv4Address, now: float) -> bool:
        """Whether it is time to complain of a key server that is no peer."""
        if source in self._strangers and now < self._strangers[source] + STRANGER_PAUSE:
            return False
        if len(self._strangers) > 256:
            self._strangers.clear()
        self._strangers[source] = now
        return True

    def version(self, config: CoopConfig, peer: Peer, message: CoopMessage) -> VersionMismatch | None:
        """Another version: fatal when its first number differs, else said once."""
        theirs, ours = message.coop_version, config.coop_version
        majors = (theirs[0], message.server_version[0]), (ours[0], config.version[0])
        major = majors[0] != majors[1]
        if not major and theirs[1] == ours[1] and message.server_version[1] == config.version[1]:
            return None
        if not self._is_news((peer.address, theirs, message.server_version)) and not major:
            return None
        return VersionMismatch(config.name, peer.address, ".".join(map(str, theirs)), major, majors[0] < majors[1])

    def configuration(self, config: CoopConfig, message: CoopMessage) -> list[Event]:
        """How the configuration of the primary differs from ours."""
        found: list[Event] = []
        if message.fingerprint is None:
            return found
        for name, ours, theirs in zip(_NAMES, config.fingerprint.parts(), message.fingerprint.parts(), strict=True):
            if ours == theirs or not self._is_news((message.sender, name, theirs)):
                continue
            # The first octet of the replay digest says whether replay is checked by time.
            if name == "anti-replay" and ours[0] != theirs[0]:
                found.append(ReplayMismatch(config.name, message.sender))
            else:
                found.append(ConfigMismatch(config.name, message.sender, name))
        return found

    def shares_numbers(self, peer: Peer, numbers: set[int]) -> bool:
        """Whether it is news that a peer has these numbers (KSSIDs) of ours."""
        return self._is_news((peer.address, "numbers", frozenset(numbers)))

    def runs_ahead(self, peer: Peer, ahead: bool) -> bool:
        """Whether a peer's time was found ahead of ours just now: it is said once, until that has passed."""
        if not ahead:
            self._said.discard(("time", peer.address))
        return ahead and self._is_news(("time", peer.address))

    def _is_news(self, what: object) -> bool:
        new = what not in self._said
        self._said.add(what)
        return new

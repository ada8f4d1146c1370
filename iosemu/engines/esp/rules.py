"""What a member's data plane is told, and the rules that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.sa import FLOW_CACHE_SIZE, EspSa
from iosemu.engines.esp.verdict import Flow, flow_of, to_group
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.replay import PseudoClock


@dataclass(frozen=True, slots=True)
class GroupPolicy:
    """The lists of the member itself and of the key server, with the keys of the group.

    `sids` are the sender IDs that the member was given, of `sid_bits` each; `clock` is the pseudotime, None where it is
    not known.
    """

    local: tuple[AclEntry, ...] = ()
    downloaded: tuple[AclEntry, ...] = ()
    teks: tuple[Tek, ...] = ()
    sids: tuple[int, ...] = ()
    sid_bits: int = 0
    clock: PseudoClock | None = None
    direction: SaDirection = SaDirection.BOTH

    @property
    def sid(self) -> int | None:
        """The sender ID that is used."""
        return self.sids[0] if self.sids else None


# What a member has been told before it registers.
NOTHING = GroupPolicy()


@dataclass(slots=True)
class Rule:
    """An entry of the merged list and the SA that serves it until some time, so that packets need not look for it."""

    entry: AclEntry
    sa: EspSa | None = None
    until: float = -inf


# What no entry matches goes in clear, as what a deny matches.
_NO_RULE = Rule(AclEntry(False))


class Rules:
    """The merged list. The local one comes first: its denies win over the key server's permits."""

    def __init__(self, policy: GroupPolicy) -> None:
        self.entries = (*policy.local, *policy.downloaded)
        self._direction = policy.direction
        self._downloaded = frozenset(policy.downloaded)
        self._outbound = tuple(Rule(entry) for entry in self.entries)
        self._inbound = tuple(Rule(entry.mirrored()) for entry in self.entries)
        self._sent: dict[Flow, Rule] = {}
        self._received: dict[Flow, Rule] = {}

    def protecting(self, packet: bytes) -> Rule | None:
        """What protects all packets of a packet's flow on their way out, None where they go in clear."""
        rule = _classify(flow_of(packet), self._outbound, self._sent)
        clear = self._direction.sends_clear and rule.entry in self._downloaded
        return rule if rule.entry.permit and not clear else None

    def demand_esp(self, packet: bytes) -> bool:
        """Whether a packet that came in should have been encrypted."""
        # Nobody answers from a group's address: its packets match as they were sent (RFC 5374 section 4.1).
        grouped = to_group(packet)
        rule = _classify(flow_of(packet), self._outbound if grouped else self._inbound, self._received)
        entry = rule.entry if grouped else rule.entry.mirrored()
        return rule.entry.permit and not (self._direction.takes_clear and entry in self._downloaded)


def _classify(flow: Flow, rules: tuple[Rule, ...], cache: dict[Flow, Rule]) -> Rule:
    """The first rule that a flow matches."""
    rule = cache.get(flow)
    if rule is None:
        if len(cache) >= FLOW_CACHE_SIZE:
            cache.clear()
        rule = cache[flow] = next((rule for rule in rules if rule.entry.matches(*flow)), _NO_RULE)
    return rule

"""The translator: packets of the inside get outside addresses, and their answers find back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.engines.common import Event
from iosemu.engines.deadlines import Deadlines
from iosemu.engines.nat.config import NatConfig
from iosemu.engines.nat.flow import (
    End,
    flow_of,
    from_address,
    quoted_by,
    to_address,
    with_destination,
    with_quoted,
    with_source,
)
from iosemu.engines.nat.lifetime import follow
from iosemu.engines.nat.ports import free_port
from iosemu.engines.nat.table import Translation, TranslationTable
from iosemu.wire.ipv4 import ICMP

LIMIT = 65536
# A translation of a whole address stands under the protocol 0.
ANY = 0
# A deadline is set once, and looked at again when it comes: packets only move the end of their translation.
GRAIN = 1.0

_Key = tuple[int, End, "End | None"]


@dataclass(frozen=True, slots=True)
class AllocationFailed(Event):
    """There was no address or port left for a packet, which was dropped."""

    inside: int
    name: str


class NatEngine:
    """Translates at the border; `None` in the place of a packet means that it must be dropped."""

    def __init__(self, config: NatConfig, now: float) -> None:
        self._config = config
        self.table = TranslationTable()
        self.events: list[Event] = []
        self.hits = self.misses = self.expired = 0
        self._deadlines: Deadlines[_Key] = Deadlines()
        self._enter_statics(now)

    @property
    def config(self) -> NatConfig:
        """What is translated to what."""
        return self._config

    def configure(self, config: NatConfig, now: float) -> None:
        """Go on with other rules: what an old one made ends."""
        old, self._config = self._config, config
        if (old.statics, old.dynamics) != (config.statics, config.dynamics):
            self.clear(statics=True)
            self._enter_statics(now)

    def clear(self, statics: bool = False) -> None:
        """End all flows and addresses; configured translations stay unless they are meant too."""
        for item in self.table:
            if statics or not item.static:
                self._remove(item)

    def next_deadline(self) -> float | None:
        """When `tick` has something to do."""
        return self._deadlines.next()

    def tick(self, now: float) -> None:
        """End what has not been used for its time."""
        for protocol, inside, remote in self._deadlines.pop_due(now):
            item = self.table.flow_inside(protocol, inside, remote)
            if item is None or item.expires is None:
                continue
            if item.expires <= now:
                self._remove(item)
                self.expired += 1
            else:
                self._deadlines.set((protocol, inside, remote), item.expires)

    def outbound(self, packet: bytes, now: float) -> bytes | None:
        """Translate a whole packet of the inside that leaves; one that no rule names stays as it is."""
        quoted = quoted_by(packet)
        if quoted is not None:
            return self._error_outbound(packet, quoted)
        flow = flow_of(packet)
        if flow is None:
            return packet
        inside, remote = flow.source, _far(flow.protocol, flow.destination)
        item = self._find_inside(flow.protocol, inside, remote, now)
        if item is None:
            for number, rule in enumerate(self._config.dynamics):
                if rule.selects(packet):
                    self.misses += 1
                    item = self._first(flow.protocol, inside, remote, number, now)
                    break
            else:
                return packet
        if item is None:
            self.events.append(AllocationFailed(inside.address, self._config.dynamics[number].name))
            return None
        self.hits += 1
        follow(item, packet, True, self._config.timeouts, now)
        return with_source(packet, item.outside)

    def inbound(self, packet: bytes, now: float) -> bytes:
        """Translate a whole packet that came from outside; one that is for nobody inside stays as it is."""
        quoted = quoted_by(packet)
        if quoted is not None:
            return self._error_inbound(packet, quoted)
        flow = flow_of(packet)
        if flow is None:
            return packet
        item = self._find_outside(flow.protocol, flow.destination, _far(flow.protocol, flow.source), now)
        if item is None:
            return packet
        self.hits += 1
        follow(item, packet, False, self._config.timeouts, now)
        return with_destination(packet, item.inside)

    # The inside

    def _enter_statics(self, now: float) -> None:
        for static in self._config.statics:
            item = Translation(static.protocol, static.inside, static.outside, None, now, None, now, static=True)
            self.table.add(item)

    def _find_inside(self, protocol: int, inside: End, remote: End, now: float) -> Translation | None:
        """The flow's translation, made by that of its port or address where it is new."""
        item = self.table.flow_inside(protocol, inside, remote)
        if item is not None:
            return item
        parent = self.table.flow_inside(protocol, inside, None)
        if parent is not None:
            return self._flow(protocol, inside, parent.outside, remote, parent, now)
        parent = self.table.flow_inside(ANY, End(inside.address), None)
        if parent is None:
            return None
        return self._flow(protocol, inside, End(parent.outside.address, inside.port), remote, parent, now)

    def _find_outside(self, protocol: int, outside: End, remote: End, now: float) -> Translation | None:
        item = self.table.flow_outside(protocol, outside, remote)
        if item is not None:
            return item
        parent = self.table.flow_outside(protocol, outside, None)
        if parent is not None:
            return self._flow(protocol, parent.inside, outside, remote, parent, now)
        parent = self.table.flow_outside(ANY, End(outside.address), None)
        if parent is None:
            return None
        return self._flow(protocol, End(parent.inside.address, outside.port), outside, remote, parent, now)

    def _flow(
        self, protocol: int, inside: End, outside: End, remote: End, parent: Translation, now: float
    ) -> Translation:
        """A new flow of an address or port that has a translation; where there is no room it is not remembered."""
        parent.used = now
        if parent.expires is not None:
            parent.expires = now + self._config.timeouts.simple
        item = Translation(protocol, inside, outside, remote, now, now, now, parent.rule)
        self._add(item)
        return item

    def _first(self, protocol: int, inside: End, remote: End, number: int, now: float) -> Translation | None:
        """The translation for the first packet of a flow that a rule names: a port of an address that many share, or a
        whole address with the flow on it; None when nothing is left."""
        rule = self._config.dynamics[number]
        for address in rule.addresses:
            if rule.overload:
                port = free_port(self.table, self._config, protocol, inside, remote, address)
                if port is None:
                    continue
                item = Translation(protocol, inside, End(address, port), remote, now, now, now, number)
                return item if self._add(item) else None
            if self.table.flow_outside(ANY, End(address), None) is None:
                ends = now + self._config.timeouts.simple
                parent = Translation(ANY, End(inside.address), End(address), None, now, ends, now, number)
                return self._find_inside(protocol, inside, remote, now) if self._add(parent) else None
        return None

    def _error_outbound(self, packet: bytes, quoted: bytes) -> bytes:
        """An error of the inside about a packet that came in: its quote gets the address that the sender knows."""
        flow = flow_of(quoted)
        if flow is None:
            return packet
        inside = flow.destination
        found = self.table.flow_inside(flow.protocol, inside, _far(flow.protocol, flow.source))
        outside = found.outside if found is not None else self._whole(self.table.flow_inside, inside)
        if outside is None:
            return packet
        self.hits += 1
        rewritten = with_quoted(packet, with_destination(quoted, outside))
        # A router between the two has an address of its own.
        own = int.from_bytes(packet[12:16], "big") == inside.address
        return from_address(rewritten, outside.address) if own else rewritten

    def _error_inbound(self, packet: bytes, quoted: bytes) -> bytes:
        """An error of the outside about a packet that left: it goes to the sender, and quotes what that one sent."""
        flow = flow_of(quoted)
        if flow is None:
            return packet
        outside = flow.source
        found = self.table.flow_outside(flow.protocol, outside, _far(flow.protocol, flow.destination))
        inside = found.inside if found is not None else self._whole(self.table.flow_outside, outside, back=True)
        if inside is None:
            return packet
        self.hits += 1
        return to_address(with_quoted(packet, with_source(quoted, inside)), inside.address)

    @staticmethod
    def _whole(find: Callable[[int, End, End | None], Translation | None], end: End, back: bool = False) -> End | None:
        """What the translation of a whole address makes of an end."""
        item = find(ANY, End(end.address), None)
        if item is None:
            return None
        return End(item.inside.address if back else item.outside.address, end.port)

    def _add(self, item: Translation) -> bool:
        if len(self.table) >= (self._config.limit or LIMIT):
            return False
        self.table.add(item)
        if item.expires is not None:
            self._deadlines.set((item.protocol, item.inside, item.remote), item.expires + GRAIN)
        return True

    def _remove(self, item: Translation) -> None:
        self.table.remove(item)
        self._deadlines.set((item.protocol, item.inside, item.remote), None)


def _far(protocol: int, end: End) -> End:
    """The far end of a flow. An ICMP query has one identifier, which counts as the port of the end inside."""
    return End(end.address) if protocol == ICMP else end

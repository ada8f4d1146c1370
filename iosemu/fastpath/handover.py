"""What the router gets to see: packets that are not the worker's, and the first one of each flow, with a question."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from iosemu.fastpath.lines import FlowKey, Line, Side
from iosemu.fastpath.shapes import is_plain
from iosemu.ports.offload import finished
from iosemu.router.names import InterfaceName

# Why the router must see a packet.
STRANGE = "not IPv4 for us, or damaged"
UNKNOWN = "flow not known"
SPECIAL = "beginning, end, last hop or odd offload"
LARGE = "too large"
UNSENT = "no SA to send with"
REFUSED = "ESP refused"


@dataclass(frozen=True, slots=True)
class Punt:
    """A frame for the router, whose packet stands `at` some place, or a packet that came out of ESP. `learn` asks for a
    plan for its flow: there must be an answer."""

    name: InterfaceName
    data: bytes
    at: int
    opened: bool
    learn: bool

    @property
    def packet(self) -> bytes:
        """The IP packet in it."""
        return self.data[self.at :]


class Handover:
    """`punts` are what the router must see and has not been given, `reasons` count why, `held` are frames of flows that
    it was asked about."""

    def __init__(self, room: int, most_held: int) -> None:
        """How many packets it may have to handle, and how many frames may be held; more are dropped."""
        self._room, self._most_held = room, most_held
        self._outstanding = 0
        self.held = 0
        self.punts: list[Punt] = []
        self.reasons: Counter[str] = Counter()

    def punt(self, side: Side, frame: bytes, reason: str, learn: bool = False) -> bool:
        """Hand a frame over, if there is room for it. Of several packets in it the last one asks."""
        line = side.line
        packets = finished(frame, 0) if side.opened else [frame]
        room = max(self._room - self._outstanding - len(self.punts), 0)
        for number, packet in enumerate(packets[:room], 1):
            at = 0 if side.opened else side.at
            self.punts.append(Punt(line.name, packet, at, side.opened, learn and number == len(packets)))
        handed = min(len(packets), room)
        self.reasons[reason] += handed
        line.passed.input_drops += len(packets) - handed
        return handed == len(packets)

    def unknown(self, side: Side, key: FlowKey, frame: bytes, offload: int, total: int) -> None:
        """The router is asked once what becomes of a flow; what follows of it waits here for the answer."""
        waiting = side.asked.get(key)
        if waiting is None:
            plain = is_plain(frame, side.at, offload, total)
            if self.punt(side, frame, UNKNOWN if plain else SPECIAL, plain) and plain:
                side.asked[key] = []
        elif self.held < self._most_held:
            waiting.append(frame)
            self.held += 1
        else:
            side.line.passed.input_drops += 1

    def released(self, side: Side, key: FlowKey) -> list[bytes]:
        """What has waited for an answer."""
        frames = side.asked.pop(key, [])
        self.held -= len(frames)
        return frames

    def abandon(self, line: Line) -> None:
        """A device goes, and with it what waits of its flows."""
        for side in (line.outer, line.inner):
            for key in list(side.asked):
                line.passed.input_drops += len(self.released(side, key))

    def take(self) -> list[Punt]:
        """All that the router must be told of; it has these to handle from now on."""
        punts, self.punts = self.punts, []
        self._outstanding += len(punts)
        return punts

    def done(self, count: int) -> None:
        """The router has handled so many."""
        self._outstanding -= count

    def take_reasons(self) -> Counter[str]:
        """Count anew."""
        reasons, self.reasons = self.reasons, Counter()
        return reasons

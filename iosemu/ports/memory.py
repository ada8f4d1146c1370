"""Wires inside the process: two or more ends, with delay, loss and taps."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.router.clock import Clock
from iosemu.router.port import Port

# Even a short wire takes time; it also keeps a packet from running through a whole lab inside one call.
DEFAULT_DELAY = 0.0001

Tap = Callable[[float, bytes], None]


class WireEnd(Port):
    """One end, as a router's port."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._receive: Callable[[bytes], None] | None = None
        self._carrier_changed: Callable[[], None] | None = None

    @property
    def framing(self) -> str:
        """Ethernet frames."""
        return "ethernet"

    @property
    def carrier(self) -> bool:
        """Whether the wire is up and somebody is at another end."""
        return self._wire.up and self._wire.occupied(self)

    @property
    def connected(self) -> bool:
        """Whether a router is at this end."""
        return self._receive is not None

    def connect(self, receive: Callable[[bytes], None], carrier_changed: Callable[[], None]) -> None:
        self._receive = receive
        self._carrier_changed = carrier_changed
        self._wire.changed(self)

    def send(self, frame: bytes) -> bool:
        self._wire.carry(self, frame)
        return True

    def deliver(self, frame: bytes) -> None:
        """A frame arrives."""
        if self._receive is not None:
            self._receive(frame)

    def notice(self) -> None:
        """The carrier may have changed."""
        if self._carrier_changed is not None:
            self._carrier_changed()

    def close(self) -> None:
        self._receive = self._carrier_changed = None
        self._wire.changed(self)


class Wire:
    """A wire with two ends, or a segment with more: every other end hears a frame.

    `delay` is in seconds, `loss` a fraction of the frames.
    """

    def __init__(self, clock: Clock, delay: float = DEFAULT_DELAY, loss: float = 0.0) -> None:
        self._clock = clock
        self._delay = delay
        self._loss = loss
        self._ends: list[WireEnd] = []
        self.up = True
        self.taps: list[Tap] = []

    def end(self) -> WireEnd:
        """A new end."""
        end = WireEnd(self)
        self._ends.append(end)
        return end

    def occupied(self, besides: WireEnd) -> bool:
        """Whether somebody is at another end."""
        return any(end.connected for end in self._ends if end is not besides)

    def set_up(self, up: bool) -> None:
        """Cut or mend the wire."""
        self.up = up
        for end in self._ends:
            end.notice()

    def changed(self, cause: WireEnd) -> None:
        """Somebody came to an end or left it."""
        for end in self._ends:
            if end is not cause:
                end.notice()

    def carry(self, sender: WireEnd, frame: bytes) -> None:
        """Bring a frame to all other ends."""
        if not self.up:
            return
        for tap in self.taps:
            tap(self._clock.now(), frame)
        if self._loss and self._clock.uniform(0, 1) < self._loss:
            return
        for end in self._ends:
            if end is not sender:
                self._clock.call_later(self._delay, lambda end=end: end.deliver(frame))  # type: ignore[misc]

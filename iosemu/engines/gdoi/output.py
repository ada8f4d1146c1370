"""What the parts of one engine have for its owner."""

from __future__ import annotations

from iosemu.engines.common import Datagram, Event


class Output:
    """Datagrams and events in the order in which they came about."""

    def __init__(self) -> None:
        self.datagrams: list[Datagram] = []
        self.events: list[Event] = []

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now."""
        taken, self.datagrams = self.datagrams, []
        return taken

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self.events = self.events, []
        return taken

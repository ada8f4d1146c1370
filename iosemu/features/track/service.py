"""The states of tracked objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.features.track.config import InterfaceObject, StubObject, objects_of
from iosemu.router.router import Router


@dataclass(slots=True)
class State:
    """Whether an object is up, how often that has changed, and when it changed last; `words` name it."""

    words: str
    up: bool
    since: float
    changes: int = 0


class TrackService:
    """The states of tracked objects, by number. Who sets a stub object reports each time; what is not configured is not
    followed. `followers` hear of each change."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.states: dict[int, State] = {}
        self.followers: list[Callable[[], None]] = []
        router.ip.listeners.append(self._look)

    def reconcile(self) -> None:
        """Begin with the configured state; forget objects that are gone."""
        block, now = objects_of(self._router.model), self._router.clock.now()
        wanted = {number: (words, True) for number, words in block.unwatched().items()}
        wanted |= {number: (item.words, self._is_up(item)) for number, item in block.objects.items()}
        self.states = {
            number: state
            for number, state in self.states.items()
            if number in wanted and wanted[number][0] == state.words
        }
        for number, (words, up) in wanted.items():
            self.states.setdefault(number, State(words, up, now))
        self._look()

    def stop(self) -> None:
        """Nothing runs."""
        self.states.clear()

    def is_up(self, number: int) -> bool:
        """Whether there is an object, and it is up."""
        state = self.states.get(number)
        return state is not None and state.up

    def report(self, number: int, up: bool) -> None:
        """What an object stands for is up, or down."""
        state = self.states.get(number)
        if state is None or state.up == up:
            return
        state.up, state.since = up, self._router.clock.now()
        state.changes += 1
        change = "Down -> Up" if up else "Up -> Down"
        self._router.syslog.log("TRACK", 6, "STATE", f"{number} {state.words} {change}")
        for follower in self.followers:
            follower()

    def _look(self) -> None:
        """See what has become of interfaces."""
        for number, item in objects_of(self._router.model).objects.items():
            if isinstance(item, InterfaceObject):
                self.report(number, self._is_up(item))

    def _is_up(self, item: StubObject | InterfaceObject) -> bool:
        if isinstance(item, StubObject):
            return item.default_up
        found = self._router.interfaces.get(item.interface)
        return found is not None and found.line_up and (bool(found.addresses) or not item.routing)

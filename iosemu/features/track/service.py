"""The states of stub objects."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.features.track.config import StubObjects
from iosemu.router.router import Router


@dataclass(slots=True)
class State:
    """Whether an object is up, how often that has changed, and when it changed last."""

    up: bool
    since: float
    changes: int = 0


class TrackService:
    """`states` by number. Who sets an object reports each time; what is not configured is not followed."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.states: dict[int, State] = {}

    def reconcile(self) -> None:
        """Begin with the configured state; forget objects that are gone."""
        objects = self._router.model.block(StubObjects).objects
        self.states = {number: state for number, state in self.states.items() if number in objects}
        for number, item in objects.items():
            self.states.setdefault(number, State(item.default_up, self._router.clock.now()))

    def stop(self) -> None:
        """Nothing runs."""
        self.states.clear()

    def report(self, number: int, up: bool) -> None:
        """What an object stands for is up, or down."""
        state = self.states.get(number)
        if state is None or state.up == up:
            return
        state.up, state.since = up, self._router.clock.now()
        state.changes += 1
        change = "Down -> Up" if up else "Up -> Down"
        self._router.syslog.log("TRACK", 6, "STATE", f"{number} stub-object {change}")

"""Lines about events of GDOI: `debug crypto gdoi` filters them by feature, level and peer; event traces keep them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address

from iosemu.engines.common import Endpoint, Event
from iosemu.features.debug.gdoi import CONDITION, LEVELS, covers
from iosemu.features.isakmp.role import DEBUG_GDOI
from iosemu.router.calendar import Stamp
from iosemu.router.router import Router

# What a trace keeps unless `monitor event-trace gdoi ... size` says otherwise.
TRACE_SIZE = 1000
PACKET = LEVELS["packet"]
TRACES = ("coop", "exit", "infra", "registration", "rekey")


class EventTrace:
    """The last events of one kind, with their times; `shown` is how many of them somebody has seen."""

    def __init__(self) -> None:
        self.enabled = True
        self.shown = 0
        self.entries: deque[tuple[str, str]] = deque(maxlen=TRACE_SIZE)

    def resize(self, size: int) -> None:
        """Keep so many from now on; the oldest give way."""
        self.entries = deque(self.entries, maxlen=size)


class EventLines:
    """A service: each line goes to its trace, and to the debug output where a flag wants it."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.traces = {name: EventTrace() for name in TRACES}

    def reconcile(self) -> None:
        """Nothing is configured."""

    def stop(self) -> None:
        """Traces end with the power."""
        for trace in self.traces.values():
            trace.entries.clear()

    def tell(self, line: str, event: Event) -> None:
        """Take a line, `GDOI:FEATURE:LEVEL:(group:connection):text`, and what it is about."""
        _, feature, level, text = line.split(":", 3)
        for name in _traces_of(feature, level):
            if self.traces[name].enabled:
                self.traces[name].entries.append((self._router.calendar.stamp(Stamp()), text))
        flag = self._wanted_by(feature, level)
        if flag is not None and self._meets_conditions(_addresses(event)):
            self._router.debugging.emit(flag, line)

    def dump(self, feature: str, group: str, peer: IPv4Address, lines: Callable[[], Iterable[str]]) -> None:
        """Print what a packet of a peer's says where `packet` is debugged; no trace keeps that."""
        flag = self._wanted_by(feature, PACKET)
        if flag is not None and self._meets_conditions({str(peer)}):
            for line in lines():
                self._router.debugging.emit(flag, f"GDOI:{feature}:{PACKET}:({group}:0):{line}")

    def _wanted_by(self, feature: str, level: str) -> str | None:
        """The flag that wants lines of a feature and level, if one is set."""
        active = self._router.debugging.active
        if DEBUG_GDOI not in active and not any(flag.startswith(f"{DEBUG_GDOI} ") for flag in active):
            return None
        return next((flag for flag in sorted(active) if covers(flag, feature, level)), None)

    def _meets_conditions(self, addresses: set[str]) -> bool:
        """Whether one of the peers that were named is concerned, if any were named."""
        peers = {flag.rsplit(" ", 1)[1] for flag in self._router.debugging.active if flag.startswith(CONDITION)}
        return not peers or bool(peers & addresses)


def _traces_of(feature: str, level: str) -> list[str]:
    """What happened and what went wrong; of the infrastructure, details too."""
    if level not in ("EVT", "ERR") and feature != "INFRA":
        return []
    found = [name for name in TRACES if name.upper() in feature.split()]
    return [*found, "exit"] if level == "ERR" else found


def _addresses(event: Event) -> set[str]:
    values = [getattr(event, name) for name in event.__dataclass_fields__]
    found = {str(value) for value in values if isinstance(value, IPv4Address)}
    return found | {str(value.address) for value in values if isinstance(value, Endpoint)}

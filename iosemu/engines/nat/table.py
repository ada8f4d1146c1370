"""The translations that there are: whole addresses, and flows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from iosemu.engines.nat.flow import End


@dataclass(slots=True)
class Translation:
    """One translation. `remote` is the end that a flow has outside, None for a whole address or port; `rule` is the
    number of the dynamic rule that made it, None for a static one. `expires` of None is never.

    `answered` and `closing` follow a TCP connection.
    """

    protocol: int
    inside: End
    outside: End
    remote: End | None
    created: float
    expires: float | None
    used: float
    rule: int | None = None
    static: bool = False
    answered: bool = False
    closing: bool = False


# Protocol, own end, far end (None: any).
_Key = tuple[int, End, "End | None"]


class TranslationTable:
    """Translations by the flow inside and by the flow outside. Flows count how many of them an outside port has."""

    def __init__(self) -> None:
        self._by_inside: dict[_Key, Translation] = {}
        self._by_outside: dict[_Key, Translation] = {}
        self._ports: Counter[tuple[int, End]] = Counter()
        self._holders: dict[tuple[int, End], End] = {}
        self.peak = 0
        self.peak_at = 0.0

    def __iter__(self) -> Iterator[Translation]:
        return iter(list(self._by_inside.values()))

    def __len__(self) -> int:
        return len(self._by_inside)

    def add(self, translation: Translation) -> None:
        """Enter a translation."""
        self._by_inside[translation.protocol, translation.inside, translation.remote] = translation
        self._by_outside[translation.protocol, translation.outside, translation.remote] = translation
        port = translation.protocol, translation.outside
        self._ports[port] += 1
        self._holders[port] = translation.inside
        if len(self) > self.peak:
            self.peak, self.peak_at = len(self), translation.created

    def remove(self, translation: Translation) -> None:
        """Take a translation out."""
        self._by_inside.pop((translation.protocol, translation.inside, translation.remote), None)
        self._by_outside.pop((translation.protocol, translation.outside, translation.remote), None)
        port = translation.protocol, translation.outside
        self._ports[port] -= 1
        if self._ports[port] <= 0:
            del self._ports[port]
            self._holders.pop(port, None)

    def flow_inside(self, protocol: int, inside: End, remote: End | None) -> Translation | None:
        """The translation of what goes out."""
        return self._by_inside.get((protocol, inside, remote))

    def flow_outside(self, protocol: int, outside: End, remote: End | None) -> Translation | None:
        """The translation of what comes in."""
        return self._by_outside.get((protocol, outside, remote))

    def holder(self, protocol: int, outside: End) -> End | None:
        """The end inside that an outside port is in use for."""
        return self._holders.get((protocol, outside))

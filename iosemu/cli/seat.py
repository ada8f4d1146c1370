"""Where somebody sits: a line of the router."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_TTY = {"con": 0, "aux": 1, "vty": 2}


@dataclass(frozen=True, slots=True)
class Seat:
    """A line by kind (`con`, `vty`) and number; `address` is where its user comes from, empty on the console."""

    kind: str = "con"
    number: int = 0
    address: str = ""

    @property
    def name(self) -> str:
        """The name in log messages."""
        return "console" if self.kind == "con" else f"{self.kind}{self.number}"

    @property
    def tty(self) -> int:
        """The number among all lines: the console has 0, the auxiliary port 1, the first vty 2."""
        return FIRST_TTY[self.kind] + self.number

    def taken_by(self, user: str | None) -> str:
        """Who did something from here, as log messages put it."""
        place = f"{self.name} ({self.address})" if self.address else self.name
        return f"{user} on {place}" if user else place


CONSOLE = Seat()

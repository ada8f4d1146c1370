"""Who is on the lines, and how the settings of a line take effect on the session that begins there."""

from __future__ import annotations

from typing import Protocol

from iosemu.cli import Session
from iosemu.features.line.config import LineConfig, LinesConfig
from iosemu.router.router import Router


class Occupant(Protocol):
    """What the router can do to somebody at a terminal."""

    def tell(self, text: str) -> None:
        """Print text that the session has not asked for."""

    def hang_up(self) -> None:
        """End the session."""


class LineService:
    """The sessions that somebody is at, in the order in which they came."""

    def __init__(self, router: Router) -> None:
        self._occupants: dict[Session, Occupant] = {}

    @property
    def sessions(self) -> list[Session]:
        """All of them."""
        return list(self._occupants)

    def join(self, session: Session, occupant: Occupant) -> None:
        """Somebody sits down."""
        self._occupants[session] = occupant

    def leave(self, session: Session) -> None:
        """Somebody is gone."""
        self._occupants.pop(session, None)

    def tell(self, session: Session, text: str) -> None:
        """Print a message on the terminal of a session."""
        self._occupants[session].tell(text)

    def clear(self, kind: str, number: int) -> None:
        """End the session of a line."""
        for session, occupant in list(self._occupants.items()):
            if (session.seat.kind, session.seat.number) == (kind, number):
                occupant.hang_up()

    def reconcile(self) -> None:
        """Settings are read when a session begins."""

    def stop(self) -> None:
        """Nobody stays on a router that is switched off, but whoever is at the console."""
        for session, occupant in list(self._occupants.items()):
            if session.seat.kind != "con":
                occupant.hang_up()


def begin(session: Session) -> None:
    """Set a new session up as its line says."""
    line = line_of(session)
    for words, attribute in (("length", "terminal_length"), ("width", "terminal_width")):
        value = line.setting(words)
        if value:
            setattr(session, attribute, int(value[0]))
    size = line.setting("history size")
    if size:
        session.resize_history(int(size[0]))
    level = line.setting("privilege level")
    if level:
        session.privilege = max(session.privilege, int(level[0]))
    session.editing = not line.switched_off("editing")
    session.monitoring = line.setting("monitor") is not None


def line_of(session: Session) -> LineConfig:
    """The block of the line that a session is on; one without a block has the defaults."""
    seat = session.seat
    found = session.router.model.block(LinesConfig).find(seat.kind, seat.number)
    return found or LineConfig(seat.kind, seat.number, seat.number)

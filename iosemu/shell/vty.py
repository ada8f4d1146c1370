"""The vty lines of a router: who gets which one."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.cli import Interaction, Seat, Session
from iosemu.features.aaa.guard import LoginGuard
from iosemu.features.assembly import build_session
from iosemu.features.line.config import LinesConfig
from iosemu.router.clock import Clock
from iosemu.router.router import Router
from iosemu.shell.terminal import Idle, Terminal
from iosemu.shell.tty import Tty

KIND = "vty"


class Lines:
    """The network lines of one node. `router` finds the router that is there now: a node may be switched off, or be
    another router after a reset."""

    def __init__(self, clock: Clock, router: Callable[[], Router | None]) -> None:
        self.clock = clock
        self.router = router
        self._taken: set[tuple[int, int]] = set()

    def take(self, protocol: str, address: str) -> Session | None:
        """Sit down on the first free line that takes a protocol (`ssh`, `telnet`); None where there is none."""
        router = self.router()
        if router is None or router.service(LoginGuard).quiet:
            return None
        for block in router.model.block(LinesConfig).ordered():
            inputs = block.setting("transport input")
            if block.kind != KIND or (inputs is not None and not {protocol, "all"} & set(inputs)):
                continue
            for number in range(block.first, block.last + 1):
                if (id(router), number) not in self._taken:
                    self._taken.add((id(router), number))
                    return build_session(router, seat=Seat(KIND, number, address))
        return None

    def renewed(self, session: Session) -> Session:
        """A new session on the line of one that is over."""
        return build_session(session.router, seat=session.seat)

    def free(self, session: Session) -> None:
        """Stand up."""
        self._taken.discard((id(session.router), session.seat.number))

    async def serve(self, session: Session, terminal: Terminal, greeting: Interaction) -> None:
        """Everything from the greeting to the end of a session."""
        try:
            await Tty(session, self.clock, terminal).run(greeting)
        except Idle:
            session.closed = True

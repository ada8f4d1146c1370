"""Which nodes listen where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.features.ssh.service import SshService
from iosemu.router.clock import Clock
from iosemu.router.router import Router
from iosemu.shell.listener import Listener
from iosemu.shell.telnet import TelnetServer
from iosemu.shell.vty import Lines


@dataclass(frozen=True, slots=True)
class Door:
    """A node that listens: `protocol` is `ssh` or `telnet`."""

    node: str
    protocol: str
    address: str
    port: int
    listener: Listener


class Doors:
    """All listeners of a process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: dict[str, Lines] = {}
        self.open: list[Door] = []

    def add(self, node: str, protocol: str, address: str, port: int, router: Callable[[], Router | None]) -> None:
        """Let a node listen; raises ListenError. Port 0 is any."""
        # One set of lines for both protocols.
        lines = self._lines.setdefault(node, Lines(self._clock, router))
        if protocol == "ssh":
            # Not before it is wanted: the library takes a third of a second to load.
            from iosemu.shell.ssh import SshServer

            listener = Listener(address, port, SshServer(lines).serve)
            there = router()
            if there is not None:
                there.service(SshService).served = True
        else:
            listener = Listener(address, port, TelnetServer(lines).serve)
        self.open.append(Door(node, protocol, address, listener.port, listener))

    def table(self) -> str:
        """Nodes, protocols, addresses and ports."""
        width = max((len(door.node) for door in self.open), default=0)
        rows = [f"{door.node:<{width}}  {door.protocol:<6}  {door.address}:{door.port}\n" for door in self.open]
        return "".join(rows)

    def close(self) -> None:
        """Nobody listens any more."""
        for door in self.open:
            door.listener.close()
        self.open.clear()

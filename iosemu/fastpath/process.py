"""A worker as the router sees it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from iosemu.fastpath.messages import End, Order, Settle, Settled, Start
from iosemu.ports.child import Child
from iosemu.router.clock import Pace


class WorkerProcess:
    """`ready` is whether it has started; `flows` is how many it knew when it reported last."""

    def __init__(
        self, pace: Pace, receive: Callable[[WorkerProcess, object], None], broken: Callable[[str], None]
    ) -> None:
        """Raises OSError."""
        self.ready, self.flows = False, 0
        self._receive = receive
        self._child = Child("iosemu.fastpath", self._arrived, broken)
        self._settled = count(1)
        self._child.send(Start(pace))

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._child.pid

    def send(self, order: Order, *descriptors: int) -> None:
        """Give an order; all are carried out one after the other."""
        self._child.send(order, *descriptors)

    def settle(self) -> None:
        """Wait until all orders are carried out, if it still works."""
        number = next(self._settled)
        self._child.send(Settle(number))
        self._child.wait_for(Settled(number))

    def end(self) -> None:
        """Have it report and end, and wait for that."""
        self._child.end(End())

    def _arrived(self, message: object) -> None:
        self.ready = True
        self._receive(self, message)

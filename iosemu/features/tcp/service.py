"""`debug ip tcp transactions`: connections that come, go and change."""

from __future__ import annotations

from iosemu.engines.tcp.states import State
from iosemu.router.router import Router
from iosemu.router.tcp_socket import TcpSocket
from iosemu.wire.tcp import RST, SYN, Segment

FLAG = "ip tcp transactions"


class TcpDebugService:
    """Watches the TCP host; prints while the flag is set."""

    def __init__(self, router: Router) -> None:
        self._router = router
        router.tcp.segment_observers.append(self._segment)
        router.tcp.state_observers.append(self._state)

    def reconcile(self) -> None:
        """Nothing of it is configuration."""

    def stop(self) -> None:
        """The host goes with the router."""

    def _segment(self, ours: bool, segment: Segment) -> None:
        if FLAG not in self._router.debugging.active or not segment.flags & (SYN | RST):
            return
        kind = "SYN" if segment.has(SYN) else "RST"
        verb = "sending" if ours else "received"
        numbers = f"seq {segment.sequence}, ack {segment.acknowledgement}"
        self._router.debugging.emit(FLAG, f"TCP: {verb} {kind}, {numbers}")

    def _state(self, socket: TcpSocket, before: State) -> None:
        if FLAG not in self._router.debugging.active:
            return
        ends = f"{socket.local.port} -> {socket.remote.address}({socket.remote.port})"
        after = socket.connection.state
        self._router.debugging.emit(FLAG, f"TCP0: state was {before.value} -> {after.value} [{ends}]")

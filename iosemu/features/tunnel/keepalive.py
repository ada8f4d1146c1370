"""`keepalive` on a point-to-point tunnel: a packet to ourselves inside one to the other end. That one sends it back,
and has to know nothing but how to forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.features.tunnel.config import keepalive_of
from iosemu.features.tunnel.port import TTL, TunnelPort
from iosemu.router.clock import Timer
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire.gre import PROTOCOL_IPV4, GrePacket
from iosemu.wire.ipv4 import GRE, Packet

# What comes back says so by this protocol, with nothing behind.
KEEPALIVE_PROTOCOL = 0
TOS = 0xC0


@dataclass(slots=True)
class _Probing:
    period: int
    retries: int
    unanswered: int = 0
    timer: Timer | None = None


class Keepalives:
    """Probes the other ends of tunnels; `changed` is told when one falls silent or is heard again."""

    def __init__(self, router: Router, changed: Callable[[], None]) -> None:
        self._router = router
        self._changed = changed
        self._probing: dict[TunnelPort, _Probing] = {}

    def follow(self, name: InterfaceName, port: TunnelPort) -> None:
        """Probe as the line of the interface says, while there is a way to one other end."""
        wanted = keepalive_of(self._router.model, name)
        transport = port.transport
        if wanted is None or transport is None or transport.destination is None or not port.interface.admin_up:
            self.end(port)
        elif port not in self._probing or (self._probing[port].period, self._probing[port].retries) != wanted:
            self.end(port)
            self._probing[port] = _Probing(*wanted)
            self._probe(port)

    def end(self, port: TunnelPort) -> None:
        """Probe no more: then nobody is missed."""
        probing = self._probing.pop(port, None)
        if probing is not None and probing.timer is not None:
            probing.timer.cancel()
        self._set(port, False)

    def heard(self, port: TunnelPort) -> None:
        """A packet to ourselves came back."""
        if port in self._probing:
            self._probing[port].unanswered = 0
            self._set(port, False)

    def _probe(self, port: TunnelPort) -> None:
        probing, transport = self._probing[port], port.transport
        assert transport is not None
        assert transport.destination is not None
        if probing.unanswered >= probing.retries:
            self._set(port, True)
        probing.unanswered += 1
        back = GrePacket(KEEPALIVE_PROTOCOL, b"", transport.key, checksum=transport.checksum).pack()
        inner = Packet(transport.destination, transport.source, GRE, back, TTL, TOS)
        port.encapsulate(PROTOCOL_IPV4, inner.pack(), transport.destination, TOS)
        probing.timer = self._router.clock.call_later(probing.period, lambda: self._probe(port))

    def _set(self, port: TunnelPort, silent: bool) -> None:
        if port.silent != silent:
            port.silent = silent
            self._changed()

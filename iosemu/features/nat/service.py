"""NAT on the forwarding path: behind decryption on the way in, before encryption on the way out."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.engines.nat.engine import AllocationFailed, NatEngine
from iosemu.features.nat.config import INSIDE, OUTSIDE, Nat
from iosemu.features.nat.policy import configuration
from iosemu.router.clock import Timer
from iosemu.router.interfaces import NAT_IN, NAT_OUT, Interface
from iosemu.router.names import InterfaceName
from iosemu.router.reassembly import Reassembler
from iosemu.router.router import Router
from iosemu.wire.ipv4 import Packet

DEBUG = "ip nat"


class NatService:
    """Owns the engine; its hooks are on the outside interfaces."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.engine = NatEngine(configuration(router), router.clock.now())
        self._reassembler = Reassembler()
        self._outside: set[InterfaceName] = set()
        self._timer: Timer | None = None

    def reconcile(self) -> None:
        """Follow the lines; set and remove the hooks."""
        block = self._router.model.block(Nat)
        config = configuration(self._router)
        if (config.statics, config.dynamics, config.timeouts, config.limit) != (
            self.engine.config.statics,
            self.engine.config.dynamics,
            self.engine.config.timeouts,
            self.engine.config.limit,
        ):
            self.engine.configure(config, self._router.clock.now())
        active = bool(config.statics or config.dynamics)
        self._outside = set(block.of(OUTSIDE)) if active else set()
        for interface in self._router.interfaces:
            if interface.name in self._outside:
                interface.input_hooks[NAT_IN] = self._inbound
                interface.output_hooks[NAT_OUT] = self._outbound
            else:
                interface.input_hooks.pop(NAT_IN, None)
                interface.output_hooks.pop(NAT_OUT, None)
        self._router.ip.aliases = self._aliases()

    def stop(self) -> None:
        """Nothing is translated any more."""
        if self._timer is not None:
            self._timer.cancel()

    def clear(self) -> None:
        """End all dynamic translations."""
        self.engine.clear()

    def _aliases(self) -> frozenset[int]:
        """The addresses that the router answers ARP for, because translations have them."""
        found = {static.outside.address for static in self.engine.config.statics}
        for rule in self.engine.config.dynamics:
            found.update(rule.addresses)
        return frozenset(found)

    # Packets

    def _outbound(self, packet: bytes, interface: Interface) -> list[bytes]:
        if not self._from_inside(packet, interface.vrf):
            return [packet]
        return self._translated(packet, interface, self.engine.outbound, 12)

    def _inbound(self, packet: bytes, interface: Interface) -> list[bytes]:
        return self._translated(packet, interface, self.engine.inbound, 16)

    def _translated(
        self, packet: bytes, interface: Interface, translate: Callable[[bytes, float], bytes | None], at: int
    ) -> list[bytes]:
        now = self._router.clock.now()
        if packet[6] & 0x3F or packet[7]:
            whole = self._reassembler.add(Packet.parse(packet), now)
            if whole is None:
                return []
            packet = whole.pack()
        result = translate(packet, now)
        self._tell(packet, result, at)
        self._wake()
        if result is None:
            interface.counters.output_drops += 1
        return [result] if result is not None else []

    def _from_inside(self, packet: bytes, vrf: str) -> bool:
        """Whether a packet comes from the inside, or from the router itself: where its source is routed to."""
        source = int.from_bytes(packet[12:16], "big")
        if self._router.ip.is_local_number(source, vrf):
            return True
        path = self._router.ip.routes_of(vrf).lookup(source)
        return path is not None and self._router.model.block(Nat).sides.get(path.interface.name) == INSIDE

    def _tell(self, packet: bytes, result: bytes | None, at: int) -> None:
        for event in self.engine.events:
            if isinstance(event, AllocationFailed):
                text = (
                    f"Address allocation failed for {IPv4Address(event.inside)}, pool {event.name} might be exhausted"
                )
                self._router.syslog.log("IPNAT", 4, "ADDR_ALLOC_FAILURE", text)
        self.engine.events.clear()
        if DEBUG in self._router.debugging.active and result is not None and result != packet:
            ends = [IPv4Address(packet[12:16]), IPv4Address(packet[16:20])]
            words = [f"s={ends[0]}", f"d={ends[1]}"]
            words[at == 16] += f"->{IPv4Address(result[at : at + 4])}"
            self._router.debugging.emit(DEBUG, f"NAT: {', '.join(words)} [{int.from_bytes(packet[4:6], 'big')}]")

    def _wake(self) -> None:
        deadline = self.engine.next_deadline()
        if deadline is None or (self._timer is not None and self._timer.callback and self._timer.when <= deadline):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._router.clock.call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.engine.tick(self._router.clock.now())
        self._wake()

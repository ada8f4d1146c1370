"""Multicast routing at work: PIM and IGMP on the interfaces, and packets to groups on their way.

A packet: the kernel shows every packet to a group that is not of the segment to `forward`, behind the hooks of the
interface that it came in by (so that it is decrypted); the engine names the interfaces that it leaves by; the kernel
sends it out of each, through the hooks of each (so that it is encrypted where that interface's policy asks for it).
"""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.common import earliest
from iosemu.engines.pim.config import GroupEntry, LinkConfig, Mode, PimConfig, StaticRp
from iosemu.engines.pim.core import Outgoing
from iosemu.engines.pim.engine import PimEngine
from iosemu.features.acl.config import find
from iosemu.features.multicast.config import DR_PRIORITY, HELLO_INTERVAL, MulticastConfig
from iosemu.features.multicast.messages import debug_drop, debug_pim_in, debug_pim_out, log_event
from iosemu.features.multicast.rpf import rpf_for_engine
from iosemu.features.multicast.segments import Segments
from iosemu.router.clock import Timer
from iosemu.router.interfaces import Interface
from iosemu.router.router import Router
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import PIM, Packet
from iosemu.wire.pim import parse_pim

_MODES = {"sparse-mode": Mode.SPARSE, "dense-mode": Mode.DENSE, "sparse-dense-mode": Mode.SPARSE_DENSE}
# Control traffic of the network (RFC 2474 section 4.2.2.2).
_INTERNETWORK_CONTROL = 0xC0


class MulticastService:
    """Runs the engines while `ip multicast-routing` is there."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.engine = self._fresh()
        self.segments = Segments(router, self._pump)
        self._by_name: dict[str, Interface] = {}
        self._timer: Timer | None = None
        self._armed_for: float | None = None
        self._pumping = False

    def reconcile(self) -> None:
        """Bring engines and kernel to the model. The ways to sources may have changed, too."""
        config = self._router.model.block(MulticastConfig)
        with_pim = [item for item in self._router.interfaces if config.routing and self._has_pim(item)]
        ip = self._router.ip
        if config.routing:
            ip.groups.router, ip.protocols[PIM] = self, self._receive
        elif ip.groups.router is not None:
            ip.groups.router = None
            del ip.protocols[PIM]
        # Those without PIM, too: where it ends, neighbours are told.
        self._by_name = {str(item.name): item for item in self._router.interfaces}
        now = self._router.clock.now()
        self.segments.follow(with_pim, now)
        self.engine.configure(self._settings(with_pim), now)
        self.engine.routes_changed(now)
        self._pump()

    def stop(self) -> None:
        """The router is switched off."""
        self.segments.stop()
        if self._timer is not None:
            self._timer.cancel()

    def clear(self, group: IPv4Address | None) -> None:
        """`clear ip mroute`."""
        self.engine.clear(group, self._router.clock.now())
        self._pump()

    def clear_members(self, group: IPv4Address | None) -> None:
        """`clear ip igmp group`."""
        self.segments.forget(group)
        self._pump()

    def interfaces(self) -> list[Interface]:
        """The interfaces with PIM."""
        return list(self.segments.routers)

    def forward(self, data: bytes, interface: Interface) -> None:
        """A packet to a group came in on an interface, or is our own and lives there."""
        if data[8] <= 1 or interface.vrf:
            return
        source, group = IPv4Address(data[12:16]), IPv4Address(data[16:20])
        names = self.engine.route(source, group, str(interface.name), data, self._router.clock.now())
        if names:
            self._router.ip.groups.replicate(data, interface, self._named(names))
        self._pump()

    # The inside

    def _fresh(self) -> PimEngine:
        router = self._router
        return PimEngine(lambda address: rpf_for_engine(router, address), router.clock.uniform)

    def _has_pim(self, interface: Interface) -> bool:
        item = self._router.model.block(MulticastConfig).interfaces.get(interface.name)
        up = interface.line_up and interface.address is not None and not interface.vrf
        return item is not None and bool(item.mode) and up

    def _settings(self, with_pim: list[Interface]) -> PimConfig:
        config = self._router.model.block(MulticastConfig)
        links = []
        for interface in with_pim:
            item = config.interfaces[interface.name]
            assert interface.address is not None
            priority = DR_PRIORITY if item.dr_priority is None else item.dr_priority
            interval = item.hello_interval or HELLO_INTERVAL
            links.append(LinkConfig(str(interface.name), interface.address, _MODES[item.mode], priority, interval))
        rps = [
            StaticRp(item.address, self._groups(item.access_list), True) if item.access_list else StaticRp(item.address)
            for item in config.rps
        ]
        stay = [entry for name in config.stay for entry in (self._groups(name) if name else ((True, 0, 0xFFFFFFFF),))]
        own = {address.ip for item in self._router.interfaces if item.line_up for address in item.addresses}
        return PimConfig(tuple(links), tuple(rps), frozenset(own), tuple(stay))

    def _groups(self, name: str) -> tuple[GroupEntry, ...]:
        """The groups of a standard list; a list that is not there names none."""
        access_list = find(self._router.model, name)
        entries = access_list.entries if access_list is not None else []
        return tuple(
            (item.permit, item.source.address, item.source.wildcard) for item in entries if item.remark is None
        )

    def _named(self, names: tuple[str, ...]) -> list[Interface]:
        return [self._by_name[name] for name in names if name in self._by_name]

    def _receive(self, packet: Packet, interface: Interface) -> None:
        """A PIM message that was addressed to us, or to all PIM routers of a segment."""
        name = str(interface.name)
        if self._router.debugging.active:
            self._debug(packet, name)
        self.engine.receive(name, packet.source, packet.destination, packet.payload, self._router.clock.now())
        self._pump()

    def _debug(self, packet: Packet, name: str) -> None:
        try:
            message = parse_pim(packet.payload)
        except WireError:
            return
        upstream = getattr(message, "upstream", packet.destination)
        ours = self._router.ip.is_local(upstream)
        debug_pim_in(self._router.debugging, name, packet.source, message, ours)

    def _pump(self) -> None:
        """Let the engines tell each other what is new until all is quiet, then arm the timer."""
        if self._pumping:
            return
        self._pumping = True
        try:
            while self._step():
                pass
        finally:
            self._pumping = False
        due = earliest(self.engine.next_timer(), self.segments.next_timer())
        if due != self._armed_for or self._timer is None:
            if self._timer is not None:
                self._timer.cancel()
            self._armed_for = due
            self._timer = self._router.clock.call_at(due, self._tick) if due is not None else None

    def _step(self) -> bool:
        now = self._router.clock.now()
        self.segments.flush()
        changes = self.segments.take_changes()
        for interface, group, present in changes:
            self.engine.set_members(str(interface.name), group, present, now)
        events = self.engine.take_events()
        for event in events:
            log_event(self._router.syslog, event)
            debug_drop(self._router.debugging, event)
        messages, unwrapped = self.engine.take_messages(), self.engine.take_unwrapped()
        for item in messages:
            self._send(item)
        for packet in unwrapped:
            if packet.packet[8] > 1:
                self._router.ip.groups.replicate(packet.packet, None, self._named(packet.interfaces))
        return bool(changes or events or messages or unwrapped)

    def _tick(self) -> None:
        now = self._router.clock.now()
        self._timer = None
        self.segments.handle_timer(now)
        self.engine.handle_timer(now)
        self._pump()

    def _send(self, item: Outgoing) -> None:
        debug_pim_out(self._router.debugging, item.interface, item.destination, item.message)
        if item.interface is None:
            source, ttl = self._router.ip.source_for(item.destination), 255
        else:
            where = self._named((item.interface,))
            source, ttl = (where[0].address if where else None), 1
        if source is not None:
            packet = Packet(source, item.destination, PIM, item.message.pack(), ttl=ttl, tos=_INTERNETWORK_CONTROL)
            self._router.ip.send(packet)

"""Interfaces follow their configuration, and say when they come up and go down."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.features.interface.config import InterfaceConfig, Interfaces
from iosemu.features.interface.mss import INPUT_STAGE, OUTPUT_STAGE, Clamp
from iosemu.features.interface.vlan import VlanPort
from iosemu.router.interfaces import Interface
from iosemu.router.link import UNTAGGED
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router

# The line protocol follows the hardware after some seconds.
LINE_PROTOCOL_DELAY = 1.0


class InterfaceService:
    """Applies addresses, MTU and shutdown; keeps the routing table true to them.

    `details` has what other features add to `show interfaces`, by type of interface.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self.details: dict[str, Callable[[Interface], list[str]]] = {}
        self._states: dict[InterfaceName, tuple[bool, bool]] = {}
        self._clamps: dict[InterfaceName, int] = {}
        self._started = False

    def reconcile(self) -> None:
        """Bring every interface to its configuration."""
        configs = self._router.model.block(Interfaces).by_name
        changed = False
        for interface in self._router.interfaces:
            if interface.name not in configs:
                changed |= self._adopt_or_remove(interface)
        for name in sorted(configs, key=InterfaceName.sort_key):
            changed |= self._apply(self._router.interfaces.add(name), configs[name])
        self._started = True
        if changed:
            self._router.ip.refresh()
            for interface in self._router.interfaces:
                if interface.line_up and interface.port and interface.port.framing == "ethernet":
                    self._router.ip.arp.announce(interface)

    def stop(self) -> None:
        """Nothing runs."""

    def _adopt_or_remove(self, interface: Interface) -> bool:
        """Hardware without configuration is shut down; what exists by configuration alone goes with it."""
        if interface.name.kind == "Null":
            return False
        if not interface.name.removable:
            configs = self._router.model.block(Interfaces).by_name
            configs[interface.name] = InterfaceConfig(interface.name, shutdown=True)
            return False
        self._router.interfaces.remove(interface.name)
        self._router.ip.arp.flush(interface)
        self._router.link.forget_vlan(interface)
        self._states.pop(interface.name, None)
        self._clamps.pop(interface.name, None)
        return True

    def _apply(self, interface: Interface, config: InterfaceConfig) -> bool:
        self._tag(interface, config)
        self._adjust_mss(interface, config.adjust_mss)
        largest = interface.port.largest() if interface.port is not None else config.mtu
        mtu = config.ip_mtu or min(config.mtu, largest)
        wanted = (not config.shutdown, config.addresses, mtu, config.vrf)
        changed = wanted != (interface.admin_up, interface.addresses, interface.mtu, interface.vrf)
        if interface.vrf != config.vrf:
            self._router.ip.arp.flush(interface)
        interface.admin_up, interface.addresses, interface.mtu = wanted[0], list(wanted[1]), mtu
        interface.vrf = config.vrf
        interface.load_in.interval = interface.load_out.interval = config.load_interval
        if changed and interface.port is not None:
            interface.port.resize(mtu)
        state = interface.admin_up, interface.line_up
        old = self._states.get(interface.name)
        if state != old:
            self._states[interface.name] = state
            if self._started:
                self._report(interface, old or (state[0], False), state)
            changed = True
        return changed

    def _tag(self, interface: Interface, config: InterfaceConfig) -> None:
        parent = self._router.interfaces.get(config.name.parent) if config.name.parent else None
        port = interface.port
        wanted = parent, config.vlan, config.native
        if parent is None or (isinstance(port, VlanPort) and (port.parent, port.vlan, port.native) == wanted):
            return
        link = self._router.link
        if isinstance(port, VlanPort):
            link.forget_vlan(interface)
            interface.port = None
        if config.vlan is not None:
            interface.mac = parent.mac
            interface.port = VlanPort(parent, config.vlan, config.native, self._router.clock.now)
            link.vlans[parent, config.vlan] = interface
            if config.native:
                link.vlans[parent, UNTAGGED] = interface

    def _adjust_mss(self, interface: Interface, limit: int | None) -> None:
        if limit == self._clamps.get(interface.name):
            return
        if limit is None:
            del self._clamps[interface.name]
            del interface.input_hooks[INPUT_STAGE], interface.output_hooks[OUTPUT_STAGE]
        else:
            self._clamps[interface.name] = limit
            interface.input_hooks[INPUT_STAGE] = interface.output_hooks[OUTPUT_STAGE] = Clamp(limit)

    def _report(self, interface: Interface, old: tuple[bool, bool], new: tuple[bool, bool]) -> None:
        log = self._router.syslog.log
        if new[0] != old[0] and not new[0]:
            log("LINK", 5, "CHANGED", f"Interface {interface.name}, changed state to administratively down")
        elif new[1] != old[1] and not interface.name.virtual:
            log("LINK", 3, "UPDOWN", f"Interface {interface.name}, changed state to {_word(new[1])}")
        if new[1] != old[1]:
            text = f"Line protocol on Interface {interface.name}, changed state to {_word(new[1])}"
            self._router.clock.call_later(LINE_PROTOCOL_DELAY, lambda: log("LINEPROTO", 5, "UPDOWN", text))


def _word(up: bool) -> str:
    return "up" if up else "down"

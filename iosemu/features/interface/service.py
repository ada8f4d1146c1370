"""Interfaces follow their configuration, and say when they come up and go down."""

from __future__ import annotations

from iosemu.features.interface.config import InterfaceConfig, Interfaces
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router


class InterfaceService:
    """Applies addresses, MTU and shutdown; keeps the routing table true to them."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._states: dict[InterfaceName, tuple[bool, bool]] = {}

    def reconcile(self) -> None:
        """Bring every interface to its configuration."""
        configs = self._router.model.block(Interfaces).by_name
        changed = False
        for interface in self._router.interfaces:
            if interface.name not in configs:
                if interface.name.virtual:
                    self._router.interfaces.remove(interface.name)
                    self._states.pop(interface.name, None)
                    changed = True
                else:
                    configs[interface.name] = InterfaceConfig(interface.name, shutdown=True)
        for config in configs.values():
            changed |= self._apply(self._router.interfaces.add(config.name), config)
        if changed:
            self._router.ip.refresh()
            for interface in self._router.interfaces:
                if interface.line_up and interface.port and interface.port.framing == "ethernet":
                    self._router.ip.arp.announce(interface)

    def stop(self) -> None:
        """Nothing runs."""

    def _apply(self, interface: Interface, config: InterfaceConfig) -> bool:
        mtu = config.ip_mtu or config.mtu
        wanted = (not config.shutdown, config.addresses, mtu)
        changed = wanted != (interface.admin_up, interface.addresses, interface.mtu)
        interface.admin_up, interface.addresses, interface.mtu = wanted[0], list(wanted[1]), mtu
        state = interface.admin_up, interface.line_up
        if state != self._states.get(interface.name):
            self._report(interface, self._states.get(interface.name), state)
            self._states[interface.name] = state
            changed = True
        return changed

    def _report(self, interface: Interface, old: tuple[bool, bool] | None, new: tuple[bool, bool]) -> None:
        if old is None:
            return
        log = self._router.syslog.log
        if new[0] != old[0] and not new[0]:
            log("LINK", 5, "CHANGED", f"Interface {interface.name}, changed state to administratively down")
        elif new[1] != old[1]:
            log("LINK", 3, "UPDOWN", f"Interface {interface.name}, changed state to {_word(new[1])}")
        if new[1] != old[1]:
            text = f"Line protocol on Interface {interface.name}, changed state to {_word(new[1])}"
            log("LINEPROTO", 5, "UPDOWN", text)


def _word(up: bool) -> str:
    return "up" if up else "down"

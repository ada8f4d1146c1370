"""The IPv6 stack follows the configuration."""

from __future__ import annotations

from ipaddress import IPv6Address

from iosemu.features.ipv6.config import InterfaceIpv6, Ipv6, text6
from iosemu.router.icmp6 import DEFAULT_HOP_LIMIT
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.vrf import NULL

# What the stack must hear of: line, instance, MAC address, addresses, MTU, neighbour discovery.
_State = tuple[object, ...]


class Ipv6Service:
    """Applies addresses, routes and forwarding; says which address belongs to somebody else."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._states: dict[InterfaceName, _State] = {}
        self._forwarding = False
        router.ip6.own.listeners.append(self._duplicate)

    def reconcile(self) -> None:
        """Bring every interface to its configuration."""
        block, stack = self._router.model.block(Ipv6), self._router.ip6
        states = {}
        for interface in self._router.interfaces:
            if interface.name != NULL:
                self._apply(interface, block.interfaces.get(str(interface.name), InterfaceIpv6()))
                states[interface.name] = self._state(interface)
        changed = states != self._states or block.unicast_routing != stack.forwarding
        stack.forwarding = block.unicast_routing
        stack.icmp.hop_limit = block.hop_limit or DEFAULT_HOP_LIMIT
        routes = block.ordered
        if routes != stack.statics or changed:
            if any(route.interface == NULL for route in routes):
                self._router.interfaces.add(NULL)
            stack.statics = routes
            self._states = states
            stack.refresh()

    def stop(self) -> None:
        """Nothing runs."""

    def _apply(self, interface: Interface, config: InterfaceIpv6) -> None:
        interface.link_local = config.link_address(interface.mac)
        interface.addresses6 = [address.on(interface.mac) for address in config.addresses]
        interface.mtu6 = min(config.mtu or interface.mtu, interface.mtu)
        interface.nd = config.nd

    @staticmethod
    def _state(interface: Interface) -> _State:
        line = interface.admin_up, interface.line_up, interface.vrf, interface.port is not None
        return *line, interface.link_local, tuple(interface.addresses6), interface.mtu6, interface.nd

    def _duplicate(self, interface: Interface, address: IPv6Address) -> None:
        text = f"Duplicate address {text6(address)} on {interface.name}"
        self._router.syslog.log("IPV6_ND", 4, "DUPLICATE", text)

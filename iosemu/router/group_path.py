"""Packets to multicast groups on their way: to ourselves, and to whoever forwards them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.router.clock import Clock
from iosemu.router.interfaces import Interface
from iosemu.router.multicast import MulticastHost
from iosemu.wire.igmp import LINK_LOCAL
from iosemu.wire.ipv4 import IGMP, decrement_ttl


class GroupRouter(Protocol):
    """Who forwards packets to groups."""

    def forward(self, data: bytes, interface: Interface) -> None:
        """Take a packet that came in on an interface, or is our own and was sent on its segment."""

    def interfaces(self) -> list[Interface]:
        """The interfaces that packets to groups are forwarded between."""


class GroupPath:
    """The way of packets that are addressed to groups. `router` forwards packets of others and our own; without one
    they stay on their segment. `output` sends a packet out of an interface through its hooks, `deliver` gives one to
    ourselves."""

    def __init__(
        self,
        clock: Clock,
        host: MulticastHost,
        output: Callable[[bytes, Interface, IPv4Address], None],
        deliver: Callable[[bytes, Interface], None],
    ) -> None:
        self._clock = clock
        self._host = host
        self._output = output
        self._deliver = deliver
        self.router: GroupRouter | None = None

    def arrived(self, data: bytes, group: int, interface: Interface) -> None:
        """Take a packet that came in on an interface."""
        igmp = data[9] == IGMP
        # Reports are addressed to the group that they are about.
        if self._host.is_for_us(group, interface) or (igmp and self._host.observers):
            self._deliver(data, interface)
        if self.router is not None and not igmp and group >> 8 != LINK_LOCAL:
            self.router.forward(data, interface)

    def send(self, data: bytes, group: IPv4Address, interface: Interface) -> None:
        """Send a packet of ours on the segment of its source address, and from there like anybody's."""
        if not interface.is_loopback:
            self._output(data, interface, group)
        if int(group) >> 8 == LINK_LOCAL:
            return
        if self._host.is_for_us(int(group), interface):
            self._clock.call_later(0, lambda: self._deliver(data, interface))
        if self.router is not None:
            self.router.forward(data, interface)

    def replicate(self, data: bytes, arrived: Interface | None, leaving: Iterable[Interface]) -> None:
        """Send a packet out of some interfaces, each with its own hooks; it came in on another one, or in a register.
        Where we are in the group ourselves on one of them we take it, once."""
        group = IPv4Address(data[16:20])
        taken = arrived is not None and self._host.is_for_us(int(group), arrived)
        onward = decrement_ttl(data)
        for interface in leaving:
            if not taken and self._host.is_for_us(int(group), interface):
                taken = True
                self._deliver(data, interface)
            if not interface.is_loopback:
                self._output(onward, interface, group)

    def interfaces(self, otherwise: Interface | None) -> list[Interface]:
        """Where something for a group is sent that has no source yet: on all segments with multicast routing."""
        if self.router is not None:
            return self.router.interfaces()
        return [otherwise] if otherwise is not None else []

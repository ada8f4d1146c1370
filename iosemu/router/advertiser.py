"""Router advertisements: hosts of a link learn their prefixes and their router from them (RFC 4861 section 6.2)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address

from iosemu.router.clock import Clock, Timer
from iosemu.router.interfaces import Interface
from iosemu.wire.icmpv6 import Icmp6Message
from iosemu.wire.neighbor import ALL_NODES, Prefix, RouterAdvertisement

# The first ones follow each other sooner (seconds).
FIRST, FIRST_INTERVAL = 3, 16.0
# Between two to all nodes there is at least this much time, and an answer waits up to that (seconds).
SPACING, ANSWER_DELAY = 3.0, 0.5


class Advertiser:
    """Advertises on links of a router that forwards; `send(interface, destination, message)` uses the address of the
    link."""

    def __init__(self, clock: Clock, send: Callable[[Interface, IPv6Address, Icmp6Message], None]) -> None:
        self._clock = clock
        self._send = send
        self._timers: dict[Interface, Timer] = {}
        self._sent: dict[Interface, tuple[int, float]] = {}

    def start(self, interface: Interface) -> None:
        """Advertise on an interface from now on."""
        if interface not in self._timers:
            self._sent[interface] = 0, -SPACING
            self._advertise(interface, unasked=True)

    def stop(self, interface: Interface) -> None:
        """Say goodbye to those who take this router for their default router."""
        timer = self._timers.pop(interface, None)
        if timer is not None:
            timer.cancel()
            del self._sent[interface]
            if interface.line_up and interface.link_local is not None:
                self._send(interface, ALL_NODES, self.message(interface, lifetime=0))

    def solicited(self, interface: Interface) -> None:
        """A host does not want to wait."""
        if interface not in self._timers:
            return
        earliest = self._sent[interface][1] + SPACING - self._clock.now()
        self._timers[interface].cancel()
        delay = max(earliest, self._clock.uniform(0, ANSWER_DELAY))
        self._timers[interface] = self._clock.call_later(delay, lambda: self._advertise(interface))

    @property
    def interfaces(self) -> list[Interface]:
        """Where this router advertises."""
        return list(self._timers)

    def message(self, interface: Interface, lifetime: int | None = None) -> Icmp6Message:
        """The advertisement of an interface."""
        nd = interface.nd
        networks = {address.network for address in interface.addresses6 if address.network.prefixlen < 128}
        return RouterAdvertisement(
            managed=nd.managed,
            other=nd.other,
            preference=nd.preference,
            lifetime=nd.lifetime if lifetime is None else lifetime,
            link_address=interface.mac,
            mtu=interface.mtu6,
            prefixes=tuple(Prefix(network) for network in sorted(networks)),
        ).message()

    def _advertise(self, interface: Interface, *, unasked: bool = False) -> None:
        count = self._sent[interface][0] + 1
        if not (unasked and interface.nd.suppressed):
            self._sent[interface] = count, self._clock.now()
            self._send(interface, ALL_NODES, self.message(interface))
        interval = float(interface.nd.interval)
        delay = self._clock.uniform(0.75 * interval, interval)
        if count < FIRST:
            delay = min(delay, FIRST_INTERVAL)
        again = self._clock.call_later(delay, lambda: self._advertise(interface, unasked=True))
        self._timers[interface] = again

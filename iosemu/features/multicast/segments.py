"""IGMP on the router's interfaces: a querier for each one with PIM, and the groups that the router itself is in."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.engines.common import earliest
from iosemu.engines.igmp.config import IgmpConfig
from iosemu.engines.igmp.events import MembersGone, MembersPresent
from iosemu.engines.igmp.router import IgmpRouter
from iosemu.features.multicast.config import (
    IGMP_VERSION,
    MAX_RESPONSE,
    QUERY_INTERVAL,
    MulticastConfig,
    MulticastInterface,
)
from iosemu.features.multicast.messages import debug_igmp
from iosemu.router.interfaces import Interface
from iosemu.router.router import Router
from iosemu.wire.igmp import Igmp

# Every router with PIM is in this group, on its first interface with PIM: announcements of RPs are sent to it.
RP_DISCOVERY = IPv4Address("224.0.1.40")
Membership = tuple[Interface, IPv4Address]
Change = tuple[Interface, IPv4Address, bool]


class Segments:
    """IGMP on the interfaces with PIM. `routers` has the router side of each interface with PIM; `heard` is called when
    one was told something."""

    def __init__(self, router: Router, heard: Callable[[], None]) -> None:
        self._router = router
        self.heard = heard
        self._changes: list[Change] = []
        self.routers: dict[Interface, IgmpRouter] = {}
        self._joined: set[Membership] = set()

    def follow(self, with_pim: list[Interface], now: float) -> None:
        """Bring queriers and own memberships to the configuration."""
        config = self._router.model.block(MulticastConfig)
        for interface in with_pim:
            wanted = _settings(interface, config.interfaces.get(interface.name) or MulticastInterface())
            current = self.routers.get(interface)
            if current is None:
                self.routers[interface] = IgmpRouter(wanted, now)
            elif current.config != wanted:
                current.reconfigure(wanted, now)
        for interface in [item for item in self.routers if item not in with_pim]:
            ended = self.routers.pop(interface)
            self._changes += [(interface, group, False) for group in ended.groups]
        self._listen(with_pim)
        self._join(self._wanted(with_pim))

    def stop(self) -> None:
        """The router is switched off."""
        self.routers.clear()
        self._listen([])

    def take_changes(self) -> list[Change]:
        """Which groups have members now, or have none any more, by interface."""
        for interface, igmp in self.routers.items():
            for event in igmp.take_events():
                if isinstance(event, (MembersPresent, MembersGone)):
                    self._changes.append((interface, event.group, isinstance(event, MembersPresent)))
        changes, self._changes = self._changes, []
        return changes

    def forget(self, group: IPv4Address | None) -> None:
        """Forget members until they report again."""
        for igmp in self.routers.values():
            for own in [item for item in igmp.groups if group in (None, item)]:
                igmp.forget(own)

    def next_timer(self) -> float | None:
        """The earliest of all interfaces."""
        return earliest(*(igmp.next_timer() for igmp in self.routers.values()))

    def handle_timer(self, now: float) -> None:
        """Let all do what is due, and send what they have to say."""
        for igmp in self.routers.values():
            igmp.handle_timer(now)
        self.flush()

    def flush(self) -> None:
        """Send what is waiting. A querier hears itself: this router may be in groups, too."""
        host = self._router.ip.multicast
        for interface, igmp in list(self.routers.items()):
            for destination, message in igmp.take_messages():
                own = interface.address or IPv4Address(0)
                debug_igmp(self._router.debugging, str(interface.name), own, message, sent=True)
                host.transmit(interface, destination, message)
                host.hear(interface, message)

    # The inside

    def _listen(self, with_pim: list[Interface]) -> None:
        observers = self._router.ip.multicast.observers
        if with_pim and self._observe not in observers:
            observers.append(self._observe)
        elif not with_pim and self._observe in observers:
            observers.remove(self._observe)

    def _observe(self, interface: Interface, source: IPv4Address, message: Igmp) -> None:
        ours = source == interface.address
        debug_igmp(self._router.debugging, str(interface.name), source, message, sent=ours)
        igmp = self.routers.get(interface)
        if igmp is not None:
            igmp.receive(message, source, self._router.clock.now())
            self.heard()

    def _wanted(self, with_pim: list[Interface]) -> set[Membership]:
        config = self._router.model.block(MulticastConfig)
        wanted = {(with_pim[0], RP_DISCOVERY)} if with_pim else set()
        for name, item in config.interfaces.items():
            interface = self._router.interfaces.get(name)
            if interface is not None and interface.line_up:
                wanted |= {(interface, group) for group in item.joined}
        return wanted

    def _join(self, wanted: set[Membership]) -> None:
        """The version of our reports is that of the router's side."""
        host = self._router.ip.multicast
        for interface, igmp in self.routers.items():
            host.host(interface).version = igmp.config.version

        def order(item: Membership) -> tuple[object, ...]:
            return item[0].name.sort_key(), item[1]

        for interface, group in sorted(self._joined - wanted, key=order):
            host.leave(interface, group)
        for interface, group in sorted(wanted - self._joined, key=order):
            host.join(interface, group)
        self._joined = wanted


def _settings(interface: Interface, item: MulticastInterface) -> IgmpConfig:
    assert interface.address is not None
    return IgmpConfig(
        interface.address,
        item.version or IGMP_VERSION,
        item.query_interval or QUERY_INTERVAL,
        item.querier_timeout,
        item.max_response or MAX_RESPONSE,
        (item.last_member_interval or 1000) / 1000,
        item.last_member_count or 2,
        frozenset(item.static),
    )

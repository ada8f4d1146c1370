"""The router's own IPv6 addresses: none is used before it is known that nobody else has it (RFC 4862 section 5.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv6Address

from iosemu.router.clock import Clock, Timer
from iosemu.router.interfaces import Interface
from iosemu.wire.neighbor import solicited_node

RETRANSMIT = 1.0


class Standing(Enum):
    """What is known of an address; the values are those of `show ipv6 interface`."""

    TENTATIVE = "TENTATIVE"
    VALID = ""
    DUPLICATE = "DUP"


@dataclass(slots=True)
class _Own:
    standing: Standing
    attempts: int = 0
    timer: Timer | None = None


class OwnAddresses:
    """The standing of each IPv6 address of the router. `ask(interface, address)` sends the solicitation of duplicate
    address detection; `valid(interface, address)` hears of an address that may be used from now on."""

    def __init__(
        self,
        clock: Clock,
        ask: Callable[[Interface, IPv6Address], None],
        valid: Callable[[Interface, IPv6Address], None],
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._valid = valid
        self._own: dict[tuple[Interface, IPv6Address], _Own] = {}
        # Who hears that an address of ours belongs to somebody else.
        self.listeners: list[Callable[[Interface, IPv6Address], None]] = []

    def refresh(self, interfaces: list[Interface]) -> None:
        """Follow the interfaces as they are now: what is new, or was down, is examined."""
        wanted = {
            (interface, address): None
            for interface in interfaces
            if interface.line_up and interface.link_local is not None
            for address in (interface.link_local, *(item.ip for item in interface.addresses6))
        }
        for key in [key for key in self._own if key not in wanted]:
            own = self._own.pop(key)
            if own.timer is not None:
                own.timer.cancel()
        for interface, address in wanted:
            if (interface, address) not in self._own:
                self._begin(interface, address)

    def standing(self, interface: Interface, address: IPv6Address) -> Standing | None:
        """What is known of an address, None where it is not one of ours that is up."""
        own = self._own.get((interface, address))
        return own.standing if own is not None else None

    def is_valid(self, interface: Interface, address: IPv6Address) -> bool:
        """Whether an address may be used."""
        return self.standing(interface, address) is Standing.VALID

    def groups(self, interface: Interface) -> list[IPv6Address]:
        """The solicited-node groups of an interface's addresses."""
        return sorted({solicited_node(address) for where, address in self._own if where is interface})

    def claimed(self, interface: Interface, address: IPv6Address) -> None:
        """Somebody else has an address, or is examining it at the same time."""
        own = self._own.get((interface, address))
        if own is None or own.standing is not Standing.TENTATIVE:
            return
        if own.timer is not None:
            own.timer.cancel()
        own.standing = Standing.DUPLICATE
        for listener in self.listeners:
            listener(interface, address)

    def _begin(self, interface: Interface, address: IPv6Address) -> None:
        port = interface.port
        examined = interface.nd.dad_attempts and port is not None and port.framing == "ethernet"
        own = self._own[interface, address] = _Own(Standing.TENTATIVE if examined else Standing.VALID)
        if examined:
            self._examine(interface, address, own)
        else:
            self._valid(interface, address)

    def _examine(self, interface: Interface, address: IPv6Address, own: _Own) -> None:
        if own.attempts == interface.nd.dad_attempts:
            own.standing = Standing.VALID
            self._valid(interface, address)
            return
        own.attempts += 1
        self._ask(interface, address)
        own.timer = self._clock.call_later(RETRANSMIT, lambda: self._examine(interface, address, own))

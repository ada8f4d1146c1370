"""What an NHRP station reports."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.engines.common import Event
from iosemu.wire.nhrp import NhrpPacket


@dataclass(frozen=True, slots=True)
class Exchanged(Event):
    """A packet was sent to an address below the tunnel, or came from there."""

    packet: NhrpPacket
    nbma: IPv4Address
    sent: bool


@dataclass(frozen=True, slots=True)
class Dropped(Event):
    """A packet was refused; nothing else changed."""

    reason: str
    nbma: IPv4Address


@dataclass(frozen=True, slots=True)
class ServerUp(Event):
    """A next hop server has taken our registration, the first time or again."""

    server: IPv4Address
    nbma: IPv4Address


@dataclass(frozen=True, slots=True)
class ServerDown(Event):
    """A next hop server does not answer any more, or refuses us."""

    server: IPv4Address
    nbma: IPv4Address


@dataclass(frozen=True, slots=True)
class RegistrationRefused(Event):
    """A next hop server turned our registration down with a code."""

    server: IPv4Address
    code: int


@dataclass(frozen=True, slots=True)
class ClientUp(Event):
    """A client has registered here, the first time or from another address."""

    client: IPv4Address
    nbma: IPv4Address


@dataclass(frozen=True, slots=True)
class ClientDown(Event):
    """A client has not renewed its registration in time."""

    client: IPv4Address
    nbma: IPv4Address


@dataclass(frozen=True, slots=True)
class AddressTaken(Event):
    """Somebody wants to register an address that is ours, or that is another client's."""

    client: IPv4Address
    nbma: IPv4Address


@dataclass(frozen=True, slots=True)
class ErrorReceived(Event):
    """A station reports one of our packets as wrong."""

    reporter: IPv4Address
    nbma: IPv4Address
    code: int


@dataclass(frozen=True, slots=True)
class ShortcutsChanged(Event):
    """There are other shortcuts than before: the owner has to bring its routes up to date."""


@dataclass(frozen=True, slots=True)
class ResolutionFailed(Event):
    """Nobody knows the way to an address."""

    target: IPv4Network

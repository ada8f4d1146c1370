"""Debug output of the forwarding path: packets and ICMP, by hooks that are there only while they are wanted."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from iosemu.router.icmp import Listener
from iosemu.router.router import Router
from iosemu.wire.icmp import IcmpMessage
from iosemu.wire.icmpv6 import Icmp6Message

NAMES6 = {1: "dst unreachable", 2: "packet too big", 3: "time exceeded", 4: "parameter problem", 129: "echo reply"}
NAMES = {0: "echo reply", 3: "dst unreachable", 8: "echo", 11: "time exceeded"}


class DebugService:
    """Listens to ICMP; every other flag is looked at by the code it covers."""

    def __init__(self, router: Router) -> None:
        self._router = router
        listener: Listener = self._icmp
        self._stops = router.ip.icmp.listen(listener), router.ip6.icmp.listen(self._icmp6)
        router.ip6.discovery.watchers.append(lambda text: router.debugging.emit("ipv6 nd", f"ICMPv6-ND: {text}"))

    def reconcile(self) -> None:
        """Nothing of it is configuration."""

    def stop(self) -> None:
        """Listen no more."""
        for stop in self._stops:
            stop()

    def _icmp6(self, source: IPv6Address, message: Icmp6Message, *_: object) -> None:
        name = NAMES6.get(message.kind, f"type {message.kind}, code {message.code}")
        self._router.debugging.emit("ipv6 icmp", f"ICMPv6: Received {name}, Src={str(source).upper()}")

    def _icmp(self, source: IPv4Address, message: IcmpMessage, *_: object) -> None:
        name = NAMES.get(message.kind, f"type {message.kind}, code {message.code}")
        self._router.debugging.emit("ip icmp", f"ICMP: {name} rcvd, src {source}")

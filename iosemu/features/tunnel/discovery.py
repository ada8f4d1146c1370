"""`tunnel path-mtu-discovery`: what routers on the way report about the tunnel's own packets."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from iosemu.features.tunnel.config import Tunnels
from iosemu.features.tunnel.port import TunnelPort
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire import icmp
from iosemu.wire.ipv4 import GRE, Packet

# After so many minutes the full size is tried again; a smaller MTU than the least is taken for it.
AGE_MINUTES, LEAST = 10, 92


class PathMtus:
    """Hears ICMP errors about GRE packets of ours."""

    def __init__(self, router: Router, ports: Mapping[InterfaceName, TunnelPort]) -> None:
        self._router = router
        self._ports = ports
        router.ip.icmp.listen(self._heard)

    def _heard(self, reporter: IPv4Address, message: icmp.IcmpMessage, quoted: Packet | None) -> None:
        if quoted is None or quoted.protocol != GRE:
            return
        if (message.kind, message.code) != (icmp.UNREACHABLE, icmp.FRAGMENTATION_NEEDED):
            return
        for name, port in self._ports.items():
            transport = port.transport
            if transport is None or not transport.discovery or transport.source != quoted.source:
                continue
            if transport.destination in (None, quoted.destination):
                self._learn(name, port, quoted.destination, (message.rest & 0xFFFF) - transport.overhead)

    def _learn(self, name: InterfaceName, port: TunnelPort, end: IPv4Address, mtu: int) -> None:
        least, age = limits(self._router.model.block(Tunnels).get(name).discovery or "")
        mtu = max(mtu, least)
        if mtu >= port.path_mtus.get(end, port.room):
            return
        port.path_mtus[end] = mtu
        if age is not None:
            self._router.clock.call_later(age * 60.0, lambda: port.forget_path(end))


def limits(words: str) -> tuple[int, int | None]:
    """The least MTU and the age in minutes (None: for ever) of what stands behind the command."""
    name, _, value = words.partition(" ")
    if name == "min-mtu":
        return int(value), AGE_MINUTES
    if name == "age-timer":
        return LEAST, None if value == "infinite" else int(value)
    return LEAST, AGE_MINUTES

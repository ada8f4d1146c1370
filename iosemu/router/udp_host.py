"""The router's own UDP host: who serves which port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.engines.common import Endpoint
from iosemu.router.interfaces import Interface
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.udp import UdpDatagram


@dataclass(frozen=True, slots=True)
class UdpMessage:
    """A datagram for one of our services, and the interface that it came in by."""

    payload: bytes
    source: Endpoint
    destination: Endpoint
    interface: Interface


class UdpHost:
    """All UDP services of a router. `send` sends a packet of ours in a routing instance."""

    def __init__(self, send: Callable[[Packet, str], None]) -> None:
        self._send = send
        self._services: dict[int, Callable[[UdpMessage], None]] = {}

    def bind(self, port: int, handler: Callable[[UdpMessage], None]) -> None:
        """Serve a port."""
        self._services[port] = handler

    def unbind(self, port: int) -> None:
        """End the service of a port."""
        self._services.pop(port, None)

    @property
    def ports(self) -> list[int]:
        """All ports that are served, in order."""
        return sorted(self._services)

    def send(self, payload: bytes, source: Endpoint, destination: Endpoint, ttl: int = 255) -> None:
        """Send a datagram of ours in the VRF of its source."""
        datagram = UdpDatagram(source.port, destination.port, payload).pack(source.address, destination.address)
        self._send(Packet(source.address, destination.address, UDP, datagram, ttl=ttl), source.vrf)

    def receive(self, packet: Packet, interface: Interface) -> bool:
        """Give a datagram that is addressed to us to whoever serves its port; False where nobody does. Raises WireError
        when it is malformed."""
        datagram = UdpDatagram.parse(packet.payload, packet.source, packet.destination)
        handler = self._services.get(datagram.destination_port)
        if handler is None:
            return False
        source = Endpoint(packet.source, datagram.source_port, interface.vrf)
        destination = Endpoint(packet.destination, datagram.destination_port, interface.vrf)
        handler(UdpMessage(datagram.payload, source, destination, interface))
        return True

"""A router's own ICMP: echo in both roles, and the errors it sends (RFC 792, RFC 1812 section 4.3)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.router.clock import Clock
from iosemu.router.interfaces import Interface
from iosemu.wire import icmp
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import ICMP, Packet

# IOS sends one unreachable per half second.
UNREACHABLE_INTERVAL = 0.5
QUOTED_OCTETS = 8

# The listener gets who answered, the message, and the quoted packet of an error (None for an echo reply).
Listener = Callable[[IPv4Address, icmp.IcmpMessage, "Packet | None"], None]


class IcmpHost:
    """Answers echoes, sends errors, and tells listeners what comes back to us."""

    def __init__(self, clock: Clock, send: Callable[[Packet, str], None]) -> None:
        self._clock = clock
        self._send = send
        self._last_unreachable = -UNREACHABLE_INTERVAL
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear replies and errors until the result is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def receive(self, packet: Packet, interface: Interface) -> None:
        """Take a message addressed to us, or to a group that we are in; raises WireError when it is malformed."""
        message = icmp.IcmpMessage.parse(packet.payload)
        if message.kind == icmp.ECHO_REQUEST:
            reply = icmp.IcmpMessage(icmp.ECHO_REPLY, 0, message.rest, message.payload)
            own = interface.address if packet.destination.is_multicast else packet.destination
            if own is not None:
                self._send(Packet(own, packet.source, ICMP, reply.pack(), tos=packet.tos), interface.vrf)
        elif message.kind == icmp.ECHO_REPLY:
            self._tell(packet.source, message, None)
        elif message.kind in icmp.ERRORS:
            self._tell(packet.source, message, _quoted(message.payload))

    def error(
        self, kind: int, code: int, about: bytes, source: IPv4Address | None, mtu: int = 0, vrf: str = ""
    ) -> None:
        """Report on a packet to its sender, unless RFC 1812 forbids it."""
        try:
            packet = Packet.parse(about)
        except WireError:
            return
        if source is None or not _may_report(packet):
            return
        if kind == icmp.UNREACHABLE and code != icmp.FRAGMENTATION_NEEDED:
            if self._clock.now() < self._last_unreachable + UNREACHABLE_INTERVAL:
                return
            self._last_unreachable = self._clock.now()
        quoted = about[: (about[0] & 0x0F) * 4 + QUOTED_OCTETS]
        message = icmp.IcmpMessage(kind, code, mtu, quoted).pack()
        self._send(Packet(source, packet.source, ICMP, message, tos=0xC0), vrf)

    def _tell(self, source: IPv4Address, message: icmp.IcmpMessage, quoted: Packet | None) -> None:
        for listener in list(self._listeners):
            listener(source, message, quoted)


def _may_report(packet: Packet) -> bool:
    if packet.fragment_offset or packet.source.is_multicast or packet.destination.is_multicast:
        return False
    if not int(packet.source) or packet.destination == IPv4Address("255.255.255.255"):
        return False
    return not (packet.protocol == ICMP and packet.payload[:1] and packet.payload[0] in icmp.ERRORS)


def _quoted(payload: bytes) -> Packet | None:
    """The packet that an error quotes is cut short; its header is what counts."""
    try:
        header = (payload[0] & 0x0F) * 4
        data = payload[header:]
        return Packet(IPv4Address(payload[12:16]), IPv4Address(payload[16:20]), payload[9], data, ttl=payload[8])
    except (IndexError, ValueError):
        return None

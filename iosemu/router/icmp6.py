"""A router's own ICMPv6: echo in both roles, and the errors it sends (RFC 4443)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address

from iosemu.router.clock import Clock
from iosemu.router.interfaces import Interface
from iosemu.wire import icmpv6
from iosemu.wire.errors import WireError
from iosemu.wire.icmpv6 import Icmp6Message
from iosemu.wire.ipv6 import HEADER, ICMPV6, MINIMUM_MTU, Packet6

DEFAULT_HOP_LIMIT = 64
# A bucket of errors that may be sent at once, and the seconds until one more may (RFC 4443 section 2.4 f).
BUCKET, INTERVAL = 10, 0.1
# An error is never longer than what passes everywhere.
QUOTED_OCTETS = MINIMUM_MTU - HEADER - 8

# The listener gets who answered, the message, and the quoted packet of an error (None for an echo reply).
Listener6 = Callable[[IPv6Address, Icmp6Message, "Packet6 | None"], None]


class Icmp6Host:
    """Answers echoes, sends errors, and tells listeners what comes back to us. `source_for` chooses the address of ours
    towards a destination that a packet came from on an interface."""

    def __init__(
        self,
        clock: Clock,
        send: Callable[[Packet6, Interface], None],
        source_for: Callable[[IPv6Address, Interface], IPv6Address | None],
    ) -> None:
        self._clock = clock
        self._send = send
        self._source_for = source_for
        self.hop_limit = DEFAULT_HOP_LIMIT
        self._tokens = float(BUCKET)
        self._filled_at = 0.0
        self._listeners: list[Listener6] = []
        # Messages by "in" or "out", type and code; errors that were not sent because there are too many.
        self.counters: Counter[tuple[str, int, int]] = Counter()
        self.rate_limited = 0

    def listen(self, listener: Listener6) -> Callable[[], None]:
        """Hear replies and errors until the result is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def receive(self, packet: Packet6, message: Icmp6Message, interface: Interface) -> None:
        """Take a message that is no neighbour discovery."""
        if message.kind == icmpv6.ECHO_REQUEST:
            own = packet.destination
            source = self._source_for(packet.source, interface) if own.is_multicast else own
            if source is not None:
                reply = Icmp6Message(icmpv6.ECHO_REPLY, 0, message.rest, message.payload)
                self.send(source, packet.source, reply, interface, traffic_class=packet.traffic_class)
        elif message.kind == icmpv6.ECHO_REPLY:
            self._tell(packet.source, message, None)
        elif message.is_error:
            self._tell(packet.source, message, _quoted(message.payload))

    def send(
        self,
        source: IPv6Address,
        destination: IPv6Address,
        message: Icmp6Message,
        interface: Interface,
        hop_limit: int | None = None,
        traffic_class: int = 0,
    ) -> None:
        """Send a message of ours; the interface counts where the destination is on a link."""
        self.counters["out", message.kind, message.code] += 1
        body = message.pack(source, destination)
        self._send(Packet6(source, destination, ICMPV6, body, hop_limit or self.hop_limit, traffic_class), interface)

    def error(self, kind: int, code: int, about: bytes, interface: Interface, rest: int = 0) -> None:
        """Report on a packet that came in on an interface to its sender, unless RFC 4443 section 2.4 forbids it."""
        try:
            packet = Packet6.parse(about)
        except WireError:
            return
        for_groups = kind == icmpv6.PACKET_TOO_BIG or (kind, code) == (
            icmpv6.PARAMETER_PROBLEM,
            icmpv6.UNKNOWN_OPTION,
        )
        if not _may_report(packet) or (packet.destination.is_multicast and not for_groups) or not self._has_token():
            return
        source = self._source_for(packet.source, interface)
        if source is not None:
            self.send(source, packet.source, Icmp6Message(kind, code, rest, about[:QUOTED_OCTETS]), interface)

    def _has_token(self) -> bool:
        now = self._clock.now()
        self._tokens = min(float(BUCKET), self._tokens + (now - self._filled_at) / INTERVAL)
        self._filled_at = now
        if self._tokens < 1:
            self.rate_limited += 1
            return False
        self._tokens -= 1
        return True

    def _tell(self, source: IPv6Address, message: Icmp6Message, quoted: Packet6 | None) -> None:
        for listener in list(self._listeners):
            listener(source, message, quoted)


def _may_report(packet: Packet6) -> bool:
    if packet.source.is_multicast or packet.source.is_unspecified:
        return False
    if packet.fragment is not None and packet.fragment.offset:
        return packet.protocol != ICMPV6
    if packet.protocol != ICMPV6 or not packet.payload:
        return True
    return packet.payload[0] >= icmpv6.ECHO_REQUEST and packet.payload[0] != icmpv6.REDIRECT


def _quoted(payload: bytes) -> Packet6 | None:
    """The packet that an error quotes is cut short: its length is put right before it is read."""
    if len(payload) < HEADER:
        return None
    length = min(int.from_bytes(payload[4:6], "big"), len(payload) - HEADER)
    try:
        return Packet6.parse(payload[:4] + length.to_bytes(2, "big") + payload[6:])
    except WireError:
        return None

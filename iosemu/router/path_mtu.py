"""What fits on the way to a destination (RFC 8201)."""

from __future__ import annotations

from ipaddress import IPv6Address

from iosemu.router.clock import Clock
from iosemu.wire.icmpv6 import PACKET_TOO_BIG, Icmp6Message
from iosemu.wire.ipv6 import MINIMUM_MTU, Packet6

# What was learned is believed for so long, then tried again (section 5.3, seconds).
AGE = 600.0
# Who is told lies by many learns anew.
LIMIT = 4096


class PathMtus:
    """Hears what routers on the way say; it is one of the listeners of ICMPv6."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[IPv6Address, tuple[int, float]] = {}

    def hear(self, _: IPv6Address, message: Icmp6Message, quoted: Packet6 | None) -> None:
        """Take a message. One that names less than every link carries is not believed."""
        if message.kind == PACKET_TOO_BIG and quoted is not None and message.rest >= MINIMUM_MTU:
            if len(self._known) >= LIMIT:
                self._known.clear()
            self._known[quoted.destination] = message.rest, self._clock.now()

    def largest(self, destination: IPv6Address, link: int) -> int:
        """The largest packet, as far as is known, for a first link with this MTU."""
        known, at = self._known.get(destination, (link, 0.0))
        return min(link, known) if self._clock.now() < at + AGE else link

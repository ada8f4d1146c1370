"""Echo requests by IPv6."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address

from iosemu.cli import Interaction
from iosemu.features.ip_tools.echo import Answers, EchoOptions, echo_by, filling, new_identifier
from iosemu.router.interfaces import Interface
from iosemu.router.router import Router
from iosemu.wire import icmpv6
from iosemu.wire.icmpv6 import Icmp6Message
from iosemu.wire.ipv6 import ICMPV6, Packet6

# IPv6 and ICMPv6 headers.
OVERHEAD = 48
_UNREACHABLE = {
    icmpv6.NO_ROUTE: "U",
    icmpv6.PROHIBITED: "A",
    icmpv6.BEYOND_SCOPE: "N",
    icmpv6.ADDRESS_UNREACHABLE: "H",
    icmpv6.PORT_UNREACHABLE: "P",
}
_OTHERS = {icmpv6.PACKET_TOO_BIG: "B", icmpv6.TIME_EXCEEDED: "T", icmpv6.PARAMETER_PROBLEM: "R"}


@dataclass(slots=True)
class Requests6:
    """Echo requests by IPv6. `interface` is given for a target on a link."""

    router: Router
    target: IPv6Address
    options: EchoOptions
    identifier: int
    interface: Interface | None = None
    answers: Answers = field(default_factory=dict)

    def start(self) -> Callable[[], None]:
        """Listen until the result is called."""
        return self.router.ip6.icmp.listen(self.hear)

    def send(self, sequence: int, size: int) -> None:
        """Send a request."""
        stack, options = self.router.ip6, self.options
        own = options.source or stack.sources.towards(self.target, options.vrf, self.interface)
        interface = self.interface or stack.interface_towards(self.target, options.vrf)
        if isinstance(own, IPv6Address) and interface is not None:
            data = filling(options, max(0, size - OVERHEAD))
            message = icmpv6.echo(icmpv6.ECHO_REQUEST, self.identifier, sequence, data)
            stack.icmp.send(own, self.target, message, interface, traffic_class=options.tos)

    def hear(self, source: IPv6Address, message: Icmp6Message, quoted: Packet6 | None) -> None:
        """Take a reply, or an error that quotes a request."""
        rest = message.rest
        if message.kind != icmpv6.ECHO_REPLY:
            if quoted is None or quoted.protocol != ICMPV6 or len(quoted.payload) < 8:
                return
            rest = int.from_bytes(quoted.payload[4:8], "big")
        if rest >> 16 == self.identifier:
            marks = _UNREACHABLE if message.kind == icmpv6.UNREACHABLE else {}
            mark = marks.get(message.code) or _OTHERS.get(message.kind, "?")
            mark = "!" if message.kind == icmpv6.ECHO_REPLY else mark
            self.answers.setdefault(rest & 0xFFFF, (mark, self.router.clock.now()))


def echo6(router: Router, target: IPv6Address, options: EchoOptions, interface: Interface | None = None) -> Interaction:
    """Send requests to an IPv6 address, and print what comes back."""
    requests = Requests6(router, target, options, new_identifier(router), interface)
    return echo_by(requests, str(target).upper(), router, options)

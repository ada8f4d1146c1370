"""`traceroute` to an IPv6 address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address

from iosemu.cli import USER_EXEC, CommandTable, Context, Interaction
from iosemu.features.ip_tools.ping6 import source_of
from iosemu.features.ip_tools.traceroute import OPTIONS_HELP, PAYLOAD, Answer, TraceOptions, new_port, trace_by
from iosemu.features.vrf.config import check_vrf
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire import icmpv6
from iosemu.wire.icmpv6 import Icmp6Message
from iosemu.wire.ipv4 import UDP
from iosemu.wire.ipv6 import Packet6
from iosemu.wire.udp import UdpDatagram

TABLE = CommandTable()
MARKS = {icmpv6.NO_ROUTE: "!N", icmpv6.PROHIBITED: "!A", icmpv6.ADDRESS_UNREACHABLE: "!H", icmpv6.PORT_UNREACHABLE: ""}


@dataclass(slots=True)
class Probes6:
    """Probes by IPv6."""

    router: Router
    target: IPv6Address
    options: TraceOptions
    source_port: int
    answers: dict[int, Answer] = field(default_factory=dict)

    def start(self) -> Callable[[], None]:
        """Listen until the result is called."""
        return self.router.ip6.icmp.listen(self.hear)

    def send(self, port: int, ttl: int) -> None:
        """Send a probe."""
        stack, options = self.router.ip6, self.options
        own = options.source or stack.sources.towards(self.target, options.vrf)
        interface = stack.interface_towards(self.target, options.vrf)
        if isinstance(own, IPv6Address) and interface is not None:
            datagram = UdpDatagram(self.source_port, port, PAYLOAD).pack(own, self.target)
            stack.send(Packet6(own, self.target, UDP, datagram, ttl), interface)

    def hear(self, source: IPv6Address, message: Icmp6Message, quoted: Packet6 | None) -> None:
        """Take an error that quotes a probe."""
        if quoted is None or quoted.protocol != UDP or len(quoted.payload) < 4:
            return
        mark = MARKS.get(message.code, "!U") if message.kind == icmpv6.UNREACHABLE else None
        port = int.from_bytes(quoted.payload[2:4], "big")
        self.answers.setdefault(port, Answer(str(source).upper(), self.router.clock.now(), mark))


@TABLE.command(
    USER_EXEC,
    "traceroute [vrf WORD$vrf] [ipv6] X:X:X:X::X$target "
    "{source (X:X:X:X::X$source|INTERFACE$interface)|timeout <0-3600>$timeout"
    "|probe <1-65535>$probes|port <0-65535>$port|ttl <0-255>$first <0-255>$last|numeric}",
    """Trace route to destination
    Select VPN Routing/Forwarding instance
    VPN Routing/Forwarding instance name
    IPv6 Trace
    Trace route to destination address
    """
    + OPTIONS_HELP,
)
def traceroute6(
    ctx: Context,
    target: IPv6Address,
    source: IPv6Address | None = None,
    interface: InterfaceName | None = None,
    timeout: int = 3,
    probes: int = 3,
    port: int = 33434,
    first: int = 1,
    last: int = 30,
    vrf: str = "",
) -> Interaction:
    router = ctx.router
    check_vrf(router.model, vrf)
    own = source_of(router, source, interface, target, vrf)
    options = TraceOptions(own, timeout, probes, first, last, port, vrf)
    heading = f"Tracing the route to {str(target).upper()}\n\n"
    return trace_by(Probes6(router, target, options, new_port(router)), heading, router, options)

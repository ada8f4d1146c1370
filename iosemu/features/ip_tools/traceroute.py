"""`traceroute`: UDP probes with growing TTL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol

from iosemu.cli import USER_EXEC, Ask, CommandError, CommandTable, Context, Interaction, Wait
from iosemu.engines.common import Endpoint
from iosemu.features.ip_tools.dialog import (
    ask_number,
    ask_protocol,
    ask_source,
    ask_target,
    ask_yes,
    source_of,
    to_address,
)
from iosemu.features.vrf.config import check_vrf
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire import icmp
from iosemu.wire.ipv4 import UDP, Packet

TABLE = CommandTable()
PAYLOAD = bytes(12)
OPTIONS_HELP = """Specify source address or name
Source address
Source interface
Specify time out
Timeout in seconds
Specify number of probes per hop
Probes
Specify port number
Port number
Specify minimum and maximum ttl
Minimum ttl
Maximum ttl
Display numeric addresses"""
MARKS = {
    icmp.NET_UNREACHABLE: "!N",
    icmp.HOST_UNREACHABLE: "!H",
    icmp.PROTOCOL_UNREACHABLE: "!P",
    icmp.ADMINISTRATIVELY_PROHIBITED: "!A",
}


@dataclass(frozen=True, slots=True)
class TraceOptions:
    """How probes are sent; `timeout` in seconds."""

    source: IPv4Address | IPv6Address | None = None
    timeout: float = 3
    probes: int = 3
    first_ttl: int = 1
    last_ttl: int = 30
    port: int = 33434
    vrf: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answered a probe and when; `mark` is set where the target cannot be reached any further, "" where it was."""

    source: str
    at: float
    mark: str | None


class Probes(Protocol):
    """Probes on their way, by one family of addresses: answers by the destination port of the probe."""

    answers: dict[int, Answer]

    def start(self) -> Callable[[], None]:
        """Listen until the result is called."""

    def send(self, port: int, ttl: int) -> None:
        """Send a probe."""


@dataclass(slots=True)
class Probes4:
    """Probes by IPv4."""

    router: Router
    target: IPv4Address
    options: TraceOptions
    source_port: int
    answers: dict[int, Answer] = field(default_factory=dict)

    def start(self) -> Callable[[], None]:
        """Listen until the result is called."""
        return self.router.ip.icmp.listen(self.hear)

    def send(self, port: int, ttl: int) -> None:
        """Send a probe."""
        options = self.options
        assert not isinstance(options.source, IPv6Address)
        own = options.source or self.router.ip.source_for(self.target, options.vrf)
        if own is not None:
            ends = Endpoint(own, self.source_port, options.vrf), Endpoint(self.target, port, options.vrf)
            self.router.ip.udp.send(PAYLOAD, *ends, ttl)

    def hear(self, source: IPv4Address, message: icmp.IcmpMessage, quoted: Packet | None) -> None:
        if quoted is None or quoted.protocol != UDP or len(quoted.payload) < 4:
            return
        mark = None
        if message.kind == icmp.UNREACHABLE:
            mark = "" if message.code == icmp.PORT_UNREACHABLE else MARKS.get(message.code, "!U")
        port = int.from_bytes(quoted.payload[2:4], "big")
        self.answers.setdefault(port, Answer(str(source), self.router.clock.now(), mark))


def new_port(router: Router) -> int:
    """A port to send probes from."""
    return 49152 + int.from_bytes(router.clock.random_bytes(2), "big") % 16384


def trace(router: Router, target: IPv4Address, options: TraceOptions) -> Interaction:
    """Trace the way to an IPv4 address."""
    heading = f"Tracing the route to {target}\nVRF info: (vrf in name/id, vrf out name/id)\n"
    return trace_by(Probes4(router, target, options, new_port(router)), heading, router, options)


def trace_by(probes: Probes, heading: str, router: Router, options: TraceOptions) -> Interaction:
    """Some probes per hop, until the target answers."""
    yield "Type escape sequence to abort.\n"
    yield heading
    stop = probes.start()
    port = options.port
    try:
        for ttl in range(max(options.first_ttl, 1), options.last_ttl + 1):
            yield f"{ttl:3d} "
            answers: list[Answer] = []
            for _ in range(options.probes):
                started = router.clock.now()
                probes.send(port, ttl)
                yield Wait(options.timeout, lambda port=port: port in probes.answers)  # type: ignore[misc]
                answer = probes.answers.get(port)
                yield _text(answer, answers[-1] if answers else None, started)
                if answer is not None:
                    answers.append(answer)
                port = port % 65535 + 1
            yield "\n"
            if any(answer.mark is not None for answer in answers):
                return
    finally:
        stop()


def _text(answer: Answer | None, previous: Answer | None, started: float) -> str:
    if answer is None:
        return " * "
    name = answer.source
    if previous is not None:
        name = "" if previous.source == answer.source else f"\n    {answer.source}"
    if answer.mark:
        return f"{name} {answer.mark} "
    return f"{name} {max(1, round((answer.at - started) * 1000))} msec"


def traceroute(
    ctx: Context,
    target: IPv4Address,
    source: IPv4Address | None = None,
    interface: InterfaceName | None = None,
    timeout: int = 3,
    probes: int = 3,
    port: int = 33434,
    first: int = 1,
    last: int = 30,
    vrf: str = "",
) -> Interaction:
    check_vrf(ctx.router.model, vrf)
    wanted = str(interface or source or "")
    own = source_of(ctx.router, wanted, vrf) if wanted else None
    if wanted and own is None:
        raise CommandError("% Invalid source")
    return trace(ctx.router, target, TraceOptions(own, timeout, probes, first, last, port, vrf))


def trace_name(ctx: Context, name: str) -> Interaction:
    return trace(ctx.router, to_address(ctx.router, name), TraceOptions())


def trace_dialog(ctx: Context) -> Interaction:
    """Everything is asked; Enter takes the default."""
    if (yield from ask_protocol("trace")) != "ip":
        raise CommandError("% Name the IPv6 address behind the command.")
    target = yield from ask_target(ctx.router)
    source = yield from ask_source(ctx.router, "Source address: ")
    yield from ask_yes("Numeric display")
    timeout = yield from ask_number("Timeout in seconds", 3, 0, 3600)
    probes = yield from ask_number("Probe count", 3, 1, 65535)
    first = yield from ask_number("Minimum Time to Live", 1, 1, 255)
    last = yield from ask_number("Maximum Time to Live", 30, first, 255)
    port = yield from ask_number("Port Number", 33434, 1, 65535)
    yield Ask("Loose, Strict, Record, Timestamp, Verbose[none]: ")
    yield from trace(ctx.router, target, TraceOptions(source, timeout, probes, first, last, port))


TABLE.command(
    USER_EXEC,
    "traceroute [vrf WORD$vrf] [ip] A.B.C.D$target "
    "{source (A.B.C.D$source|INTERFACE$interface)|timeout <0-3600>$timeout"
    "|probe <1-65535>$probes|port <0-65535>$port|ttl <0-255>$first <0-255>$last|numeric}",
    """Trace route to destination
    Select VPN Routing/Forwarding instance
    VPN Routing/Forwarding instance name
    IP Trace
    Trace route to destination address
    """
    + OPTIONS_HELP,
)(traceroute)
TABLE.command(USER_EXEC, "traceroute WORD$name", "Trace route to destination\nDestination hostname")(trace_name)
TABLE.command(USER_EXEC, "traceroute [ip]", "Trace route to destination\nIP Trace")(trace_dialog)

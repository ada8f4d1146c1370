"""`traceroute`: UDP probes with growing TTL."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, CommandTable, Context, Interaction, Wait
from iosemu.engines.common import Endpoint
from iosemu.router.router import Router
from iosemu.wire import icmp
from iosemu.wire.ipv4 import UDP, Packet

TABLE = CommandTable()
FIRST_PORT = 33434
PROBES = 3
TIMEOUT = 3.0
MAXIMUM_TTL = 30
MARKS = {
    icmp.NET_UNREACHABLE: "!N",
    icmp.HOST_UNREACHABLE: "!H",
    icmp.PROTOCOL_UNREACHABLE: "!P",
    icmp.ADMINISTRATIVELY_PROHIBITED: "!A",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    source: IPv4Address
    at: float
    unreachable: int | None


@dataclass(slots=True)
class _Run:
    """Answers by the destination port of the probe."""

    router: Router
    answers: dict[int, _Answer] = field(default_factory=dict)

    def hear(self, source: IPv4Address, message: icmp.IcmpMessage, quoted: Packet | None) -> None:
        if quoted is None or quoted.protocol != UDP or len(quoted.payload) < 4:
            return
        code = message.code if message.kind == icmp.UNREACHABLE else None
        port = int.from_bytes(quoted.payload[2:4], "big")
        self.answers.setdefault(port, _Answer(source, self.router.clock.now(), code))


def trace_host(router: Router, target: IPv4Address) -> Interaction:
    """Three probes per hop, until the target answers."""
    yield "Type escape sequence to abort.\n"
    yield f"Tracing the route to {target}\n"
    yield "VRF info: (vrf in name/id, vrf out name/id)\n"
    run = _Run(router)
    stop = router.ip.icmp.listen(run.hear)
    source_port = 49152 + int.from_bytes(router.clock.random_bytes(2), "big") % 16384
    port = FIRST_PORT
    try:
        for ttl in range(1, MAXIMUM_TTL + 1):
            yield f"{ttl:3d} "
            answers: list[_Answer] = []
            for _ in range(PROBES):
                started = router.clock.now()
                own = router.ip.source_for(target)
                if own is not None:
                    router.ip.send_udp(b"\x00" * 12, Endpoint(own, source_port), Endpoint(target, port), ttl)
                yield Wait(TIMEOUT, lambda port=port: port in run.answers)  # type: ignore[misc]
                answer = run.answers.get(port)
                yield _text(answer, answers[-1] if answers else None, started)
                if answer is not None:
                    answers.append(answer)
                port += 1
            yield "\n"
            if any(answer.unreachable is not None for answer in answers):
                return
    finally:
        stop()


def _text(answer: _Answer | None, previous: _Answer | None, started: float) -> str:
    if answer is None:
        return " * "
    name = "" if previous is not None and previous.source == answer.source else f"{answer.source} "
    if answer.unreachable is not None and answer.unreachable != icmp.PORT_UNREACHABLE:
        return f"{name}{MARKS.get(answer.unreachable, '!U')} "
    return f"{name}{max(1, round((answer.at - started) * 1000))} msec "


@TABLE.command(
    USER_EXEC,
    "traceroute [ip] A.B.C.D$target",
    """Trace route to destination
    IP Trace
    Trace route to destination address""",
)
def traceroute(ctx: Context, target: IPv4Address) -> Interaction:
    return trace_host(ctx.router, target)

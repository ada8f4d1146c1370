"""`ping`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, CommandTable, Context, Interaction, Wait
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire import icmp
from iosemu.wire.ipv4 import ICMP, Packet

TABLE = CommandTable()
ROW = 70
OVERHEAD = 28
PATTERN = b"\xab\xcd"
CODES = {
    (icmp.UNREACHABLE, icmp.FRAGMENTATION_NEEDED): "M",
    (icmp.UNREACHABLE, icmp.ADMINISTRATIVELY_PROHIBITED): "A",
    (icmp.TIME_EXCEEDED, 0): "&",
}


@dataclass(slots=True)
class _Run:
    """Echo requests on their way: `answers` maps a sequence number to its mark and time of arrival."""

    router: Router
    identifier: int
    answers: dict[int, tuple[str, float]] = field(default_factory=dict)

    def hear(self, source: IPv4Address, message: icmp.IcmpMessage, quoted: Packet | None) -> None:
        rest = message.rest
        if message.kind != icmp.ECHO_REPLY:
            if quoted is None or quoted.protocol != ICMP or len(quoted.payload) < 8:
                return
            rest = int.from_bytes(quoted.payload[4:8], "big")
        if rest >> 16 == self.identifier:
            mark = "!" if message.kind == icmp.ECHO_REPLY else CODES.get((message.kind, message.code), "U")
            self.answers.setdefault(rest & 0xFFFF, (mark, self.router.clock.now()))


def ping_host(
    router: Router, target: IPv4Address, repeat: int, size: int, timeout: float, source: IPv4Address | None, df: bool
) -> Interaction:
    """Send echo requests one after the other and print a mark for each."""
    yield "Type escape sequence to abort.\n"
    yield f"Sending {repeat}, {size}-byte ICMP Echos to {target}, timeout is {timeout:g} seconds:\n"
    if source is not None:
        yield f"Packet sent with a source address of {source} \n"
    if df:
        yield "Packet sent with the DF bit set\n"
    run = _Run(router, int.from_bytes(router.clock.random_bytes(2), "big"))
    stop = router.ip.icmp.listen(run.hear)
    times: list[float] = []
    try:
        for sequence in range(repeat):
            started = router.clock.now()
            _send(router, run.identifier, sequence, target, size, source, df)
            yield Wait(timeout, lambda sequence=sequence: sequence in run.answers)  # type: ignore[misc]
            mark, at = run.answers.get(sequence, (".", 0.0))
            if mark == "!":
                times.append(at - started)
            yield mark + ("\n" if (sequence + 1) % ROW == 0 else "")
    finally:
        stop()
    yield ("" if repeat % ROW == 0 else "\n") + _summary(times, repeat)


def _summary(times: list[float], repeat: int) -> str:
    text = f"Success rate is {100 * len(times) // max(repeat, 1)} percent ({len(times)}/{repeat})"
    if times:
        low, mean, high = (max(1, round(value * 1000)) for value in (min(times), sum(times) / len(times), max(times)))
        text += f", round-trip min/avg/max = {low}/{mean}/{high} ms"
    return f"{text}\n"


def _send(
    router: Router, identifier: int, sequence: int, target: IPv4Address, size: int, source: IPv4Address | None, df: bool
) -> None:
    own = source or router.ip.source_for(target)
    if own is not None:
        data = (PATTERN * (size // 2))[: size - OVERHEAD]
        message = icmp.echo(icmp.ECHO_REQUEST, identifier, sequence, data)
        router.ip.send(Packet(own, target, ICMP, message.pack(), dont_fragment=df))


@TABLE.command(
    USER_EXEC,
    "ping [ip] A.B.C.D$target {repeat <1-2147483647>$repeat|size <36-18024>$size|timeout <0-3600>$timeout"
    "|source (A.B.C.D$source|INTERFACE$interface)|df-bit$df}",
    """Send echo messages
    IP echo
    Ping destination address
    Specify repeat count
    Repeat count
    Specify datagram size
    Datagram size
    Specify timeout interval
    Timeout in seconds
    Specify source address or name
    Source address
    Source interface
    Enable do not fragment bit in IP header""",
)
def ping(
    ctx: Context,
    target: IPv4Address,
    repeat: int = 5,
    size: int = 100,
    timeout: int = 2,
    source: IPv4Address | None = None,
    interface: InterfaceName | None = None,
    df: str | None = None,
) -> str | Interaction:
    router = ctx.router
    if interface is not None:
        found = router.interfaces.get(interface)
        source = found.address if found else None
        if source is None:
            return "% Invalid source interface - Interface is not up or does not have an address\n"
    if source is not None and not router.ip.is_local(source):
        return "% Invalid source address- IP address not on any of our up interfaces\n"
    return ping_host(router, target, repeat, size, timeout, source, bool(df))

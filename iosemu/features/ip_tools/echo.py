"""Echo requests, one after the other, and a mark for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol

from iosemu.cli import Interaction, Wait
from iosemu.router.router import Router
from iosemu.wire import icmp
from iosemu.wire.ipv4 import ICMP, Packet

ROW = 70
# IP and ICMP headers.
OVERHEAD = 28
PATTERN = b"\xab\xcd"
CODES = {
    (icmp.UNREACHABLE, icmp.FRAGMENTATION_NEEDED): "M",
    (icmp.UNREACHABLE, icmp.ADMINISTRATIVELY_PROHIBITED): "A",
    (icmp.TIME_EXCEEDED, 0): "&",
    (4, 0): "Q",
}


@dataclass(frozen=True, slots=True)
class EchoOptions:
    """How echo requests are sent. `sizes` are the packets' lengths, IP header included; more than one is a sweep."""

    repeat: int = 5
    sizes: tuple[int, ...] = (100,)
    timeout: float = 2
    source: IPv4Address | IPv6Address | None = None
    dont_fragment: bool = False
    tos: int = 0
    pattern: bytes = PATTERN
    vrf: str = ""


# A sequence number's mark and time of arrival.
Answers = dict[int, tuple[str, float]]


class Requests(Protocol):
    """Echo requests on their way, by one family of addresses."""

    answers: Answers

    def start(self) -> Callable[[], None]:
        """Listen until the result is called."""

    def send(self, sequence: int, size: int) -> None:
        """Send a request of so many octets."""


@dataclass(slots=True)
class Requests4:
    """Echo requests by IPv4."""

    router: Router
    target: IPv4Address
    options: EchoOptions
    identifier: int
    answers: Answers = field(default_factory=dict)

    def start(self) -> Callable[[], None]:
        """Listen until the result is called."""
        return self.router.ip.icmp.listen(self.hear)

    def send(self, sequence: int, size: int) -> None:
        """Send a request."""
        router, options = self.router, self.options
        assert not isinstance(options.source, IPv6Address)
        own = options.source or router.ip.source_for(self.target, options.vrf)
        if own is not None:
            message = icmp.echo(icmp.ECHO_REQUEST, self.identifier, sequence, filling(options, size - OVERHEAD))
            tos, dont_fragment = options.tos, options.dont_fragment
            packet = Packet(own, self.target, ICMP, message.pack(), tos=tos, dont_fragment=dont_fragment)
            router.ip.send(packet, options.vrf)

    def hear(self, source: IPv4Address, message: icmp.IcmpMessage, quoted: Packet | None) -> None:
        rest = message.rest
        if message.kind != icmp.ECHO_REPLY:
            if quoted is None or quoted.protocol != ICMP or len(quoted.payload) < 8:
                return
            rest = int.from_bytes(quoted.payload[4:8], "big")
        if rest >> 16 == self.identifier:
            mark = "!" if message.kind == icmp.ECHO_REPLY else CODES.get((message.kind, message.code), "U")
            self.answers.setdefault(rest & 0xFFFF, (mark, self.router.clock.now()))


def filling(options: EchoOptions, room: int) -> bytes:
    """So many octets of the pattern."""
    return (options.pattern * (room // len(options.pattern) + 1))[:room]


def new_identifier(router: Router) -> int:
    """What tells the requests of one command from others."""
    return int.from_bytes(router.clock.random_bytes(2), "big")


def echo(router: Router, target: IPv4Address, options: EchoOptions) -> Interaction:
    """Send requests to an IPv4 address, and print what comes back."""
    return echo_by(Requests4(router, target, options, new_identifier(router)), str(target), router, options)


def echo_by(requests: Requests, target: str, router: Router, options: EchoOptions) -> Interaction:
    """Send and print; what cannot be sent is waited for all the same, as IOS does."""
    total = options.repeat * len(options.sizes)
    yield from greeting(target, options, total)
    stop = requests.start()
    times: list[float] = []
    try:
        for count in range(total):
            sequence = count & 0xFFFF
            requests.answers.pop(sequence, None)
            started = router.clock.now()
            requests.send(sequence, options.sizes[count % len(options.sizes)])
            yield Wait(options.timeout, lambda sequence=sequence: sequence in requests.answers)  # type: ignore[misc]
            mark, at = requests.answers.get(sequence, (".", 0.0))
            if mark == "!":
                times.append(at - started)
            yield mark + ("\n" if (count + 1) % ROW == 0 else "")
    finally:
        stop()
    yield ("" if total % ROW == 0 else "\n") + _summary(times, total)


def greeting(target: str, options: EchoOptions, total: int) -> Interaction:
    """What is printed before the first request."""
    yield "Type escape sequence to abort.\n"
    size = f"{options.sizes[0]}-byte" if len(options.sizes) == 1 else f"[{options.sizes[0]}..{options.sizes[-1]}]-byte"
    yield f"Sending {total}, {size} ICMP Echos to {target}, timeout is {options.timeout:g} seconds:\n"
    if options.source is not None:
        yield f"Packet sent with a source address of {str(options.source).upper()} \n"
    if options.dont_fragment:
        yield "Packet sent with the DF bit set\n"
    if options.pattern != PATTERN:
        yield f"Packet has data pattern 0x{options.pattern.hex().upper()}\n"


def _summary(times: list[float], total: int) -> str:
    text = f"Success rate is {100 * len(times) // max(total, 1)} percent ({len(times)}/{total})"
    if times:
        low, mean, high = (max(1, round(value * 1000)) for value in (min(times), sum(times) / len(times), max(times)))
        text += f", round-trip min/avg/max = {low}/{mean}/{high} ms"
    return f"{text}\n"

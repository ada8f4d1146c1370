"""Echo requests to a group, and who answers."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.cli import Interaction, Wait
from iosemu.features.ip_tools.echo import ROW, EchoOptions, Requests4, greeting, new_identifier
from iosemu.router.router import Router
from iosemu.wire import icmp
from iosemu.wire.ipv4 import Packet


def group_echo(router: Router, target: IPv4Address, options: EchoOptions) -> Interaction:
    """Send to a group, on every segment that it is sent on, and print who answers; each request is waited for in full,
    because nobody knows how many there are."""
    yield from greeting(str(target), options, options.repeat)
    yield "\n"
    identifier = new_identifier(router)
    replies: list[tuple[IPv4Address, float]] = []

    def hear(source: IPv4Address, message: icmp.IcmpMessage, _: Packet | None) -> None:
        if message.kind == icmp.ECHO_REPLY and message.rest >> 16 == identifier:
            replies.append((source, router.clock.now()))

    stop = router.ip.icmp.listen(hear)
    dots = 0
    try:
        for count in range(options.repeat):
            replies.clear()
            started = router.clock.now()
            for source in [options.source] if options.source else _sources(router, target, options.vrf):
                requests = Requests4(router, target, replace(options, source=source), identifier)
                requests.send(count & 0xFFFF, options.sizes[0])
            yield Wait(options.timeout)
            if not replies:
                dots += 1
                yield "." + ("\n" if dots % ROW == 0 else "")
                continue
            yield "\n" if dots % ROW else ""
            dots = 0
            for replied, at in replies:
                yield f"Reply to request {count} from {replied}, {max(1, round((at - started) * 1000))} ms\n"
    finally:
        stop()
    yield "\n" if dots % ROW else ""


def _sources(router: Router, group: IPv4Address, vrf: str) -> list[IPv4Address]:
    """The address of each segment that a request goes to: all with multicast routing, else that of the default gateway,
    else the first one."""
    path = router.ip.routes_of(vrf).lookup(int(group))
    up = (item for item in router.interfaces if item.vrf == vrf and item.line_up and item.address is not None)
    found = router.ip.groups.interfaces(path.interface if path is not None else next(up, None))
    return [item.address for item in found if item.address is not None]

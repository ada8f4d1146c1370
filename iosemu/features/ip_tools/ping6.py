"""`ping` of an IPv6 address."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address

from iosemu.cli import USER_EXEC, Ask, CommandError, CommandTable, Context, Interaction
from iosemu.features.ip_tools.dialog import ask_number, ask_target6, ask_yes, pattern
from iosemu.features.ip_tools.echo import EchoOptions
from iosemu.features.ip_tools.echo6 import OVERHEAD, echo6
from iosemu.features.vrf.config import check_vrf
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.router import Router

TABLE = CommandTable()


@TABLE.command(
    USER_EXEC,
    "ping [vrf WORD$vrf] [ipv6] X:X:X:X::X$target {repeat <1-2147483647>$repeat|size <48-18024>$size"
    "|timeout <0-3600>$timeout|source (X:X:X:X::X$source|INTERFACE$interface)|data WORD$data}",
    """Send echo messages
    Select VPN Routing/Forwarding instance
    VPN Routing/Forwarding instance name
    IPv6 echo
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
    Specify data pattern
    0-FFFF  16-bit hexadecimal data pattern""",
)
def ping6(
    ctx: Context,
    target: IPv6Address,
    repeat: int = 5,
    size: int = 100,
    timeout: int = 2,
    source: IPv6Address | None = None,
    interface: InterfaceName | None = None,
    data: str = "ABCD",
    vrf: str = "",
) -> Interaction:
    router = ctx.router
    check_vrf(router.model, vrf)
    source = source_of(router, source, interface, target, vrf)
    outgoing = yield from ask_interface(router, target)
    options = EchoOptions(repeat, (size,), timeout, source, pattern=pattern(data), vrf=vrf)
    yield from echo6(router, target, options, outgoing)


def ping6_dialog(ctx: Context) -> Interaction:
    """Everything is asked; Enter takes the default."""
    router = ctx.router
    target = yield from ask_target6()
    repeat = yield from ask_number("Repeat count", 5, 1, 2147483647)
    size = yield from ask_number("Datagram size", 100, OVERHEAD, 18024)
    timeout = yield from ask_number("Timeout in seconds", 2, 0, 3600)
    source, traffic_class = None, 0
    if ctx.session.privilege > 1 and (yield from ask_yes("Extended commands?", "no")):
        source = yield from ask_source6(router, target)
        traffic_class = (yield from ask_number("DSCP", 0, 0, 63)) << 2
    outgoing = yield from ask_interface(router, target)
    yield from echo6(router, target, EchoOptions(repeat, (size,), timeout, source, tos=traffic_class), outgoing)


TABLE.command(USER_EXEC, "ping ipv6", "Send echo messages\nIPv6 echo")(ping6_dialog)


def ask_source6(router: Router, target: IPv6Address) -> Interaction:
    """An address or interface of ours, None for the usual one; raises CommandError."""
    text = ((yield Ask("Source address or interface: ")) or "").strip()
    if not text:
        return None
    name = parse_name(text)
    try:
        return source_of(router, None if name else IPv6Address(text), name, target, "")
    except AddressValueError:
        raise CommandError("% Invalid source") from None


def source_of(
    router: Router, source: IPv6Address | None, name: InterfaceName | None, target: IPv6Address, vrf: str
) -> IPv6Address | None:
    """The own address that was asked for; raises CommandError for one that is not there."""
    if name is not None:
        interface = router.interfaces.get(name)
        source = router.ip6.sources.on(interface, target) if interface is not None else None
        if source is None:
            raise CommandError("% Invalid source interface - Interface is not up or does not have an address")
    elif source is not None and not router.ip6.is_local(source, vrf):
        raise CommandError("% Invalid source address- IP address not on any of our up interfaces")
    return source


def ask_interface(router: Router, target: IPv6Address) -> Interaction:
    """The interface of a target that is on a link; raises CommandError."""
    if not target.is_link_local and not target.is_multicast:
        return None
    name = parse_name(((yield Ask("Output Interface: ")) or "").strip())
    found: Interface | None = router.interfaces.get(name) if name is not None else None
    if found is None:
        raise CommandError("% Invalid interface. Use full interface name without spaces (e.g. Serial0/1)")
    return found

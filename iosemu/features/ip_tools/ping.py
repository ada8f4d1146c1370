"""`ping`: its words, and its dialog."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import USER_EXEC, Ask, CommandError, CommandTable, Context, Interaction
from iosemu.features.ip_tools.dialog import (
    ask_number,
    ask_protocol,
    ask_source,
    ask_target,
    ask_yes,
    pattern,
    to_address,
)
from iosemu.features.ip_tools.echo import EchoOptions, echo
from iosemu.features.ip_tools.group_echo import group_echo
from iosemu.features.ip_tools.ping6 import ping6_dialog
from iosemu.features.vrf.config import check_vrf
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
MINIMUM_SIZE, MAXIMUM_SIZE = 36, 18024
_OPTIONS = (
    "{repeat <1-2147483647>$repeat|size <36-18024>$size|timeout <0-3600>$timeout"
    "|source (A.B.C.D$source|INTERFACE$interface)|df-bit$df|validate|data WORD$data}"
)
_OPTIONS_HELP = """Specify repeat count
Repeat count
Specify datagram size
Datagram size
Specify timeout interval
Timeout in seconds
Specify source address or name
Source address
Source interface
Enable do not fragment bit in IP header
Validate reply data
Specify data pattern
0-FFFF  16-bit hexadecimal data pattern"""


def ping(
    ctx: Context,
    target: IPv4Address,
    repeat: int | None = None,
    size: int = 100,
    timeout: int = 2,
    source: IPv4Address | None = None,
    interface: InterfaceName | None = None,
    df: str | None = None,
    data: str = "ABCD",
    vrf: str = "",
) -> Interaction:
    router = ctx.router
    check_vrf(router.model, vrf)
    if interface is not None:
        found = router.interfaces.get(interface)
        source = found.address if found else None
        if source is None:
            raise CommandError("% Invalid source interface - Interface is not up or does not have an address")
    if source is not None and not router.ip.is_local(source, vrf):
        raise CommandError("% Invalid source address- IP address not on any of our up interfaces")
    # One request to a group is enough for all of its members.
    count = repeat if repeat is not None else 1 if target.is_multicast else 5
    options = EchoOptions(count, (size,), timeout, source, bool(df), pattern=pattern(data), vrf=vrf)
    return group_echo(router, target, options) if target.is_multicast else echo(router, target, options)


def ping_name(ctx: Context, name: str) -> Interaction:
    return echo(ctx.router, to_address(ctx.router, name), EchoOptions())


def ping_dialog(ctx: Context) -> Interaction:
    """Everything is asked; Enter takes the default."""
    router = ctx.router
    if (yield from ask_protocol("ping")) == "ipv6":
        yield from ping6_dialog(ctx)
        return
    target = yield from ask_target(router)
    repeat = yield from ask_number("Repeat count", 1 if target.is_multicast else 5, 1, 2147483647)
    size = yield from ask_number("Datagram size", 100, MINIMUM_SIZE, MAXIMUM_SIZE)
    timeout = yield from ask_number("Timeout in seconds", 2, 0, 3600)
    options = EchoOptions(repeat, (size,), timeout)
    if ctx.session.privilege > 1 and (yield from ask_yes("Extended commands")):
        source = yield from ask_source(router, "Source address or interface: ")
        tos = yield from ask_number("Type of service", 0, 0, 255)
        df = yield from ask_yes("Set DF bit in IP header?", "no")
        yield from ask_yes("Validate reply data?", "no")
        data = pattern(((yield Ask("Data pattern [0xABCD]: ")) or "").strip() or "0xABCD")
        yield Ask("Loose, Strict, Record, Timestamp, Verbose[none]: ")
        sizes: tuple[int, ...] = (size,)
        if (yield from ask_yes("Sweep range of sizes")):
            low = yield from ask_number("Sweep min size", MINIMUM_SIZE, MINIMUM_SIZE, MAXIMUM_SIZE)
            high = yield from ask_number("Sweep max size", MAXIMUM_SIZE, low, MAXIMUM_SIZE)
            step = yield from ask_number("Sweep interval", 1, 1, MAXIMUM_SIZE)
            sizes = tuple(range(low, high + 1, step))
        options = EchoOptions(repeat, sizes, timeout, source, df, tos, data)
    yield from group_echo(router, target, options) if target.is_multicast else echo(router, target, options)


def _declare() -> None:
    instance = "Select VPN Routing/Forwarding instance\nVPN Routing/Forwarding instance name"
    mode_help = f"Send echo messages\n{instance}\nIP echo\nPing destination address"
    TABLE.command(USER_EXEC, f"ping [vrf WORD$vrf] [ip] A.B.C.D$target {_OPTIONS}", f"{mode_help}\n{_OPTIONS_HELP}")(
        ping
    )
    TABLE.command(USER_EXEC, "ping WORD$name", "Send echo messages\nPing destination hostname")(ping_name)
    TABLE.command(USER_EXEC, "ping [ip]", "Send echo messages\nIP echo")(ping_dialog)


_declare()

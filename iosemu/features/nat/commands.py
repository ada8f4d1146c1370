"""`ip nat inside`, `outside`, `pool`, `inside source`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context
from iosemu.features.interface.config import CONFIG_IF
from iosemu.features.nat.config import DynamicLine, Nat, Pool, StaticLine
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_NAT = "Global IP configuration subcommands\nNAT configuration commands"
_SOURCE = f"{_NAT}\nInside address translation\nSource address translation"


def _block(ctx: Context) -> Nat:
    return ctx.router.model.block(Nat)


@TABLE.command(
    CONFIG_IF,
    "ip nat (inside|outside)$side",
    "Interface Internet Protocol config commands\nNAT interface commands\nInside interface\nOutside interface",
    no=ARGUMENTS_OPTIONAL,
)
def side_of_interface(ctx: Context, side: str | None = None) -> None:
    sides = _block(ctx).sides
    if not ctx.negated and side is not None:
        sides[ctx.target.name] = side
    elif side in (None, sides.get(ctx.target.name)):
        sides.pop(ctx.target.name, None)


@TABLE.command(
    CONFIG,
    "ip nat pool WORD$name A.B.C.D$first A.B.C.D$last (netmask A.B.C.D$netmask|prefix-length <1-32>$length)",
    f"""{_NAT}
    Define pool of addresses
    Pool name
    Start IP address
    End IP address
    Specify the network mask
    Network mask
    Specify the prefix length
    Prefix length""",
    no="ip nat pool WORD$name",
)
def pool(
    ctx: Context,
    name: str,
    first: IPv4Address | None = None,
    last: IPv4Address | None = None,
    netmask: IPv4Address | None = None,
    length: int | None = None,
) -> None:
    block = _block(ctx)
    if ctx.negated:
        if any(line.to == name for line in block.dynamics.values()):
            raise CommandError(f"%Pool {name} in use, cannot destroy")
        block.pools.pop(name, None)
        return
    mask = netmask if length is None else IPv4Address((0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF)
    assert mask is not None
    assert first is not None
    assert last is not None
    if last < first:
        raise CommandError("%End address less than start address")
    if int(first) & int(mask) != int(last) & int(mask):
        raise CommandError("%Start and end addresses on different subnets")
    block.pools[name] = Pool(name, first, last, mask, length is not None)


@TABLE.command(
    CONFIG,
    "ip nat inside source list WORD$access_list (interface INTERFACE$interface|pool WORD$pool) [overload$overload]",
    f"""{_SOURCE}
    Specify access list describing local addresses
    Access list number or name
    Specify interface for global address
    Interface name
    Name pool of global addresses
    Pool name
    Overload an address translation""",
    no="ip nat inside source list WORD$access_list",
)
def source_list(
    ctx: Context,
    access_list: str,
    interface: InterfaceName | None = None,
    pool: str = "",
    overload: str | None = None,
) -> None:
    block = _block(ctx)
    if ctx.negated:
        block.dynamics.pop(access_list, None)
        return
    if interface is None and pool not in block.pools and not ctx.session.loading:
        raise CommandError(f"%Pool {pool} not found")
    # The one address of an interface can only be shared.
    block.dynamics[access_list] = DynamicLine(access_list, interface or pool, bool(overload) or interface is not None)


@TABLE.command(
    CONFIG,
    "ip nat inside source static A.B.C.D$inside (A.B.C.D$outside|interface INTERFACE$interface) [extendable$more]",
    f"""{_SOURCE}
    Specify static local->global mapping
    Inside local IP address
    Inside global IP address
    Specify interface for global address
    Interface name
    Extend this translation when used""",
    no="ip nat inside source static A.B.C.D$inside (A.B.C.D$outside|interface INTERFACE$interface)",
)
def source_static(
    ctx: Context,
    inside: IPv4Address,
    outside: IPv4Address | None = None,
    interface: InterfaceName | None = None,
    more: str | None = None,
) -> None:
    target = interface or outside
    assert target is not None
    _enter(ctx, StaticLine(inside, target, extendable=bool(more)))


@TABLE.command(
    CONFIG,
    "ip nat inside source static (tcp|udp)$protocol A.B.C.D$inside <1-65535>$port"
    " (A.B.C.D$outside|interface INTERFACE$interface) <1-65535>$outer [extendable$more]",
    f"""{_SOURCE}
    Specify static local->global mapping
    Transmission Control Protocol
    User Datagram Protocol
    Inside local IP address
    Local UDP/TCP port
    Inside global IP address
    Specify interface for global address
    Interface name
    Global UDP/TCP port
    Extend this translation when used""",
    no="ip nat inside source static (tcp|udp)$protocol A.B.C.D$inside <1-65535>$port"
    " (A.B.C.D$outside|interface INTERFACE$interface) <1-65535>$outer",
)
def source_static_port(
    ctx: Context,
    protocol: str,
    inside: IPv4Address,
    port: int,
    outer: int,
    outside: IPv4Address | None = None,
    interface: InterfaceName | None = None,
    more: str | None = None,
) -> None:
    target = interface or outside
    assert target is not None
    _enter(ctx, StaticLine(inside, target, protocol, (port, outer), bool(more)))


def _enter(ctx: Context, line: StaticLine) -> None:
    """Enter or remove a static translation; two of the same address outside would contradict each other."""
    statics = _block(ctx).statics
    same = [
        item
        for item in statics
        if (item.outside, item.protocol, item.ports[1]) == (line.outside, line.protocol, line.ports[1])
    ]
    if ctx.negated:
        statics[:] = [item for item in statics if item not in same or item.inside != line.inside]
        return
    if any((item.inside, item.ports) != (line.inside, line.ports) for item in same):
        raise CommandError(f"% similar static entry ({same[0].inside} -> {same[0].outside}) already exists")
    statics[:] = [item for item in statics if item not in same] + [line]

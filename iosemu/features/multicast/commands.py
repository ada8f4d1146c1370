"""ip multicast-routing, ip pim rp-address, ip pim spt-threshold, ip mroute."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context
from iosemu.features.multicast.config import MulticastConfig, RpLine, StaticMroute
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_IP = "Global IP configuration subcommands\n"
_PIM = f"{_IP}PIM global commands\n"


def _config(ctx: Context) -> MulticastConfig:
    return ctx.router.model.block(MulticastConfig)


@TABLE.command(
    CONFIG,
    "ip multicast-routing [distributed$distributed]",
    f"{_IP}Enable IP multicast forwarding\nDistributed multicast switching",
    no=ARGUMENTS_OPTIONAL,
)
def multicast_routing(ctx: Context, distributed: str = "") -> None:
    config = _config(ctx)
    config.routing = not ctx.negated
    config.distributed = bool(distributed) and not ctx.negated


@TABLE.command(
    CONFIG,
    "ip pim rp-address A.B.C.D$address [<1-99>$number|<1300-1999>$number|WORD$name] [override$override]",
    f"""{_PIM}PIM RP-address (Rendezvous Point)
    IP address of Rendezvous-point for group
    Access-list reference for group
    Access-list reference for group (expanded range)
    IP Named Standard Access list
    Overrides dynamically learnt RP mappings""",
    no="ip pim rp-address A.B.C.D$address",
)
def rp_address(
    ctx: Context, address: IPv4Address, number: int | None = None, name: str = "", override: str = ""
) -> None:
    config = _config(ctx)
    access_list = name or (str(number) if number is not None else "")
    if ctx.negated:
        config.rps = [item for item in config.rps if item.address != address]
        return
    others = [item for item in config.rps if item.access_list != access_list]
    config.rps = [*others, RpLine(address, access_list, bool(override))]


@TABLE.command(
    CONFIG,
    "ip pim spt-threshold (<0-4294967>$rate|infinity) [group-list (<1-99>$number|WORD$name)]",
    f"""{_PIM}Source-tree switching threshold
    Traffic rate in kilobits per second
    Never switch to source-tree
    Groups to apply threshold to
    Access-list reference for group
    IP Named Standard Access list""",
    no=ARGUMENTS_OPTIONAL,
)
def spt_threshold(ctx: Context, rate: int | None = None, number: int | None = None, name: str = "") -> None:
    """Every rate is reached by the first packet; zero is what holds anyway."""
    config = _config(ctx)
    access_list = name or (str(number) if number is not None else "")
    config.stay = [item for item in config.stay if item != access_list]
    if not ctx.negated and rate is None:
        config.stay.append(access_list)


@TABLE.command(
    CONFIG,
    "ip mroute A.B.C.D$prefix A.B.C.D$mask (A.B.C.D$neighbor|INTERFACE$interface) [<0-255>$distance]",
    f"""{_IP}Configure static multicast routes
    Source address
    Source address mask
    RPF neighbor address or route
    RPF interface
    Administrative distance for mroute""",
    no="ip mroute A.B.C.D$prefix A.B.C.D$mask [(A.B.C.D$neighbor|INTERFACE$interface)]",
)
def mroute(
    ctx: Context,
    prefix: IPv4Address,
    mask: IPv4Address,
    neighbor: IPv4Address | None = None,
    interface: InterfaceName | None = None,
    distance: int = 0,
) -> None:
    config = _config(ctx)
    try:
        network = IPv4Network(f"{prefix}/{mask}")
    except ValueError:
        raise CommandError("%Inconsistent address and mask") from None
    item = StaticMroute(network, neighbor, interface, distance)
    target = (neighbor, interface)

    def is_meant(other: StaticMroute) -> bool:
        return other.prefix == network and target in ((None, None), (other.neighbor, other.interface))

    config.mroutes = [other for other in config.mroutes if not is_meant(other)]
    if not ctx.negated:
        config.mroutes.append(item)

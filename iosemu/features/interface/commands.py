"""`interface` and the lines below it, but for addresses."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context
from iosemu.features.interface.address_commands import refuse_overlap
from iosemu.features.interface.config import CONFIG_IF, CONFIG_SUBIF, InterfaceConfig, Interfaces, PerInterface
from iosemu.router.interfaces import DEFAULT_MTU
from iosemu.router.load import DEFAULT_INTERVAL
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
LOAD_STEP = 30


@TABLE.command(
    CONFIG,
    "interface INTERFACE$name",
    """Select an interface to configure
    Interface name""",
    no="interface INTERFACE$name",
)
def interface(ctx: Context, name: InterfaceName) -> str | None:
    interfaces = ctx.router.model.block(Interfaces)
    if not ctx.negated:
        if not ctx.session.loading and not can_exist(interfaces, name):
            raise CommandError(at=name.number)
        ctx.enter(CONFIG_SUBIF if name.is_subinterface else CONFIG_IF, interfaces.get(name))
        return None
    if name not in interfaces.by_name:
        raise CommandError(at=name.number)
    if not ctx.defaulted and not name.removable:
        raise CommandError("% Removal of physical interfaces is not permitted.")
    del interfaces.by_name[name]
    for block in ctx.router.model.blocks():
        if isinstance(block, PerInterface):
            block.forget_interface(name)
    if not ctx.defaulted:
        return None
    interfaces.by_name[name] = InterfaceConfig(name)
    return f"Interface {name} set to default configuration\n"


def can_exist(interfaces: Interfaces, name: InterfaceName) -> bool:
    """Hardware cannot be made by a command; everything else can."""
    return name in interfaces.by_name or (name.removable and (name.parent is None or name.parent in interfaces.by_name))


@TABLE.command(
    CONFIG_IF,
    "description LINE$text",
    """Interface specific description
    Up to 240 characters describing this interface""",
    no=ARGUMENTS_OPTIONAL,
)
def description(ctx: Context, text: str | None = None) -> None:
    ctx.target.description = None if ctx.negated else text


@TABLE.command(CONFIG_IF, "shutdown", "Shutdown the selected interface", no=ARGUMENTS_OPTIONAL)
def shutdown(ctx: Context) -> None:
    target: InterfaceConfig = ctx.target
    was, target.shutdown = target.shutdown, not ctx.negated
    if was and not target.shutdown:
        try:
            for own in target.addresses:
                refuse_overlap(ctx, target, own)
        except CommandError as error:
            target.shutdown = True
            raise CommandError(f"{error.text}\n{target.name}: incorrect IP address assignment") from None


@TABLE.command(
    CONFIG_IF,
    "bandwidth <1-10000000>$kilobits",
    """Set bandwidth informational parameter
    Bandwidth in kilobits""",
    no=ARGUMENTS_OPTIONAL,
)
def bandwidth(ctx: Context, kilobits: int | None = None) -> None:
    ctx.target.bandwidth = None if ctx.negated else kilobits


@TABLE.command(
    CONFIG_IF,
    "load-interval <30-600>$seconds",
    """Specify interval for load calculation for an interface
    Load interval delay in seconds""",
    no=ARGUMENTS_OPTIONAL,
)
def load_interval(ctx: Context, seconds: int = DEFAULT_INTERVAL) -> str | None:
    if seconds % LOAD_STEP:
        return f"% Load interval must be a multiple of {LOAD_STEP} seconds\n"
    ctx.target.load_interval = DEFAULT_INTERVAL if ctx.negated else seconds
    return None


@TABLE.command(
    CONFIG_IF,
    "encapsulation dot1Q <1-4094>$vlan [native$native]",
    """Set encapsulation type for an interface
    IEEE 802.1Q Virtual LAN
    IEEE 802.1Q VLAN ID
    Make this the native VLAN""",
    no=ARGUMENTS_OPTIONAL,
)
def encapsulation(ctx: Context, vlan: int | None = None, native: str | None = None) -> None:
    target: InterfaceConfig = ctx.target
    if not target.name.is_subinterface:
        raise CommandError("% 802.1Q encapsulation is for sub-interfaces.")
    for other in ctx.router.model.block(Interfaces).ordered():
        if not ctx.negated and other is not target and (other.name.parent, other.vlan) == (target.name.parent, vlan):
            raise CommandError(
                f"%Configuration of multiple subinterfaces of the same main\ninterface with the same VID ({vlan}) "
                f"is not permitted.\nThis VID is already configured on {other.name}."
            )
    target.vlan = None if ctx.negated else vlan
    target.native = bool(native) and not ctx.negated


@TABLE.command(
    CONFIG_IF,
    "mtu <64-9216>$size",
    """Set the interface Maximum Transmission Unit (MTU)
    MTU size in bytes""",
    no=ARGUMENTS_OPTIONAL,
)
def mtu(ctx: Context, size: int = DEFAULT_MTU) -> None:
    ctx.target.mtu = DEFAULT_MTU if ctx.negated else size


@TABLE.command(
    CONFIG_IF,
    "ip mtu <68-9216>$size",
    """Interface Internet Protocol config commands
    Set IP Maximum Transmission Unit
    MTU (bytes)""",
    no=ARGUMENTS_OPTIONAL,
)
def ip_mtu(ctx: Context, size: int | None = None) -> None:
    ctx.target.ip_mtu = None if ctx.negated else size


@TABLE.command(
    CONFIG_IF,
    "ip tcp adjust-mss <500-1460>$size",
    """Interface Internet Protocol config commands
    TCP interface commands
    Adjust the mss of transit packets
    Maximum segment size in bytes""",
    no=ARGUMENTS_OPTIONAL,
)
def adjust_mss(ctx: Context, size: int | None = None) -> None:
    ctx.target.adjust_mss = None if ctx.negated else size

"""show interfaces, show ip interface, clear counters."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, USER_EXEC, Ask, CommandError, CommandTable, Context, Interaction
from iosemu.cli.interaction import affirmed
from iosemu.features.interface.block import interface_block, status
from iosemu.features.interface.config import Interfaces
from iosemu.features.interface.service import InterfaceService
from iosemu.router.interfaces import Counters, Interface
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
BRIEF = f"{'Interface':<27}{'IP-Address':<16}OK? Method {'Status':<22}Protocol\n"
DESCRIPTIONS = f"{'Interface':<31}{'Status':<15}Protocol Description\n"


def _found(ctx: Context, name: InterfaceName | None) -> list[Interface]:
    """Hardware first, then what exists by configuration; or the one of a name."""
    found = [item for item in ctx.router.interfaces if name in (None, item.name) and item.name.kind != "Null"]
    if name is not None and not found:
        raise CommandError(at=name.number)
    return sorted(found, key=lambda item: (item.name.virtual, item.name.sort_key()))


@TABLE.command(
    USER_EXEC,
    "show ip interface brief",
    """Show running system information
    IP information
    IP interface status and configuration
    Brief summary of IP status and configuration""",
)
def show_ip_interface_brief(ctx: Context) -> str:
    configs = ctx.router.model.block(Interfaces).by_name
    rows = []
    for interface in _found(ctx, None):
        address = str(interface.address) if interface.address else "unassigned"
        method = configs[interface.name].method if interface.name in configs else "unset"
        state, protocol = status(interface)
        rows.append(f"{interface.name!s:<26} {address:<15} YES {method:<6} {state:<21} {protocol:<8}\n")
    return BRIEF + "".join(rows)


@TABLE.command(
    USER_EXEC,
    "show interfaces [INTERFACE$name]",
    """Show running system information
    Interface status and configuration
    Interface name""",
)
def show_interfaces(ctx: Context, name: InterfaceName | None = None) -> str:
    configs = ctx.router.model.block(Interfaces)
    now = ctx.router.clock.now()
    details = ctx.router.service(InterfaceService).details
    blocks = []
    for item in _found(ctx, name):
        describe = details.get(item.name.kind)
        blocks.append(interface_block(configs.get(item.name), item, now, describe(item) if describe else []))
    return "".join(blocks)


@TABLE.command(
    USER_EXEC,
    "show interfaces description",
    """Show running system information
    Interface status and configuration
    Show interface description""",
)
def show_descriptions(ctx: Context) -> str:
    configs = ctx.router.model.block(Interfaces)
    rows = []
    for interface in _found(ctx, None):
        state, protocol = status(interface)
        short = "admin down" if state.startswith("admin") else state
        text = f"{interface.name.short:<30} {short:<14} {protocol:<8} {configs.get(interface.name).description or ''}"
        rows.append(f"{text.rstrip()}\n")
    return DESCRIPTIONS + "".join(rows)


@TABLE.command(
    USER_EXEC,
    "show ip interface [INTERFACE$name]",
    """Show running system information
    IP information
    IP interface status and configuration
    Interface name""",
)
def show_ip_interface(ctx: Context, name: InterfaceName | None = None) -> str:
    return "".join(_ip_block(ctx, interface) for interface in _found(ctx, name))


def _ip_block(ctx: Context, interface: Interface) -> str:
    config = ctx.router.model.block(Interfaces).get(interface.name)
    state, protocol = status(interface)
    lines = [f"{interface.name} is {state}, line protocol is {protocol}"]
    if not interface.addresses:
        return "\n".join([*lines, "  Internet protocol processing disabled", ""])
    source = "non-volatile memory" if config.method == "NVRAM" else "setup command"
    lines += [
        f"  Internet address is {interface.addresses[0]}",
        "  Broadcast address is 255.255.255.255",
        f"  Address determined by {source}",
        f"  MTU is {interface.mtu} bytes",
        "  Helper address is not set",
        "  Directed broadcast forwarding is disabled",
    ]
    lines += [f"  Secondary address {address}" for address in interface.addresses[1:]]
    lines += [f'  VPN Routing/Forwarding "{interface.vrf}"'] if interface.vrf else []
    return "\n".join([*lines, ""])


@TABLE.command(
    PRIV_EXEC,
    "clear counters [INTERFACE$name]",
    "Reset functions\nClear counters on one or all interfaces\nInterface name",
)
def clear_counters(ctx: Context, name: InterfaceName | None = None) -> Interaction:
    where = "all interfaces" if name is None else f"{name}"
    found = [item for item in ctx.router.interfaces if name in (None, item.name)]
    if not found and name is not None:
        raise CommandError(at=name.number)
    question = f'Clear "show interface" counters on {"this interface" if name else where} [confirm]'
    if not affirmed((yield Ask(question, single_key=True))):
        return
    for interface in found:
        interface.counters = Counters()
    target = "all interfaces" if name is None else f"interface {name}"
    ctx.router.syslog.log("CLEAR", 5, "COUNTERS", f"Clear counter on {target} by {ctx.session.actor}")

"""`vrf definition`, `ip vrf`, and `vrf forwarding` on interfaces."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context, Mode
from iosemu.cli.kept import declare
from iosemu.features.interface.config import CONFIG_IF, InterfaceConfig
from iosemu.features.vrf.config import InVrf, PerVrf, VrfConfig, Vrfs

TABLE = CommandTable()
CONFIG_VRF = Mode("vrf", "(config-vrf)", "VRF configuration commands:", CONFIG)
BLOCK = """
rd = WORD
vpn id = WORD
description = LINE
route-target (export|import|both) WORD
import map = WORD
export map = WORD
maximum routes = LINE
mdt LINE
!address-family (ipv4|ipv6) [(unicast|multicast)] > config-vrf-af before ! after exit-address-family
 route-target (export|import|both) WORD
 import map = WORD
 export map = WORD
 maximum routes = LINE
 mdt LINE
"""


def vrf_definition(ctx: Context, name: str) -> str | None:
    return _open_or_remove(ctx, name, False)


def ip_vrf(ctx: Context, name: str) -> str | None:
    return _open_or_remove(ctx, name, True)


def _open_or_remove(ctx: Context, name: str, old: bool) -> str | None:
    vrfs = ctx.router.model.block(Vrfs).by_name
    if not ctx.negated:
        ctx.enter(CONFIG_VRF, vrfs.setdefault(name, VrfConfig(name, old)))
        return None
    if vrfs.pop(name, None) is None:
        raise CommandError(f"% No VRF with name {name}")
    # A VRF takes its routes, and the addresses of its interfaces, with it.
    for block in ctx.router.model.blocks():
        if isinstance(block, PerVrf):
            block.forget_vrf(name)
    return f"% IPv4 and IPv6 addresses from all interfaces in VRF {name} have been removed\n"


_NAME = "VPN Routing/Forwarding instance name"
TABLE.command(
    CONFIG, "vrf definition WORD$name", f"VRF commands\nVRF definition\n{_NAME}", no="vrf definition WORD$name"
)(vrf_definition)
TABLE.command(
    CONFIG,
    "ip vrf WORD$name",
    f"Global IP configuration subcommands\nConfigure an IP VPN Routing/Forwarding instance\n{_NAME}",
    no="ip vrf WORD$name",
)(ip_vrf)
declare(TABLE, CONFIG_VRF, lambda ctx: ctx.target.kept, BLOCK)


def forwarding(ctx: Context, name: str = "") -> str | None:
    target: InterfaceConfig = ctx.target
    if not ctx.negated and name not in ctx.router.model.block(Vrfs).by_name:
        raise CommandError(f"% VRF {name} not configured.")
    wanted = "" if ctx.negated else name
    if wanted == target.vrf:
        return None
    old, target.vrf = target.vrf, wanted
    families = ["IPv4"] if target.remove_addresses() else []
    blocks = [block for block in ctx.router.model.blocks() if isinstance(block, InVrf)]
    families += [family for block in blocks if (family := block.leave_vrf(target.name))]
    verb = f"enabling VRF {wanted}" if wanted else f"disabling VRF {old}"
    text = f"disabled and address(es) removed due to {verb}\n"
    return "".join(f"% Interface {target.name} {family} {text}" for family in families)


_FORWARDING = f"VPN Routing/Forwarding parameters on the interface\nConfigure forwarding table\n{_NAME}"
TABLE.command(CONFIG_IF, "vrf forwarding WORD$name", _FORWARDING, no=ARGUMENTS_OPTIONAL)(forwarding)
TABLE.command(
    CONFIG_IF,
    "ip vrf forwarding WORD$name",
    f"Interface Internet Protocol config commands\n{_FORWARDING}",
    no=ARGUMENTS_OPTIONAL,
)(forwarding)

"""show vrf, show ip vrf."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.interface.config import Interfaces
from iosemu.features.vrf.config import VrfConfig, Vrfs

TABLE = CommandTable()
_SHOW = "Show running system information\n"


def show_vrf(ctx: Context, name: str = "") -> str:
    vrfs = ctx.router.model.block(Vrfs).by_name
    if name and name not in vrfs:
        return f"% No VRF named {name}\n"
    rows = ["  Name                             Default RD            Protocols   Interfaces"]
    for own in [name] if name else sorted(vrfs):
        interfaces = ctx.router.model.block(Interfaces).ordered()
        first, *others = [config.name.short for config in interfaces if config.vrf == own] or [""]
        rows.append(f"  {own:<33}{_rd(vrfs[own]):<22}{','.join(_protocols(vrfs[own])):<12}{first}".rstrip())
        rows += [" " * 71 + other for other in others]
    return "".join(f"{row}\n" for row in rows)


def _rd(vrf: VrfConfig) -> str:
    return next((line.split()[1] for line in vrf.kept.lines() if line.startswith("rd ")), "<not set>")


def _protocols(vrf: VrfConfig) -> list[str]:
    if vrf.old:
        return ["ipv4"]
    return list(dict.fromkeys(line.split()[1] for line in vrf.kept.lines() if line.startswith("address-family")))


TABLE.command(USER_EXEC, "show vrf [WORD$name]", f"{_SHOW}VPN Routing/Forwarding instance information\nVRF name")(
    show_vrf
)
TABLE.command(
    USER_EXEC, "show ip vrf [WORD$name]", f"{_SHOW}IP information\nVPN Routing/Forwarding instances\nVRF name"
)(show_vrf)

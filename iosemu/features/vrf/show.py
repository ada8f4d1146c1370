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


@TABLE.command(
    USER_EXEC,
    "show ip vrf interfaces [WORD$name]",
    f"{_SHOW}IP information\nVPN Routing/Forwarding instances\nInterfaces of VRFs\nVRF name",
)
def show_vrf_interfaces(ctx: Context, name: str = "") -> str:
    rows = [f"{'Interface':<23}{'IP-Address':<16}{'VRF':<33}Protocol"]
    for interface in ctx.router.interfaces:
        if interface.vrf and name in ("", interface.vrf):
            address = str(interface.addresses[0].ip) if interface.addresses else "unassigned"
            state = "up" if interface.line_up else "down"
            rows.append(f"{interface.name.short:<23}{address:<16}{interface.vrf:<33}{state}")
    return "".join(f"{row}\n" for row in rows)


def show_vrf_detail(ctx: Context, name: str = "") -> str:
    vrfs = ctx.router.model.block(Vrfs).by_name
    if name and name not in vrfs:
        return f"% No VRF named {name}\n"
    rows = []
    for number, (own, vrf) in enumerate(sorted(vrfs.items()), start=1):
        if name in ("", own):
            rows += _detail(ctx, vrf, number)
    return "".join(f"{row}\n" for row in rows)


def _detail(ctx: Context, vrf: VrfConfig, number: int) -> list[str]:
    interfaces = [item.name.short for item in ctx.router.model.block(Interfaces).ordered() if item.vrf == vrf.name]
    lines = [line.strip() for line in vrf.kept.lines()]
    description = next((line.partition(" ")[2] for line in lines if line.startswith("description ")), None)
    rows = [f"VRF {vrf.name} (VRF Id = {number}); default RD {_rd(vrf)}; default VPNID <not set>"]
    rows += [] if description is None else [f"  Description: {description}"]
    form = ("Old", "IPv4 only") if vrf.old else ("New", "multiple address-families")
    rows.append(f"  {form[0]} CLI format, supports {form[1]}")
    rows += (
        ["  Interfaces:", "    " + " ".join(f"{item:<24}" for item in interfaces).rstrip()]
        if interfaces
        else ["  No interfaces"]
    )
    for family in _protocols(vrf):
        rows.append(f"Address family {family} unicast (Table ID = 0x{number:X}):")
        rows.append("  Flags: 0x0")
        rows += _targets(lines, "export") + _targets(lines, "import")
        rows += ["  No import route-map", "  No global export route-map", "  No export route-map"]
    return rows


def _targets(lines: list[str], way: str) -> list[str]:
    """The route targets of one direction; `both` is printed as two lines by the router that takes it."""
    found = [line.split()[2] for line in lines if line.split()[:2] in (["route-target", way], ["route-target", "both"])]
    if not found:
        return [f"  No {way.capitalize()} VPN route-target communities"]
    return [f"  {way.capitalize()} VPN route-target communities", *(f"    RT:{item}" for item in found)]


for _words, _texts in (("show vrf", ""), ("show ip vrf", "IP information\n")):
    TABLE.command(
        USER_EXEC, f"{_words} detail [WORD$name]", f"{_SHOW}{_texts}VPN Routing/Forwarding\nDetail\nVRF name"
    )(show_vrf_detail)

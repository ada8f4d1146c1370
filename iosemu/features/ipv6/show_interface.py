"""show ipv6 interface."""

from __future__ import annotations

from ipaddress import IPv6Address

from iosemu.cli import USER_EXEC, CommandError, CommandTable, Context
from iosemu.features.interface.block import status
from iosemu.features.ipv6.config import PREFERENCES, text6
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.router.own_addresses import Standing

TABLE = CommandTable()
_IPV6 = "Show running system information\nIPv6 information\nIPv6 interface status and configuration"
MARKS = {Standing.TENTATIVE: " [TEN]", Standing.DUPLICATE: " [DUP]"}


def _interfaces(ctx: Context, name: InterfaceName | None = None) -> list[Interface]:
    found = [item for item in ctx.router.interfaces if name in (None, item.name) and item.name.kind != "Null"]
    if name is not None and not found:
        raise CommandError(at=name.number)
    return sorted(found, key=lambda item: (item.name.virtual, item.name.sort_key()))


@TABLE.command(USER_EXEC, "show ipv6 interface brief", f"{_IPV6}\nBrief summary")
def show_brief(ctx: Context) -> str:
    lines = []
    for interface in _interfaces(ctx):
        lines.append(f"{interface.name!s:<22} [{'/'.join(status(interface))}]")
        own = [interface.link_local] if interface.link_local is not None else []
        own += [address.ip for address in interface.addresses6]
        lines += [f"    {text6(address)}" for address in own] or ["    unassigned"]
    return "".join(f"{line}\n" for line in lines)


@TABLE.command(USER_EXEC, "show ipv6 interface [INTERFACE$name]", f"{_IPV6}\nInterface name")
def show_interface(ctx: Context, name: InterfaceName | None = None) -> str:
    found = _interfaces(ctx, name)
    return "".join(_block(ctx, item) for item in found if item.link_local is not None)


def _block(ctx: Context, interface: Interface) -> str:
    stack, nd = ctx.router.ip6, interface.nd

    def mark(address: IPv6Address) -> str:
        standing = stack.own.standing(interface, address)
        return MARKS.get(standing, "") if standing is not None else ""

    assert interface.link_local is not None
    state, protocol = status(interface)
    link = f"{text6(interface.link_local)}{mark(interface.link_local)}"
    lines = [
        f"{interface.name} is {state}, line protocol is {protocol}",
        f"  IPv6 is {'enabled' if interface.line_up else 'tentative'}, link-local address is {link} ",
        "  No Virtual link-local address(es):",
    ]
    lines += [f'  VPN Routing/Forwarding "{interface.vrf}"'] if interface.vrf else []
    if interface.addresses6:
        lines.append("  Global unicast address(es):")
    else:
        lines.append("  No global unicast address is configured")
    for address in interface.addresses6:
        lines.append(f"    {text6(address.ip)}, subnet is {text6(address.network)}{mark(address.ip)} ")
    lines.append("  Joined group address(es):")
    lines += [f"    {text6(group)}" for group in stack.groups(interface)]
    dad = f"enabled, number of DAD attempts: {nd.dad_attempts}" if nd.dad_attempts else "not supported"
    lines += [
        f"  MTU is {interface.mtu6} bytes",
        "  ICMP error messages limited to one every 100 milliseconds",
        "  ICMP redirects are enabled",
        "  ICMP unreachables are sent",
        f"  ND DAD is {dad}",
        "  ND reachable time is 30000 milliseconds (using 30000)",
    ]
    if interface in stack.advertiser.interfaces:
        lines += _advertising(interface)
    return "".join(f"{line}\n" for line in lines)


def _advertising(interface: Interface) -> list[str]:
    nd = interface.nd
    lines = [
        "  ND advertised reachable time is 0 (unspecified)",
        "  ND advertised retransmit interval is 0 (unspecified)",
    ]
    if nd.suppressed:
        lines.append("  ND router advertisements are suppressed")
    else:
        lines.append(f"  ND router advertisements are sent every {nd.interval} seconds")
    lines.append(f"  ND router advertisements live for {nd.lifetime} seconds")
    lines.append(f"  ND advertised default router preference is {PREFERENCES[nd.preference]}")
    way = "DHCP to obtain routable addresses" if nd.managed else "stateless autoconfig for addresses"
    lines.append(f"  Hosts use {way}.")
    return lines + (["  Hosts use DHCP to obtain other configuration."] if nd.other else [])

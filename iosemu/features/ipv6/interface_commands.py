"""IPv6 on an interface: addresses, MTU, neighbour discovery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Interface
from typing import Any

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.features.interface.config import CONFIG_IF
from iosemu.features.ipv6.config import PREFERENCES, Address6, InterfaceIpv6, Ipv6, text6
from iosemu.router.interfaces import NdSettings

TABLE = CommandTable()
_IPV6 = "IPv6 interface subcommands"
_ADDRESS = f"{_IPV6}\nConfigure IPv6 address on interface"


def _target(ctx: Context) -> InterfaceIpv6:
    return ctx.router.model.block(Ipv6).interface(ctx.target.name)


@TABLE.command(
    CONFIG_IF,
    "ipv6 address X:X:X:X::X/<0-128>$prefix [(eui-64|anycast)$form]",
    f"{_ADDRESS}\nIPv6 prefix\nUse eui-64 interface identifier\nConfigure as an anycast",
    no="ipv6 address [X:X:X:X::X/<0-128>$prefix]",
)
def address(ctx: Context, prefix: str = "", form: str = "") -> None:
    target = _target(ctx)
    if ctx.negated and not prefix:
        target.addresses.clear()
        target.link_local = None
        return
    given = IPv6Interface(prefix)
    if ctx.negated:
        target.addresses = [item for item in target.addresses if _given(item) != _given(Address6(given, item.form))]
        return
    _refuse_bad(ctx, given, form)
    found = Address6(IPv6Interface(given.network) if form == "eui-64" else given, form)
    if found not in target.addresses:
        target.addresses = sorted([*target.addresses, found], key=lambda item: item.given)


def _given(item: Address6) -> object:
    return item.given.network if item.form == "eui-64" else item.given


def _refuse_bad(ctx: Context, given: IPv6Interface, form: str) -> None:
    if given.ip.is_multicast or (given.ip.is_unspecified and form != "eui-64"):
        raise CommandError("% Invalid IPv6 address")
    if given.ip.is_link_local:
        raise CommandError("% Invalid link-local address")
    if form == "eui-64" and given.network.prefixlen > 64:
        raise CommandError("% Prefix length must not be greater than 64 with eui-64")
    if ctx.session.loading:
        return
    own = str(ctx.target.name)
    for name, other in ctx.router.model.block(Ipv6).interfaces.items():
        for item in other.addresses:
            if name != own and item.given.network.overlaps(given.network):
                texts = text6(given.network), text6(item.given.network)
                raise CommandError(f"%{own}: Error: {texts[0]} is overlapping with {texts[1]} on {name}")


@TABLE.command(
    CONFIG_IF,
    "ipv6 address X:X:X:X::X$address link-local",
    f"{_ADDRESS}\nIPv6 link-local address\nUse link-local address",
    no="ipv6 address X:X:X:X::X$address [link-local]",
)
def link_local(ctx: Context, address: IPv6Address) -> None:
    if not address.is_link_local:
        raise CommandError("% Invalid link-local address")
    _target(ctx).link_local = None if ctx.negated else address


@TABLE.command(CONFIG_IF, "ipv6 enable", f"{_IPV6}\nEnable IPv6 on interface", no=ARGUMENTS_OPTIONAL)
def enable(ctx: Context) -> None:
    _target(ctx).enabled = not ctx.negated


@TABLE.command(
    CONFIG_IF,
    "ipv6 mtu <1280-9216>$size",
    f"{_IPV6}\nSet IPv6 Maximum Transmission Unit\nMTU (bytes)",
    no=ARGUMENTS_OPTIONAL,
)
def mtu(ctx: Context, size: int | None = None) -> None:
    _target(ctx).mtu = None if ctx.negated else size


def _nd(spec: str, helps: str, change: Callable[..., dict[str, Any]]) -> None:
    """A setting of neighbour discovery; `change` turns the bound words into new values, `no` takes back the usual."""

    def handler(ctx: Context, **words: Any) -> None:
        target = _target(ctx)
        values = change(**words)
        if ctx.negated:
            values = {name: getattr(NdSettings(), name) for name in values}
        target.nd = replace(target.nd, **values)

    texts = f"{_IPV6}\nIPv6 interface Neighbor Discovery subcommands\n{helps}"
    TABLE.command(CONFIG_IF, f"ipv6 nd {spec}", texts, no=ARGUMENTS_OPTIONAL)(handler)


_RA = "Router Advertisement control"
_nd(
    "dad attempts <0-600>$count",
    "Duplicate Address Detection\nNumber of NS transmits\nNumber of attempts",
    lambda count=1: {"dad_attempts": count},
)
_nd(
    "ra suppress [all$silent]",
    f"{_RA}\nSuppress IPv6 Router Advertisements\nAnswers to solicitations too",
    lambda silent="": {"suppressed": True, "silent": bool(silent)},
)
_nd(
    "ra interval <4-1800>$seconds",
    f"{_RA}\nSet IPv6 Router Advertisement Interval\nRA Interval (sec)",
    lambda seconds=200: {"interval": seconds},
)
_nd(
    "ra lifetime <0-9000>$seconds",
    f"{_RA}\nSet IPv6 Router Advertisement Lifetime\nRA Lifetime (seconds)",
    lambda seconds=1800: {"lifetime": seconds},
)
_nd("managed-config-flag", "Hosts should use DHCP for address config", lambda: {"managed": True})
_nd("other-config-flag", "Hosts should use DHCP for non-address config", lambda: {"other": True})
_nd(
    f"router-preference ({'|'.join(PREFERENCES.values())})$word",
    "Set default router preference value\nHigh\nMedium\nLow",
    lambda word="Medium": {"preference": next(value for value, name in PREFERENCES.items() if name == word)},
)

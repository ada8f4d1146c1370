"""`ip address`: which addresses an interface may have."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.features.interface.config import CONFIG_IF, InterfaceConfig, Interfaces

TABLE = CommandTable()


@TABLE.command(
    CONFIG_IF,
    "ip address (dhcp|negotiated)$source [LINE$further]",
    """Interface Internet Protocol config commands
    Set the IP address of an interface
    IP Address negotiated via DHCP
    IP Address negotiated over PPP
    Further words""",
    no=ARGUMENTS_OPTIONAL,
    kept=True,
)
def dynamic_address(ctx: Context, source: str = "", further: str = "") -> None:
    target: InterfaceConfig = ctx.target
    target.address, target.secondaries = None, []
    target.dynamic = None if ctx.negated else f"{source} {further}".strip()


@TABLE.command(
    CONFIG_IF,
    "ip address A.B.C.D$address A.B.C.D$mask [secondary$secondary]",
    """Interface Internet Protocol config commands
    Set the IP address of an interface
    IP address
    IP subnet mask
    Make this IP address a secondary address""",
    no=ARGUMENTS_OPTIONAL,
)
def ip_address(
    ctx: Context, address: IPv4Address | None = None, mask: IPv4Address | None = None, secondary: str | None = None
) -> None:
    target: InterfaceConfig = ctx.target
    if ctx.negated:
        _remove_address(target, address, bool(secondary))
        return
    assert address is not None
    assert mask is not None
    if target.name.is_subinterface and target.vlan is None and not ctx.session.loading:
        raise CommandError(
            "\n% Configuring IP routing on a LAN subinterface is only allowed if that\n"
            "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,\nor ISL vLAN.\n"
        )
    own = _interface_address(address, mask)
    refuse_overlap(ctx, target, own)
    target.dynamic = None
    target.method = "NVRAM" if ctx.session.loading else "manual"
    if secondary:
        if target.address is None:
            raise CommandError("% Primary address must be configured first")
        target.secondaries = [item for item in target.secondaries if item != own] + [own]
    else:
        target.address = own


def _interface_address(address: IPv4Address, mask: IPv4Address) -> IPv4Interface:
    try:
        own = IPv4Interface(f"{address}/{mask}")
    except ValueError:
        raise CommandError(f"Bad mask 0x{int(mask):08X} for address {address}") from None
    network = own.network
    # `255.255.255.0` must not be read as the wildcard that it could be, too.
    if int(network.netmask) != int(mask) or (
        network.prefixlen < 31 and own.ip in (network.network_address, network.broadcast_address)
    ):
        raise CommandError(f"Bad mask 0x{int(mask):08X} for address {address}")
    if address.is_multicast or address.is_unspecified:
        raise CommandError(f"Not a valid host address - {address}")
    return own


def refuse_overlap(ctx: Context, target: InterfaceConfig, own: IPv4Interface) -> None:
    """Raise CommandError where an address is in the network of another interface of the VRF. What was saved is taken as
    it is; an interface that is shut down is in nobody's way."""
    if ctx.session.loading or target.shutdown:
        return
    for other in ctx.router.model.block(Interfaces).ordered():
        if other.name != target.name and other.vrf == target.vrf and not other.shutdown:
            for address in other.addresses:
                if address.network.overlaps(own.network):
                    raise CommandError(f"% {own.network.network_address} overlaps with {other.name}")


def _remove_address(target: InterfaceConfig, address: IPv4Address | None, secondary: bool) -> None:
    target.dynamic = None
    if secondary:
        target.secondaries = [item for item in target.secondaries if item.ip != address]
    elif address is None or (target.address and target.address.ip == address):
        if address is not None and target.secondaries:
            raise CommandError("% Must delete secondary before deleting primary")
        target.address, target.secondaries = None, []

"""A host of a lab: the router's own IP stack with one interface and a handful of commands."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Interface, IPv6Network

from iosemu.cli import CommandError, CommandTable, Context, Grammar, Mode, Session
from iosemu.cli.modes import USER_EXEC
from iosemu.features.http.service import HttpService
from iosemu.features.ip_route.show import show_arp
from iosemu.features.ip_tools.ping import TABLE as PING
from iosemu.features.ip_tools.ping6 import TABLE as PING6
from iosemu.features.ip_tools.traceroute import TABLE as TRACEROUTE
from iosemu.features.ip_tools.traceroute6 import TABLE as TRACEROUTE6
from iosemu.features.ipv6.show import show_neighbors
from iosemu.features.line.service import LineService
from iosemu.labs.fetch import TABLE as FETCH
from iosemu.labs.topology import HOST_PORT, HostNode
from iosemu.router.clock import Clock
from iosemu.router.interfaces import Interface
from iosemu.router.plugins import Plugins
from iosemu.router.port import Port
from iosemu.router.router import Router
from iosemu.router.routes import StaticRoute, StaticRoute6
from iosemu.wire.neighbor import link_local

TABLE = CommandTable()
PROMPT_MODE: Mode = USER_EXEC
TABLE.command(USER_EXEC, "arp", "Show the ARP cache")(show_arp)
TABLE.command(USER_EXEC, "show arp", "Show something\nThe ARP cache")(show_arp)


@TABLE.command(USER_EXEC, "show ip", "Show something\nAddress and gateway")
def show_ip(ctx: Context) -> str:
    interface = ctx.router.interfaces.add(HOST_PORT)
    return _shown(interface.addresses, [route.next_hop for route in ctx.router.ip.statics])


@TABLE.command(USER_EXEC, "show ipv6", "Show something\nIPv6 address and gateway")
def show_ipv6(ctx: Context) -> str:
    interface = ctx.router.interfaces.add(HOST_PORT)
    return _shown(interface.addresses6, [route.next_hop for route in ctx.router.ip6.statics])


def _shown(addresses: Sequence[object], gateways: Sequence[object]) -> str:
    return f"address {addresses[0] if addresses else 'none'}, gateway {gateways[0] if gateways else 'none'}\n"


@TABLE.command(
    USER_EXEC, "igmp (join|leave)$verb A.B.C.D$group", "Groups of this host\nReceive a group\nReceive it no more\nGroup"
)
def igmp(ctx: Context, verb: str, group: IPv4Address) -> None:
    host, interface = ctx.router.ip.multicast, ctx.router.interfaces.add(HOST_PORT)
    if not group.is_multicast:
        raise CommandError(f"{group} is not the address of a group")
    if verb == "join" and group not in host.users(interface):
        host.join(interface, group)
    elif verb == "leave":
        host.leave(interface, group)


@TABLE.command(USER_EXEC, "show igmp", "Show something\nThe groups that this host is in")
def show_igmp(ctx: Context) -> str:
    groups = ctx.router.ip.multicast.users(ctx.router.interfaces.add(HOST_PORT))
    return "".join(f"{group}\n" for group in groups)


@TABLE.command(USER_EXEC, "exit", "Leave this host")
def leave(ctx: Context) -> None:
    ctx.session.closed = True


TABLE.command(USER_EXEC, "show ipv6 neighbors", "Show something\nIPv6\nThe neighbour cache")(show_neighbors)

GRAMMAR = Grammar([TABLE, PING, PING6, TRACEROUTE, TRACEROUTE6, FETCH])


def build_host(clock: Clock, node: HostNode, port: Port | None) -> Router:
    """A host, connected and with its gateway."""
    host = Router(clock, Plugins(services=(LineService, HttpService)), identity=node.name)
    host.hostname = node.name
    interface = host.interfaces.add(HOST_PORT)
    _address(host, interface, node)

    def refresh() -> None:
        host.ip.refresh()
        host.ip6.refresh()

    if port is not None:
        interface.port = port
        port.connect(lambda frame: host.link.receive(frame, interface), refresh)
    refresh()
    return host


def _address(host: Router, interface: Interface, node: HostNode) -> None:
    interface.addresses = [item for item in node.addresses if isinstance(item, IPv4Interface)]
    interface.addresses6 = [item for item in node.addresses if isinstance(item, IPv6Interface)]
    if interface.addresses6:
        interface.link_local = link_local(interface.mac)
    for gateway in node.gateways:
        if isinstance(gateway, IPv4Address):
            host.ip.statics = [StaticRoute(IPv4Network("0.0.0.0/0"), gateway)]
        else:
            # The interface is named, because the gateway may be an address of the link.
            host.ip6.statics = [StaticRoute6(IPv6Network("::/0"), gateway, HOST_PORT)]


def host_session(host: Router) -> Session:
    """Somebody at the host."""
    return Session(host, GRAMMAR)

"""A host of a lab: the router's own IP stack with one interface and a handful of commands."""

from __future__ import annotations

from ipaddress import IPv4Network

from iosemu.cli import CommandTable, Context, Grammar, Mode, Session
from iosemu.cli.modes import USER_EXEC
from iosemu.features.http.service import HttpService
from iosemu.features.ip_route.show import show_arp
from iosemu.features.ip_tools.ping import TABLE as PING
from iosemu.features.ip_tools.traceroute import TABLE as TRACEROUTE
from iosemu.features.line.service import LineService
from iosemu.labs.fetch import TABLE as FETCH
from iosemu.labs.topology import HOST_PORT, HostNode
from iosemu.router.clock import Clock
from iosemu.router.plugins import Plugins
from iosemu.router.port import Port
from iosemu.router.router import Router
from iosemu.router.routes import StaticRoute

TABLE = CommandTable()
PROMPT_MODE: Mode = USER_EXEC
TABLE.command(USER_EXEC, "arp", "Show the ARP cache")(show_arp)
TABLE.command(USER_EXEC, "show arp", "Show something\nThe ARP cache")(show_arp)


@TABLE.command(USER_EXEC, "show ip", "Show something\nAddress and gateway")
def show_ip(ctx: Context) -> str:
    interface = ctx.router.interfaces.add(HOST_PORT)
    gateways = [route.next_hop for route in ctx.router.ip.statics]
    address = interface.addresses[0] if interface.addresses else "none"
    return f"address {address}, gateway {gateways[0] if gateways else 'none'}\n"


@TABLE.command(USER_EXEC, "exit", "Leave this host")
def leave(ctx: Context) -> None:
    ctx.session.closed = True


GRAMMAR = Grammar([TABLE, PING, TRACEROUTE, FETCH])


def build_host(clock: Clock, node: HostNode, port: Port | None) -> Router:
    """A host, connected and with its gateway."""
    host = Router(clock, Plugins(services=(LineService, HttpService)), identity=node.name)
    host.hostname = node.name
    interface = host.interfaces.add(HOST_PORT)
    interface.addresses = [node.address]
    if node.gateway is not None:
        host.ip.statics = [StaticRoute(IPv4Network("0.0.0.0/0"), node.gateway)]
    if port is not None:
        interface.port = port
        port.connect(lambda frame: host.ip.receive_frame(frame, interface), host.ip.refresh)
    host.ip.refresh()
    return host


def host_session(host: Router) -> Session:
    """Somebody at the host."""
    return Session(host, GRAMMAR)

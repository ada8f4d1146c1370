"""show tcp, show control-plane host open-ports."""

from __future__ import annotations

from zlib import crc32

from iosemu.cli import PRIV_EXEC, USER_EXEC, CommandTable, Context
from iosemu.engines.common import Endpoint
from iosemu.router.tcp_socket import TcpSocket

TABLE = CommandTable()
_SHOW = "Show running system information\n"
UDP_SERVICES = {123: "NTP", 500: "ISAKMP", 848: "GDOI", 4500: "ISAKMP"}


def _control_block(*ends: object) -> str:
    """A number that looks like an address and stays with a connection."""
    return f"{crc32(' '.join(map(str, ends)).encode()):08X}"


def _dotted(end: Endpoint) -> str:
    return f"{end.address}.{end.port}"


@TABLE.command(
    USER_EXEC,
    "show tcp brief [all$every]",
    f"{_SHOW}Status of TCP connections\nBrief display\nInclude TCP endpoints that listen",
)
def show_brief(ctx: Context, every: str = "") -> str:
    tcp = ctx.router.tcp
    if not tcp.sockets and not (every and tcp.listeners):
        return ""
    rows = [("TCB", "Local Address", "Foreign Address", "(state)")]
    for socket in tcp.sockets:
        block = _control_block(socket.local, socket.remote, socket.vrf)
        rows.append((block, _dotted(socket.local), _dotted(socket.remote), socket.connection.state.value))
    for listener in tcp.listeners if every else []:
        rows.append((_control_block(listener.port, listener.vrf), f"*.{listener.port}", "*.*", "LISTEN"))
    return "".join(f"{block:<10}{local:<28}{foreign:<28}{state}\n" for block, local, foreign, state in rows)


@TABLE.command(USER_EXEC, "show tcp", f"{_SHOW}Status of TCP connections")
def show_tcp(ctx: Context) -> str:
    return "\n".join(_details(ctx, socket) for socket in ctx.router.tcp.sockets)


def _details(ctx: Context, socket: TcpSocket) -> str:
    connection, seconds = socket.connection, ctx.router.clock.now() - socket.opened_at
    rows = [
        f"Stand-alone TCP connection {'to' if connection.opened_actively else 'from'} host {socket.remote.address}",
        f"Connection state is {connection.state.value}, I/O status: 1, unread input bytes: {connection.readable}",
        f"Local host: {socket.local.address}, Local port: {socket.local.port}",
        f"Foreign host: {socket.remote.address}, Foreign port: {socket.remote.port}",
        f"VRF table: {socket.vrf or 'default'}",
        f"Enqueued packets for retransmit: {len(range(0, connection.unsent, connection.segment_size))}, "
        f"input: 0  mis-ordered: 0",
        f"Retransmissions: {connection.retransmissions}, total data bytes sent: {socket.octets_out}, "
        f"received: {socket.octets_in}",
        f"Datagrams (max data segment is {connection.segment_size} bytes), up for {int(seconds)} seconds",
    ]
    return "".join(f"{row}\n" for row in rows)


@TABLE.command(
    PRIV_EXEC,
    "show control-plane host open-ports",
    f"{_SHOW}Control plane information\nHost path\nPorts that are open",
)
def show_open_ports(ctx: Context) -> str:
    tcp = ctx.router.tcp
    found = [("tcp", f"*:{item.port}", "*:0", item.service, "LISTEN") for item in tcp.listeners]
    for socket in tcp.sockets:
        ends = [f"{end.address}:{end.port}" for end in (socket.local, socket.remote)]
        found.append(("tcp", ends[0], ends[1], "", socket.connection.state.value))
    found += [("udp", f"*:{port}", "*:0", UDP_SERVICES.get(port, ""), "LISTEN") for port in ctx.router.ip.udp.ports]
    rows = ["Active internet connections (servers and established)"]
    rows.append("Prot               Local Address             Foreign Address                  Service    State")
    rows += [
        f"{kind:>4}{local:>28}{foreign:>28}{service:>25}{state:>9}" for kind, local, foreign, service, state in found
    ]
    return "".join(f"{row}\n" for row in [*rows, ""])

"""show ip http server, show ip http client."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.engines.tcp.states import State
from iosemu.features.http.config import HttpConfig
from iosemu.features.http.service import HttpService

TABLE = CommandTable()
_SHOW = "Show running system information\nIP information\nHTTP information\n"
_STATES = {True: "Enabled", False: "Disabled"}


@TABLE.command(USER_EXEC, "show ip http server status", f"{_SHOW}HTTP server information\nHTTP server status")
def show_status(ctx: Context) -> str:
    config = ctx.router.model.block(HttpConfig)
    rows = [
        f"HTTP server status: {_STATES[config.server]}",
        f"HTTP server port: {config.port}",
        f"HTTP server authentication method: {config.authentication}",
        f"HTTP server access class: {config.access_class or 0}",
        f"HTTP server base path: {config.path}",
        f"Maximum number of concurrent server connections allowed: {config.connections}",
        "Server idle time-out: 180 seconds",
        "Server life time-out: 180 seconds",
        "Maximum number of requests allowed on a connection: 1",
        f"HTTP secure server status: {_STATES[config.secure_server]}",
        "HTTP secure server port: 443",
    ]
    return "".join(f"{row}\n" for row in rows)


@TABLE.command(
    USER_EXEC, "show ip http server connection", f"{_SHOW}HTTP server information\nHTTP connection information"
)
def show_connection(ctx: Context) -> str:
    service, config = ctx.router.service(HttpService), ctx.router.model.block(HttpConfig)
    rows = ["HTTP server current connections:", "local-ipaddress:port   remote-ipaddress:port in-bytes  out-bytes"]
    for socket in ctx.router.tcp.sockets:
        if socket.local.port == config.port and socket.connection.state is not State.TIME_WAIT:
            local, remote = (f"{end.address}:{end.port}" for end in (socket.local, socket.remote))
            rows.append(f"{local:>20}   {remote:>21} {socket.octets_in:<9} {socket.octets_out}")
    return "".join(f"{row}\n" for row in [*rows, f"{service.server.served} connections were served"])


@TABLE.command(
    USER_EXEC,
    "show ip http server session-module",
    f"{_SHOW}HTTP server information\nHTTP server application session module information",
)
def show_modules(ctx: Context) -> str:
    rows = ["HTTP server application session modules:", f"{'Session module Path':<40}Handle"]
    rows += [f"{prefix:<40}{number}" for number, prefix in enumerate(ctx.router.service(HttpService).server.prefixes)]
    return "".join(f"{row}\n" for row in rows)


@TABLE.command(USER_EXEC, "show ip http client all", f"{_SHOW}HTTP client information\nAll HTTP client information")
def show_client(ctx: Context) -> str:
    source = ctx.router.model.block(HttpConfig).source
    return f"HTTP client status: Enabled\nHTTP client source interface: {source or 'not set'}\n"

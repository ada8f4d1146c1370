"""`logging`, `service timestamps`, `service sequence-numbers`, `send log`, `clear logging`."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, Ask, CommandTable, Context, Interaction
from iosemu.cli.interaction import affirmed
from iosemu.features.logging.config import (
    DEBUGGING,
    DEFAULT_BUFFER,
    DEFAULT_FACILITY,
    FACILITIES,
    INFORMATIONAL,
    LEVELS,
    SYSLOG_PORT,
    LoggingConfig,
    LogHost,
)
from iosemu.router.calendar import Stamp
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_LEVEL = f"({'|'.join(LEVELS)}|<0-7>)$level"
_LEVEL_HELP = "\n".join([*(f"Severity {number}" for number in range(len(LEVELS))), "Logging severity level"])
_HEAD = "Modify message logging facilities\n"


def _config(ctx: Context) -> LoggingConfig:
    return ctx.router.model.block(LoggingConfig)


def _number(level: str | int) -> int:
    return level if isinstance(level, int) else LEVELS.index(level)


@TABLE.command(CONFIG, "logging on", f"{_HEAD}Enable logging to all enabled destinations", no=ARGUMENTS_OPTIONAL)
def logging_on(ctx: Context) -> None:
    _config(ctx).on = not ctx.negated or ctx.defaulted


@TABLE.command(
    CONFIG,
    f"logging buffered [<4096-2147483647>$size] [{_LEVEL}]",
    f"{_HEAD}Set buffered logging parameters\nLogging buffer size\n{_LEVEL_HELP}",
    no=ARGUMENTS_OPTIONAL,
)
def logging_buffered(ctx: Context, size: int | None = None, level: str | int = DEBUGGING) -> None:
    config = _config(ctx)
    config.buffer_size = DEFAULT_BUFFER if ctx.negated or size is None else size
    config.buffered = DEBUGGING if ctx.defaulted else None if ctx.negated else _number(level)


def _destination(name: str, default: int) -> Callable[..., None]:
    def handler(ctx: Context, level: str | int = default) -> None:
        setattr(_config(ctx), name, default if ctx.defaulted else None if ctx.negated else _number(level))

    return handler


for _name, _text, _default in (
    ("console", "Set console logging parameters", DEBUGGING),
    ("monitor", "Set terminal line (monitor) logging parameters", DEBUGGING),
    ("trap", "Set syslog server logging level", INFORMATIONAL),
):
    TABLE.command(CONFIG, f"logging {_name} [{_LEVEL}]", f"{_HEAD}{_text}\n{_LEVEL_HELP}", no=ARGUMENTS_OPTIONAL)(
        _destination(_name, _default)
    )


def logging_host(ctx: Context, address: IPv4Address, vrf: str | None = None, port: int = SYSLOG_PORT) -> None:
    config = _config(ctx)
    others = [host for host in config.hosts if (host.address, host.vrf) != (address, vrf)]
    if ctx.negated:
        config.hosts = others
        return
    new = all(host.address != address for host in config.hosts)
    config.hosts = [*others, LogHost(address, port, vrf)]
    if new and not ctx.session.loading:
        text = f"Logging to host {address} port {port} started - CLI initiated"
        ctx.router.syslog.log("SYS", 6, "LOGGINGHOST_STARTSTOP", text)


_HOST_HELP = """IP address of the syslog server
Set VRF option
VRF name
Specify the transport protocol
User Datagram Protocol
Specify the UDP port number
Port number"""
TABLE.command(
    CONFIG,
    "logging host A.B.C.D$address [vrf WORD$vrf] [transport udp port <1-65535>$port]",
    f"{_HEAD}Set syslog server IP address and parameters\n{_HOST_HELP}",
    no="logging host A.B.C.D$address [vrf WORD$vrf]",
)(logging_host)
TABLE.command(
    CONFIG, "logging A.B.C.D$address", f"{_HEAD}IP address of the logging host", no="logging A.B.C.D$address"
)(logging_host)


@TABLE.command(
    CONFIG,
    f"logging facility ({'|'.join(FACILITIES)})$name",
    f"{_HEAD}Facility parameter for syslog messages\n" + "\n".join(f"Facility {name}" for name in FACILITIES),
    no=ARGUMENTS_OPTIONAL,
)
def logging_facility(ctx: Context, name: str = DEFAULT_FACILITY) -> None:
    _config(ctx).facility = DEFAULT_FACILITY if ctx.negated else name


@TABLE.command(
    CONFIG,
    "logging source-interface INTERFACE$interface",
    f"{_HEAD}Specify interface for source address in logging transactions\nInterface name",
    no=ARGUMENTS_OPTIONAL,
)
def logging_source(ctx: Context, interface: InterfaceName | None = None) -> None:
    _config(ctx).source = None if ctx.negated else interface


@TABLE.command(
    CONFIG,
    "logging origin-id (hostname$kind|ip$kind|string$kind WORD$text)",
    f"{_HEAD}Add origin ID to syslog messages\nUse the host name\nUse the IP address\nUse a text\nThe text",
    no=ARGUMENTS_OPTIONAL,
)
def logging_origin(ctx: Context, kind: str = "", text: str = "") -> None:
    _config(ctx).origin = None if ctx.negated else f"{kind} {text}".strip()


@TABLE.command(
    CONFIG, "logging userinfo", f"{_HEAD}Enable logging of user info on privileged mode enabling", no=ARGUMENTS_OPTIONAL
)
def logging_userinfo(ctx: Context) -> None:
    _config(ctx).userinfo = not ctx.negated


@TABLE.command(
    CONFIG,
    "service timestamps [(debug|log)$which] [(uptime$uptime|datetime$datetime"
    " {msec$msec|localtime$localtime|show-timezone$zone|year$year})]",
    """Modify use of network based services
    Timestamp debug/log messages
    Timestamp debug messages
    Timestamp log messages
    Timestamp with system uptime
    Timestamp with date and time
    Include milliseconds in timestamp
    Use local time zone for timestamps
    Add time zone information to timestamp
    Include year in timestamp""",
    no=ARGUMENTS_OPTIONAL,
)
def service_timestamps(ctx: Context, which: str = "", uptime: str = "", datetime: str = "", **options: str) -> None:
    stamp = Stamp("uptime", msec=False)
    if ctx.defaulted:
        stamp = Stamp()
    elif ctx.negated:
        stamp = Stamp("", msec=False)
    elif datetime:
        stamp = Stamp("datetime", "msec" in options, "localtime" in options, "zone" in options, "year" in options)
    config = _config(ctx)
    if which in ("", "debug"):
        config.debug_stamp = stamp
    if which in ("", "log"):
        config.log_stamp = stamp


@TABLE.command(
    CONFIG,
    "service sequence-numbers",
    "Modify use of network based services\nStamp logger messages with a sequence number",
    no=ARGUMENTS_OPTIONAL,
)
def service_sequence_numbers(ctx: Context) -> None:
    _config(ctx).sequence_numbers = not ctx.negated


@TABLE.command(PRIV_EXEC, "clear logging", "Reset functions\nClear logging buffer")
def clear_logging(ctx: Context) -> Interaction:
    if affirmed((yield Ask("Clear logging buffer [confirm]", single_key=True))):
        ctx.router.syslog.clear()


USERLOG = ("EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG")


@TABLE.command(
    PRIV_EXEC,
    "send log [<0-7>$level] LINE$text",
    "Send a message to other tty lines\nLogging destination\nLogging severity\nMessage text",
)
def send_log(ctx: Context, text: str, level: int = DEBUGGING) -> None:
    sender = f"tty{ctx.session.seat.tty}(user id: {ctx.session.user or ''})"
    ctx.router.syslog.log("SYS", level, f"USERLOG_{USERLOG[level]}", f"Message from {sender}: {text}")

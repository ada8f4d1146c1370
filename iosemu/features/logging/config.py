"""`logging` lines, `service timestamps`, `service sequence-numbers`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.router.calendar import Stamp
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

LEVELS = (
    "emergencies",
    "alerts",
    "critical",
    "errors",
    "warnings",
    "notifications",
    "informational",
    "debugging",
)
DEBUGGING, INFORMATIONAL = 7, 6
DEFAULT_BUFFER = 4096
SYSLOG_PORT = 514
FACILITIES = {
    "auth": 4, "cron": 9, "daemon": 3, "kern": 0, "local0": 16, "local1": 17, "local2": 18, "local3": 19, "local4": 20,
    "local5": 21, "local6": 22, "local7": 23, "lpr": 6, "mail": 2, "news": 7, "sys9": 9, "sys10": 10, "sys11": 11,
    "sys12": 12, "sys13": 13, "sys14": 14, "syslog": 5, "user": 1, "uucp": 8,
}  # fmt: skip
DEFAULT_FACILITY = "local7"


@dataclass(frozen=True)
class LogHost:
    """A syslog server."""

    address: IPv4Address
    port: int = SYSLOG_PORT
    vrf: str | None = None

    def line(self) -> str:
        """Its line in the running-config."""
        vrf = f" vrf {self.vrf}" if self.vrf else ""
        port = f" transport udp port {self.port}" if self.port != SYSLOG_PORT else ""
        return f"logging host {self.address}{vrf}{port}"


@dataclass
class LoggingConfig:
    """Each level is the one up to which a destination takes messages, None when it takes none."""

    on: bool = True
    buffer_size: int = DEFAULT_BUFFER
    buffered: int | None = DEBUGGING
    console: int | None = DEBUGGING
    monitor: int | None = DEBUGGING
    trap: int | None = INFORMATIONAL
    facility: str = DEFAULT_FACILITY
    source: InterfaceName | None = None
    origin: str | None = None
    userinfo: bool = False
    hosts: list[LogHost] = field(default_factory=list)
    log_stamp: Stamp = field(default_factory=Stamp)
    debug_stamp: Stamp = field(default_factory=Stamp)
    sequence_numbers: bool = False


def _destination(name: str, level: int | None, default: int = DEBUGGING) -> list[str]:
    """The line of a destination, where it is not the default."""
    if level is None:
        return [f"no logging {name}"]
    return [] if level == default else [f"logging {name} {LEVELS[level]}"]


def _local(router: Router) -> list[Lines]:
    config = router.model.block(LoggingConfig)
    if config.buffered is None:
        buffered = ["no logging buffered"]
    elif config.buffer_size == DEFAULT_BUFFER:
        buffered = _destination("buffered", config.buffered)
    else:
        level = "" if config.buffered == DEBUGGING else f" {LEVELS[config.buffered]}"
        buffered = [f"logging buffered {config.buffer_size}{level}"]
    lines = [] if config.on else ["no logging on"]
    lines += ["logging userinfo"] if config.userinfo else []
    lines += [*buffered, *_destination("console", config.console), *_destination("monitor", config.monitor)]
    return [lines]


def _remote(router: Router) -> list[Lines]:
    config = router.model.block(LoggingConfig)
    lines = [f"logging origin-id {config.origin}"] if config.origin else []
    lines += [f"logging facility {config.facility}"] if config.facility != DEFAULT_FACILITY else []
    lines += _destination("trap", config.trap, INFORMATIONAL)
    lines += [f"logging source-interface {config.source}"] if config.source else []
    return [lines + [host.line() for host in config.hosts]]


def _stamps(router: Router) -> list[Lines]:
    config = router.model.block(LoggingConfig)
    lines = []
    for name, stamp in (("debug", config.debug_stamp), ("log", config.log_stamp)):
        words = stamp.words()
        lines.append(f"service timestamps {name} {words}" if words else f"no service timestamps {name}")
    return [lines]


def _sequence(router: Router) -> list[Lines]:
    return [["service sequence-numbers"]] if router.model.block(LoggingConfig).sequence_numbers else []


SECTIONS = (
    Section(Place.VERSION, _stamps, 54),
    Section(Place.VERSION, _sequence, 57),
    Section(Place.LOGGING, _local),
    Section(Place.LOGGING_TRAP, _remote, 40),
)

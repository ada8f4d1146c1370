"""The `archive` block."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context, Mode
from iosemu.features.files.url import parse_url
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
CONFIG_ARCHIVE = Mode("config-archive", "(config-archive)", "Archive configuration commands:", CONFIG)
CONFIG_LOG = Mode("config-archive-log-cfg", "(config-archive-log-cfg)", "Logging commands:", CONFIG_ARCHIVE)
DEFAULT_MAXIMUM, DEFAULT_LOG_SIZE = 10, 100


@dataclass
class ArchiveConfig:
    """The block of `archive`. `path` is the beginning of the names of copies, None when there is no archive; `period`
    is in minutes."""

    path: str | None = None
    maximum: int = DEFAULT_MAXIMUM
    write_memory: bool = False
    period: int | None = None
    log: bool = False
    log_size: int = DEFAULT_LOG_SIZE
    hide_keys: bool = False
    notify_syslog: bool = False


def block(ctx: Context) -> ArchiveConfig:
    """The router's archive configuration."""
    return ctx.router.model.block(ArchiveConfig)


@TABLE.command(CONFIG, "archive", "Archive the configuration", no=ARGUMENTS_OPTIONAL)
def archive(ctx: Context) -> None:
    if ctx.negated:
        default = ArchiveConfig()
        vars(block(ctx)).update(vars(default))
    else:
        ctx.enter(CONFIG_ARCHIVE, block(ctx))


@TABLE.command(
    CONFIG_ARCHIVE, "path WORD$path", "path for backups\nBeginning of the names of backups", no=ARGUMENTS_OPTIONAL
)
def path(ctx: Context, path: str | None = None) -> None:
    if path is not None and not parse_url(ctx.session, path).is_flash and not ctx.session.loading:
        raise CommandError(f"%Archive to {path} is not emulated: only flash: is")
    block(ctx).path = None if ctx.negated else path


@TABLE.command(
    CONFIG_ARCHIVE,
    "maximum <1-14>$count",
    "maximum number of backup copies\nNumber of copies",
    no=ARGUMENTS_OPTIONAL,
)
def maximum(ctx: Context, count: int = DEFAULT_MAXIMUM) -> None:
    block(ctx).maximum = DEFAULT_MAXIMUM if ctx.negated else count


@TABLE.command(
    CONFIG_ARCHIVE, "write-memory", "Enable automatic backup generation during write memory", no=ARGUMENTS_OPTIONAL
)
def write_memory(ctx: Context) -> None:
    block(ctx).write_memory = not ctx.negated


@TABLE.command(
    CONFIG_ARCHIVE,
    "time-period <1-525600>$minutes",
    "Period of time in minutes to automatically archive the running-config\nMinutes",
    no=ARGUMENTS_OPTIONAL,
)
def time_period(ctx: Context, minutes: int | None = None) -> None:
    block(ctx).period = None if ctx.negated else minutes


@TABLE.command(CONFIG_ARCHIVE, "log config", "Logging commands\nLogging config commands", no=ARGUMENTS_OPTIONAL)
def log_config(ctx: Context) -> None:
    if ctx.negated:
        config = block(ctx)
        config.log, config.log_size, config.hide_keys, config.notify_syslog = False, DEFAULT_LOG_SIZE, False, False
    else:
        ctx.enter(CONFIG_LOG, block(ctx))


@TABLE.command(
    CONFIG_LOG, "logging enable", "Modify config logging options\nEnable the config logger", no=ARGUMENTS_OPTIONAL
)
def logging_enable(ctx: Context) -> None:
    block(ctx).log = not ctx.negated


@TABLE.command(
    CONFIG_LOG,
    "logging size <1-1000>$entries",
    "Modify config logging options\nSet maximum size of config logger\nEntries",
    no=ARGUMENTS_OPTIONAL,
)
def logging_size(ctx: Context, entries: int = DEFAULT_LOG_SIZE) -> None:
    block(ctx).log_size = DEFAULT_LOG_SIZE if ctx.negated else entries


@TABLE.command(CONFIG_LOG, "hidekeys", "suppress output (e.g. passwords) when logging commands", no=ARGUMENTS_OPTIONAL)
def hidekeys(ctx: Context) -> None:
    block(ctx).hide_keys = not ctx.negated


@TABLE.command(
    CONFIG_LOG,
    "notify syslog [contenttype (plaintext|xml)]",
    """Send logged commands to target
    Use syslog as target
    Set type of content to be sent
    Plain text
    XML""",
    no=ARGUMENTS_OPTIONAL,
)
def notify_syslog(ctx: Context) -> None:
    block(ctx).notify_syslog = not ctx.negated


def _lines(router: Router) -> list[Lines]:
    config = router.model.block(ArchiveConfig)
    log = ["  logging enable"] if config.log else []
    log += [f"  logging size {config.log_size}"] if config.log_size != DEFAULT_LOG_SIZE else []
    log += ["  notify syslog contenttype plaintext"] if config.notify_syslog else []
    log += ["  hidekeys"] if config.hide_keys else []
    lines = [" log config", *log] if log else []
    lines += [f" path {config.path}"] if config.path is not None else []
    lines += [f" maximum {config.maximum}"] if config.maximum != DEFAULT_MAXIMUM else []
    lines += [" write-memory"] if config.write_memory else []
    lines += [f" time-period {config.period}"] if config.period is not None else []
    return [["archive", *lines]] if lines else []


SECTION = Section(Place.ARCHIVE, _lines)

"""`logging`, show logging, clear logging."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, USER_EXEC, Ask, CommandTable, Context, Interaction
from iosemu.features.logging.config import DEBUGGING, DEFAULT_BUFFER, LEVELS, LoggingConfig

TABLE = CommandTable()
_LEVEL = f"({'|'.join(LEVELS)}|<0-7>)$level"
_LEVEL_HELP = "\n".join([*(f"Severity {number}" for number in range(len(LEVELS))), "Logging severity level"])


def _number(level: str | int) -> int:
    return level if isinstance(level, int) else LEVELS.index(level)


@TABLE.command(
    CONFIG,
    f"logging buffered [<4096-2147483647>$size] [{_LEVEL}]",
    f"Modify message logging facilities\nSet buffered logging parameters\nLogging buffer size\n{_LEVEL_HELP}",
    no=ARGUMENTS_OPTIONAL,
)
def logging_buffered(ctx: Context, size: int | None = None, level: str | int = DEBUGGING) -> None:
    config = ctx.router.model.block(LoggingConfig)
    config.buffer_size = DEFAULT_BUFFER if ctx.negated or size is None else size
    config.buffered = None if ctx.negated and not ctx.defaulted else _number(level)


def _console(ctx: Context, level: str | int = DEBUGGING) -> None:
    wanted = None if ctx.negated and not ctx.defaulted else _number(level)
    ctx.router.model.block(LoggingConfig).console = wanted


def _monitor(ctx: Context, level: str | int = DEBUGGING) -> None:
    wanted = None if ctx.negated and not ctx.defaulted else _number(level)
    ctx.router.model.block(LoggingConfig).monitor = wanted


for _name, _handler in (("console", _console), ("monitor", _monitor)):
    TABLE.command(
        CONFIG,
        f"logging {_name} [{_LEVEL}]",
        f"Modify message logging facilities\nSet {_name} logging parameters\n{_LEVEL_HELP}",
        no=ARGUMENTS_OPTIONAL,
    )(_handler)


def _destination(level: int | None, count: int) -> str:
    return "disabled" if level is None else f"level {LEVELS[level]}, {count} messages logged"


@TABLE.command(USER_EXEC, "show logging", "Show running system information\nShow the contents of logging buffers")
def show_logging(ctx: Context) -> str:
    config = ctx.router.model.block(LoggingConfig)
    log = ctx.router.syslog
    shown = [message for message in log.buffer if config.buffered is not None and message.severity <= config.buffered]
    head = f"""\
Syslog logging: enabled (0 messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns, xml disabled, filtering disabled)

No Active Message Discriminator.



No Inactive Message Discriminator.


    Console logging: {_destination(config.console, log.count)}, xml disabled,
                     filtering disabled
    Monitor logging: {_destination(config.monitor, 0)}, xml disabled,
                     filtering disabled
    Buffer logging:  {_destination(config.buffered, len(shown))}, xml disabled,
                    filtering disabled
    Exception Logging: size (4096 bytes)
    Count and timestamp logging messages: disabled
    Persistent logging: disabled

No active filter modules.

    Trap logging: level informational, {log.count} message lines logged
        Logging Source-Interface:       VRF Name:

Log Buffer ({config.buffer_size} bytes):

"""  # noqa: E501
    return head + "".join(f"{message.line()}\n" for message in shown)


@TABLE.command(PRIV_EXEC, "clear logging", "Reset functions\nClear logging buffer")
def clear_logging(ctx: Context) -> Interaction:
    if (yield Ask("Clear logging buffer [confirm]", single_key=True)) in ("", "y", "Y"):
        ctx.router.syslog.clear()

"""`logging`, show logging, clear logging."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, USER_EXEC, CommandTable, Context
from iosemu.features.logging.config import DEBUGGING, DEFAULT_BUFFER, LEVELS, LoggingConfig

TABLE = CommandTable()
_LEVEL_HELP = "\n".join(f"Severity {number}" for number in range(len(LEVELS)))


@TABLE.command(
    CONFIG,
    "logging buffered <4096-2147483647>$size",
    """Modify message logging facilities
    Set buffered logging parameters
    Logging buffer size""",
    no=ARGUMENTS_OPTIONAL,
)
def logging_buffered(ctx: Context, size: int = DEFAULT_BUFFER) -> None:
    ctx.router.model.block(LoggingConfig).buffer_size = DEFAULT_BUFFER if ctx.negated else size


@TABLE.command(
    CONFIG,
    f"logging console [({'|'.join(LEVELS)})$level]",
    f"Modify message logging facilities\nSet console logging parameters\n{_LEVEL_HELP}",
    no=ARGUMENTS_OPTIONAL,
)
def logging_console(ctx: Context, level: str = "debugging") -> None:
    wanted = None if ctx.negated and not ctx.defaulted else LEVELS.index(level)
    ctx.router.model.block(LoggingConfig).console = wanted


@TABLE.command(USER_EXEC, "show logging", "Show running system information\nShow the contents of logging buffers")
def show_logging(ctx: Context) -> str:
    config = ctx.router.model.block(LoggingConfig)
    log = ctx.router.syslog
    console = "disabled" if config.console is None else f"level {LEVELS[config.console]}, {log.count} messages logged"
    head = f"""\
Syslog logging: enabled (0 messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns, xml disabled, filtering disabled)

No Active Message Discriminator.



No Inactive Message Discriminator.


    Console logging: {console}, xml disabled,
                     filtering disabled
    Monitor logging: level {LEVELS[DEBUGGING]}, 0 messages logged, xml disabled,
                     filtering disabled
    Buffer logging:  level {LEVELS[DEBUGGING]}, {log.count} messages logged, xml disabled,
                    filtering disabled
    Exception Logging: size (4096 bytes)
    Count and timestamp logging messages: disabled
    Persistent logging: disabled

No active filter modules.

    Trap logging: level informational, {log.count} message lines logged
        Logging Source-Interface:       VRF Name:

Log Buffer ({config.buffer_size} bytes):

"""  # noqa: E501
    return head + "".join(f"{message.line()}\n" for message in log.buffer)


@TABLE.command(PRIV_EXEC, "clear logging", "Reset functions\nClear logging buffer")
def clear_logging(ctx: Context) -> None:
    ctx.router.syslog.clear()

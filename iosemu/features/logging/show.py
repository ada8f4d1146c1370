"""show logging."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.logging.config import LEVELS, LoggingConfig
from iosemu.features.logging.service import LoggingService

TABLE = CommandTable()
NO_FILTERS = "xml disabled,\n                     filtering disabled\n"


def _destination(level: int | None, count: int) -> str:
    return "disabled" if level is None else f"level {LEVELS[level]}, {count} messages logged"


_HELPS = "Show running system information\nShow the contents of logging buffers"


# `show login` does not stand in the way of what everybody types.
@TABLE.command(USER_EXEC, "show log", _HELPS, hidden=True)
@TABLE.command(USER_EXEC, "show logging", _HELPS)
def show_logging(ctx: Context) -> str:
    config = ctx.router.model.block(LoggingConfig)
    log = ctx.router.syslog
    shown = [message for message in log.buffer if config.buffered is not None and message.severity <= config.buffered]
    on = "enabled" if config.on else "disabled"
    head = f"""\
Syslog logging: {on} (0 messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns, xml disabled, filtering disabled)

No Active Message Discriminator.



No Inactive Message Discriminator.


    Console logging: {_destination(config.console, log.count)}, {NO_FILTERS}\
    Monitor logging: {_destination(config.monitor, 0)}, {NO_FILTERS}\
    Buffer logging:  {_destination(config.buffered, len(shown))}, xml disabled,
                    filtering disabled
    Exception Logging: size (4096 bytes)
    Count and timestamp logging messages: disabled
    Persistent logging: disabled

No active filter modules.

    Trap logging: {_trap(ctx, config)}
        Logging Source-Interface:       VRF Name:
{f"        {config.source}" + chr(10) if config.source else ""}
Log Buffer ({config.buffer_size} bytes):

"""  # noqa: E501
    return head + "".join(f"{message.line()}\n" for message in shown)


def _trap(ctx: Context, config: LoggingConfig) -> str:
    if config.trap is None:
        return "disabled"
    text = f"level {LEVELS[config.trap]}, {ctx.router.syslog.count} message lines logged"
    sent = ctx.router.service(LoggingService).sent
    for host in config.hosts:
        text += f"""
        Logging to {host.address}  (udp port {host.port}, audit disabled,
              link up),
              {sent.get(host, 0)} message lines logged,\x20
              0 message lines rate-limited,\x20
              0 message lines dropped-by-MD,\x20
              xml disabled, sequence number disabled
              filtering disabled"""
    return text

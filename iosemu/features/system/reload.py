"""`reload`: start again from startup-config, now or later."""

from __future__ import annotations

import re
from collections.abc import Generator
from datetime import timedelta

from iosemu.cli import PRIV_EXEC, USER_EXEC, Ask, CommandError, CommandTable, Context, Interaction, yes_or_no
from iosemu.cli.interaction import Step, affirmed
from iosemu.features.files.copy import save
from iosemu.features.system.service import ScheduledReload, SystemService
from iosemu.router.nvram import STARTUP_CONFIG
from iosemu.router.running_config import print_running_config

TABLE = CommandTable()
REASON = "Reload Command."
ABORTED = "\n\n\n***\n*** --- SHUTDOWN ABORTED ---\n***\n"
_MINUTES_PER_DAY = 1440
# 24 days, in minutes.
LONGEST = 34560
_DELAY = re.compile(r"([0-9]{1,3}:)?[0-9]{1,5}")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")


def _agreed(ctx: Context) -> Generator[Step, str | None, bool]:
    """Offer to save what was changed, and ask whether to go on."""
    modified = ctx.router.nvram.read(STARTUP_CONFIG) != print_running_config(ctx.router).encode()
    if modified and (yield from yes_or_no("\nSystem configuration has been modified. Save? [yes/no]: ")):
        yield save(ctx)
    return affirmed((yield Ask("Proceed with reload? [confirm]", single_key=True)))


@TABLE.command(PRIV_EXEC, "reload", "Halt and perform a cold restart")
def reload(ctx: Context) -> Interaction:
    """Who runs the router decides how it starts again."""
    if not (yield from _agreed(ctx)):
        return
    if ctx.router.service(SystemService).reload is None:
        yield "% This router cannot be reloaded from here.\n"
        return
    _restart(ctx, REASON)
    ctx.session.closed = True


def _restart(ctx: Context, reason: str) -> None:
    restart = ctx.router.service(SystemService).reload
    text = f"Reload requested by {ctx.session.actor}. Reload Reason: {reason}"
    ctx.router.syslog.log("SYS", 5, "RELOAD", text)
    if restart is not None:
        restart()


@TABLE.command(
    PRIV_EXEC,
    "reload in WORD$delay [LINE$reason]",
    "Halt and perform a cold restart\nReload after a time interval\nDelay (mmm or hhh:mm)\nReason for reload",
)
def reload_in(ctx: Context, delay: str, reason: str = REASON) -> Interaction:
    hours, _, minutes = delay.rpartition(":")
    if not _DELAY.fullmatch(delay) or (total := int(hours or 0) * 60 + int(minutes)) > LONGEST:
        raise CommandError(at=delay)
    yield from _schedule(ctx, total, reason)


@TABLE.command(
    PRIV_EXEC,
    "reload at WORD$time [LINE$reason]",
    "Halt and perform a cold restart\nReload at a specific time\nTime to reload (hh:mm)\nReason for reload",
)
def reload_at(ctx: Context, time: str, reason: str = REASON) -> Interaction:
    if not _TIME.fullmatch(time):
        raise CommandError(at=time)
    hour, _, minute = time.partition(":")
    now = ctx.router.calendar.local()
    wait = (int(hour) * 60 + int(minute) - now.hour * 60 - now.minute) % _MINUTES_PER_DAY
    yield from _schedule(ctx, wait or _MINUTES_PER_DAY, reason)


def _schedule(ctx: Context, minutes: int, reason: str) -> Interaction:
    service = ctx.router.service(SystemService)
    if not (yield from _agreed(ctx)):
        return
    service.cancel()
    timer = ctx.router.clock.call_later(minutes * 60, lambda: _restart(ctx, reason))
    when = ctx.router.calendar.local() + timedelta(minutes=minutes)
    service.scheduled = ScheduledReload(when, ctx.session.actor, reason, timer)
    yield _described(ctx, service.scheduled)


def _described(ctx: Context, item: ScheduledReload) -> str:
    zone = ctx.router.calendar.zone[0]
    left = item.when - ctx.router.calendar.local()
    minutes = max(0, round(left.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    words = [
        f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in ((hours, "hour"), (rest, "minute")) if count
    ]
    when = f"{item.when:%H:%M:%S} {zone} {item.when:%a %b} {item.when.day} {item.when.year}"
    return (
        f"Reload scheduled for {when} (in {' and '.join(words) or '0 minutes'}) by {item.who}\n"
        f"Reload reason: {item.reason}\n"
    )


@TABLE.command(PRIV_EXEC, "reload cancel", "Halt and perform a cold restart\nCancel pending reload")
def reload_cancel(ctx: Context) -> str:
    if not ctx.router.service(SystemService).cancel():
        return "%No reload is scheduled.\n"
    return ABORTED


@TABLE.command(USER_EXEC, "show reload", "Show running system information\nScheduled reload information")
def show_reload(ctx: Context) -> str:
    scheduled = ctx.router.service(SystemService).scheduled
    return "No reload is scheduled.\n" if scheduled is None else _described(ctx, scheduled)

"""clock set, clock timezone, show clock, show ntp."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, USER_EXEC, CommandError, CommandTable, Context
from iosemu.router.calendar import UTC
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_SHOW = "Show running system information\n"


@dataclass
class ClockConfig:
    """The zone, None for UTC that nobody has asked for, and its distance from UTC in hours and minutes."""

    zone: str | None = None
    hours: int = 0
    minutes: int = 0


class ClockService:
    """Tells the router its zone."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def reconcile(self) -> None:
        """Take the zone over."""
        config = self._router.model.block(ClockConfig)
        minutes = config.minutes if config.hours >= 0 else -config.minutes
        self._router.calendar.zone = config.zone or UTC, config.hours * 60 + minutes

    def stop(self) -> None:
        """Nothing runs."""


@TABLE.command(
    CONFIG,
    "clock timezone WORD$zone WORD$hours [<0-59>$minutes]",
    """Configure time-of-day clock
    Configure time zone
    name of time zone
    Hours offset from UTC
    Minutes offset from UTC""",
    no=ARGUMENTS_OPTIONAL,
)
def clock_timezone(ctx: Context, zone: str | None = None, hours: str = "0", minutes: int = 0) -> None:
    config = ctx.router.model.block(ClockConfig)
    if not hours.lstrip("-").isdecimal() or abs(int(hours)) > 23:
        raise CommandError(at=hours)
    config.zone, config.hours, config.minutes = (None, 0, 0) if ctx.negated else (zone, int(hours), minutes)


_TIME = "hh:mm:ss$time"
_MONTH = f"({'|'.join(MONTHS)})$month"


@TABLE.command(
    PRIV_EXEC,
    f"clock set {_TIME} (<1-31>$day {_MONTH}|{_MONTH} <1-31>$day) <1993-2035>$year",
    "\n".join(
        ["Manage the system clock", "Set the time and date", "Current Time", "Day of the month"]
        + ["Month of the year"] * 24
        + ["Day of the month", "Year"]
    ),
)
def clock_set(ctx: Context, time: str, day: int, month: str, year: int) -> None:
    calendar = ctx.router.calendar
    hour, minute, second = map(int, time.split(":"))
    try:
        when = datetime(year, MONTHS.index(month) + 1, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        raise CommandError(at=str(day)) from None
    before = _words(ctx, calendar.local())
    calendar.set_local(when)
    after = _words(ctx, calendar.local())
    by = f"configured from {ctx.session.seat.name} by {ctx.session.actor}."
    text = f"System clock has been updated from {before} to {after}, {by}"
    ctx.router.syslog.log("SYS", 6, "CLOCKUPDATE", text)


def _words(ctx: Context, when: datetime) -> str:
    return f"{when:%H:%M:%S} {ctx.router.calendar.zone[0]} {when:%a %b} {when.day} {when.year}"


@TABLE.command(
    USER_EXEC, "show clock [detail$detail]", f"{_SHOW}Display the system clock\nDisplay detailed information"
)
def show_clock(ctx: Context, detail: str = "") -> str:
    now = ctx.router.calendar.local()
    zone = ctx.router.calendar.zone[0]
    line = f"*{now:%H:%M:%S}.{now.microsecond // 1000:03d} {zone} {now:%a %b} {now.day} {now.year}\n"
    return f"{line}No time source\n" if detail else line


@TABLE.command(USER_EXEC, "show ntp status", f"{_SHOW}Network time protocol\nStatus of the network time protocol")
def show_ntp_status(ctx: Context) -> str:
    return "%NTP is not enabled.\n"


@TABLE.command(USER_EXEC, "show ntp associations [detail]", f"{_SHOW}Network time protocol\nAssociations\nDetails")
def show_ntp_associations(ctx: Context) -> str:
    return "%NTP is not enabled.\n"


def _lines(router: Router) -> list[Lines]:
    config = router.model.block(ClockConfig)
    if config.zone is None:
        return []
    return [[f"clock timezone {config.zone} {config.hours} {config.minutes}"]]


SECTION = Section(Place.IP_GLOBAL, _lines, 25)

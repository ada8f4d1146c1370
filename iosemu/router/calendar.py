"""The time of day as one router sees it: its own setting, its time zone, and how it stamps its messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from iosemu.router.clock import Clock

UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stands before a message: `kind` is `datetime`, `uptime`, or "" for nothing."""

    kind: str = "datetime"
    msec: bool = True
    localtime: bool = False
    show_timezone: bool = False
    year: bool = False

    def words(self) -> str:
        """The options as the running-config has them."""
        if self.kind != "datetime":
            return self.kind
        options = (("msec", self.msec), ("localtime", self.localtime), ("show-timezone", self.show_timezone))
        return " ".join(["datetime", *(word for word, on in options if on), *(["year"] if self.year else [])])


class Calendar:
    """The time of day as the router believes it to be. `zone` is a name and its distance from UTC in minutes; `on_set`
    is told when somebody sets the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = timedelta()
        self._booted = clock.now()
        self.zone: tuple[str, int] = (UTC, 0)
        self.on_set: list[Callable[[], None]] = []

    def utc(self) -> datetime:
        """Now, in UTC."""
        return self._clock.wall() + self._offset

    def local(self) -> datetime:
        """Now, in the router's time zone; the result's own zone stays UTC."""
        return self.utc() + timedelta(minutes=self.zone[1])

    def text(self, when: datetime) -> str:
        """A time given in UTC as most shows print it: `16:38:25 UTC Aug 26 2026`, in the router's zone."""
        local = when + timedelta(minutes=self.zone[1])
        return f"{local:%H:%M:%S} {self.zone[0]} {local:%b} {local.day} {local.year}"

    def set_local(self, when: datetime) -> None:
        """Set the clock to a time of the router's zone."""
        self._offset += when - self.local()
        for listener in self.on_set:
            listener()

    def uptime(self) -> float:
        """Seconds since the boot."""
        return self._clock.now() - self._booted

    def stamp(self, stamp: Stamp) -> str:
        """What stands before a message, with the colon and blank behind it. The asterisk tells that no time server has
        been heard."""
        if stamp.kind == "":
            return ""
        if stamp.kind == "uptime":
            return f"{format_uptime(self.uptime())}: "
        now = self.local() if stamp.localtime else self.utc()
        text = f"{now:%b} {now.day:2d} " + (f"{now.year} " if stamp.year else "") + f"{now:%H:%M:%S}"
        text += f".{now.microsecond // 1000:03d}" if stamp.msec else ""
        zone = self.zone[0] if stamp.localtime else UTC
        return f"*{text} {zone}: " if stamp.show_timezone else f"*{text}: "


def format_uptime(seconds: float) -> str:
    """`00:00:31`, after a day `1d02h`, after a week `3w6d`."""
    total = int(seconds)
    days, rest = divmod(total, 86400)
    if days >= 7:
        return f"{days // 7}w{days % 7}d"
    if days:
        return f"{days}d{rest // 3600:02d}h"
    return f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"

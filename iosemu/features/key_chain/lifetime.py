"""When a key holds: `[local] HH:MM:SS MONTH DAY YEAR` and `infinite`, `duration SECONDS`, or another such time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from iosemu.cli import CommandError

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """From when to when a key holds, in the router's zone where it is `local`, else in UTC; `end` is None for ever.
    `seconds` is how long where that was said instead of an end."""

    start: datetime
    end: datetime | None
    seconds: int | None = None
    local: bool = False

    def __str__(self) -> str:
        """The words of the running-config."""
        first = f"{LOCAL} {moment_text(self.start)}" if self.local else moment_text(self.start)
        return f"{first} {self.end_text}"

    @property
    def end_text(self) -> str:
        """The words for the end."""
        if self.seconds is not None:
            return f"duration {self.seconds}"
        return "infinite" if self.end is None else moment_text(self.end)

    def holds(self, utc: datetime, local: datetime) -> bool:
        """Whether the key holds at a moment, given in both zones."""
        now = local if self.local else utc
        return self.start <= now and (self.end is None or now <= self.end)


def moment_text(moment: datetime) -> str:
    """`00:00:00 Jan 1 2026`."""
    return f"{moment:%H:%M:%S} {MONTHS[moment.month - 1]} {moment.day} {moment.year}"


def read_lifetime(text: str) -> Lifetime:
    """A lifetime as it is typed; raises CommandError at the word that is wrong."""
    words = text.split()
    local = words[:1] == [LOCAL]
    rest = words[1:] if local else words
    start, rest = _moment(rest[:4]), rest[4:]
    if len(rest) == 1 and "infinite".startswith(rest[0].lower()):
        return Lifetime(start, None, None, local)
    if len(rest) == 2 and "duration".startswith(rest[0].lower()):
        if not (rest[1].isascii() and rest[1].isdecimal() and 0 < int(rest[1]) < 2**31):
            raise CommandError(at=rest[1])
        try:
            return Lifetime(start, start + timedelta(seconds=int(rest[1])), int(rest[1]), local)
        except OverflowError:
            raise CommandError(at=rest[1]) from None
    return Lifetime(start, _moment(rest), None, local)


def _moment(words: list[str]) -> datetime:
    """Four words, the day before or behind the month."""
    if len(words) < 4:
        raise CommandError("% Incomplete command.\n")
    if len(words) > 4:
        raise CommandError(at=words[4])
    month, day = words[1:3] if words[1][0].isalpha() else (words[2], words[1])
    number = next((n for n, name in enumerate(MONTHS, 1) if month.lower().startswith(name.lower())), None)
    if number is None:
        raise CommandError(at=month)
    try:
        return datetime.strptime(f"{words[3]}-{number}-{day} {words[0]}", "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise CommandError(at=words[0]) from None

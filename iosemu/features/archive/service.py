"""Archive copies, the log of commands, and the timer that takes a change back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from iosemu.features.archive.config import ArchiveConfig
from iosemu.router.clock import Timer
from iosemu.router.flash import FlashError
from iosemu.router.router import Router
from iosemu.router.running_config import print_running_config

WARNING_SECONDS = 60
_SECRET_WORDS = ("key", "password", "secret", "key-string", "community")


@dataclass(slots=True)
class PendingRollback:
    """A change that is taken back unless somebody confirms it. `minutes` is what was asked for."""

    url: str
    text: str
    minutes: int
    configured: datetime
    user: str
    timers: list[Timer]


@dataclass(frozen=True, slots=True)
class LoggedCommand:
    """A configuration command somebody entered."""

    index: int
    user: str
    line: str
    text: str


class ArchiveService:
    """Follows the `archive` block."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.copies: list[str] = []
        self.count = 0
        self.pending: PendingRollback | None = None
        self.commands: deque[LoggedCommand] = deque()
        self._logged = 0
        self._timer: Timer | None = None
        self._period: int | None = None
        router.history.on_save.append(self._saved)
        router.history.on_command.append(self._entered)

    def reconcile(self) -> None:
        """Start or stop the periodic copies."""
        period = self.config.period if self.config.path is not None else None
        if period == self._period:
            return
        self._period = period
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if period is not None:
            self._timer = self._router.clock.call_later(period * 60, self._tick)

    def stop(self) -> None:
        """No timer outlives the router."""
        self.confirm()
        if self._timer is not None:
            self._timer.cancel()

    @property
    def config(self) -> ArchiveConfig:
        """The configured archive."""
        return self._router.model.block(ArchiveConfig)

    def next_name(self) -> str:
        """What the next copy will be called; `$h` is the host name, `$t` the time."""
        path = self.config.path or ""
        stamp = self._router.calendar.utc()
        when = f"{stamp:%b}-{stamp.day:>2}-{stamp:%H-%M-%S}.{stamp.microsecond // 1000:03d}".replace(" ", "-")
        name = path.replace("$h", self._router.hostname)
        return f"{name.replace('$t', when)}-{self.count}" if "$t" in name else f"{name}{when}-{self.count}"

    def copy(self) -> str:
        """Take a copy now; returns its name. Raises FlashError."""
        name = self.next_name()
        self._router.flash.write(name.partition(":")[2] or name, print_running_config(self._router).encode())
        self.count += 1
        self.copies.append(name)
        while len(self.copies) > self.config.maximum:
            oldest = self.copies.pop(0)
            if self._router.flash.find(oldest.partition(":")[2]) is not None:
                self._router.flash.delete(oldest.partition(":")[2])
        return name

    def schedule(self, minutes: int, url: str, text: str, user: str, take_back: Callable[[], None]) -> None:
        """Take a change back after some minutes, unless it is confirmed."""
        clock = self._router.clock
        self.confirm()
        timers = [clock.call_later(minutes * 60, take_back)]
        if minutes * 60 > WARNING_SECONDS:
            timers.append(clock.call_later(minutes * 60 - WARNING_SECONDS, lambda: self._warn(url)))
        self.pending = PendingRollback(url, text, minutes, self._router.calendar.utc(), user, timers)

    def confirm(self) -> bool:
        """Keep the change; tells whether one was waiting."""
        pending, self.pending = self.pending, None
        for timer in pending.timers if pending else ():
            timer.cancel()
        return pending is not None

    def _warn(self, url: str) -> None:
        text = (
            f"System will rollback to config {url} in one minute. "
            'Enter "configure confirm" if you wish to keep what you\'ve configured'
        )
        self._router.syslog.log("ARCHIVE_DIFF", 5, "ROLLBK_CNFMD_CHG_WARNING_ABSTIMER", text)

    def _tick(self) -> None:
        self._attempt()
        if self._period is not None:
            self._timer = self._router.clock.call_later(self._period * 60, self._tick)

    def _saved(self) -> None:
        if self.config.path is not None and self.config.write_memory:
            self._attempt()

    def _attempt(self) -> None:
        try:
            self.copy()
        except FlashError as error:
            self._router.syslog.log("ARCHIVE", 3, "COPY_FAILED", f"Archive copy failed: {error}")

    def _entered(self, user: str, line: str, text: str) -> None:
        config = self.config
        if not config.log:
            return
        self._logged += 1
        if config.hide_keys:
            text = _hide(text)
        self.commands.append(LoggedCommand(self._logged, user, line, text))
        while len(self.commands) > config.log_size:
            self.commands.popleft()
        if config.notify_syslog:
            self._router.syslog.log("PARSER", 5, "CFGLOG_LOGGEDCMD", f"User:{user}  logged command:{_hide(text)}")


def _hide(text: str) -> str:
    """Stars in the place of what follows a word for a secret."""
    words = text.split()
    for index, word in enumerate(words[:-1]):
        if word in _SECRET_WORDS:
            return " ".join([*words[: index + 1], "*****"])
    return text

"""Watching logins: messages for success and failure, and quiet mode after too many failures."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from iosemu.features.aaa.config import AaaConfig
from iosemu.router.router import Router

FACILITY = "SEC_LOGIN"
REMEMBERED = 1024
# Applied where failures are watched and no other delay is set.
DEFAULT_DELAY = 1.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who tries to get in: the name given, where from, and through which port."""

    user: str
    address: str
    port: int

    def __str__(self) -> str:
        return f"[user: {self.user}] [Source: {self.address or '0.0.0.0'}] [localport: {self.port}]"


class LoginGuard:
    """Counts failures; `quiet_until` is an emulated time."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._failures: deque[float] = deque(maxlen=REMEMBERED)
        self.quiet_until = 0.0

    @property
    def quiet(self) -> bool:
        """Whether nobody may try now."""
        return self._router.clock.now() < self.quiet_until

    @property
    def delay(self) -> float:
        """Emulated seconds that a wrong answer costs."""
        config = self._router.model.block(AaaConfig)
        chosen = config.watch("delay")
        if chosen is not None:
            return float(chosen[0])
        return DEFAULT_DELAY if config.watch("block-for") is not None else 0.0

    def succeeded(self, visitor: Visitor) -> None:
        """Somebody is in."""
        if self._wants_log("on-success"):
            self._log(5, "LOGIN_SUCCESS", f"Login Success {visitor}")

    def failed(self, visitor: Visitor) -> None:
        """Somebody gave a wrong name or password."""
        reason = f"{visitor} [Reason: Login Authentication Failed]"
        if self._wants_log("on-failure"):
            self._log(4, "LOGIN_FAILED", f"Login failed {reason}")
        limits = self._router.model.block(AaaConfig).watch("block-for")
        if limits is None:
            return
        period, attempts, within = int(limits[0]), int(limits[2]), int(limits[4])
        now = self._router.clock.now()
        self._failures.append(now)
        recent = [when for when in self._failures if when > now - within]
        if len(recent) >= attempts and not self.quiet:
            self.quiet_until = now + period
            left = int(within - (now - recent[0]))
            text = f"Still timeleft for watching failures is {left} secs, {reason} [ACL: sl_def_acl]"
            self._log(1, "QUIET_MODE_ON", text)
            self._router.clock.call_at(self.quiet_until, self._quiet_ends)

    def reconcile(self) -> None:
        """The lines are read at each login."""

    def stop(self) -> None:
        """Nothing runs."""

    def _quiet_ends(self) -> None:
        self._failures.clear()
        self._log(5, "QUIET_MODE_OFF", "Quiet Mode is OFF, because block period timed out")

    def _wants_log(self, words: str) -> bool:
        return (self._router.model.block(AaaConfig).watch(words) or [""])[0] == "log"

    def _log(self, severity: int, mnemonic: str, text: str) -> None:
        calendar = self._router.calendar
        when = calendar.local()
        at = f"{when:%H:%M:%S} {calendar.zone[0]} {when:%a %b} {when.day} {when.year}"
        self._router.syslog.log(FACILITY, severity, mnemonic, f"{text} at {at}")

"""The host name takes effect, and a reload can be asked for, now or later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from iosemu.features.system.config import SystemConfig
from iosemu.router.clock import Timer
from iosemu.router.router import Router


@dataclass(slots=True)
class ScheduledReload:
    """A reload that is to come; `when` is a time of the router's zone, `who` asked for it."""

    when: datetime
    who: str
    reason: str
    timer: Timer


class SystemService:
    """The host name, and reloads. `reload` is what the owner of the router does when a user reloads it."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.reload: Callable[[], None] | None = None
        self.scheduled: ScheduledReload | None = None

    def reconcile(self) -> None:
        """Take the configured name."""
        self._router.hostname = self._router.model.block(SystemConfig).hostname

    def stop(self) -> None:
        """A reload that is to come does not."""
        self.cancel()

    def cancel(self) -> bool:
        """Forget the scheduled reload; tells whether there was one."""
        scheduled, self.scheduled = self.scheduled, None
        if scheduled is not None:
            scheduled.timer.cancel()
        return scheduled is not None

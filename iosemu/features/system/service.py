"""The host name takes effect, and a reload can be asked for."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.features.system.config import SystemConfig
from iosemu.router.router import Router


class SystemService:
    """`reload` is what the owner of the router does when a user reloads it."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.reload: Callable[[], None] | None = None

    def reconcile(self) -> None:
        """Take the configured name."""
        self._router.hostname = self._router.model.block(SystemConfig).hostname

    def stop(self) -> None:
        """Nothing runs."""

"""Debug flags: features offer them, `debug` sets them, and what they cover prints lines while they are set."""

from __future__ import annotations

from iosemu.router.syslog import Syslog


class Debugging:
    """Flags by the words behind `debug`."""

    def __init__(self, syslog: Syslog) -> None:
        self._syslog = syslog
        self.active: set[str] = set()

    def emit(self, flag: str, text: str) -> None:
        """Print a line when the flag is set. Callers on hot paths look into `active` first."""
        if flag in self.active:
            self._syslog.debug(text)

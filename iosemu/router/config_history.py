"""When the configuration was changed and saved, and by whom: the comments at the top of `show running-config`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class ConfigHistory:
    """Nothing has happened since the boot while both times are None. `on_save` and `on_command` are told of each save
    and of each configuration command (user, line, text)."""

    last_change: tuple[datetime, str | None] | None = None
    last_save: tuple[datetime, str | None] | None = None
    on_save: list[Callable[[], None]] = field(default_factory=list)
    on_command: list[Callable[[str, str, str], None]] = field(default_factory=list)

    def changed(self, when: datetime, user: str | None) -> None:
        """Somebody changed the configuration; `user` is None when nobody logged in."""
        self.last_change = when, user

    def saved(self, when: datetime, user: str | None) -> None:
        """Somebody saved the configuration."""
        self.last_save = when, user
        for listener in self.on_save:
            listener()

    def entered(self, user: str | None, line: str, text: str) -> None:
        """Somebody entered a configuration command."""
        for listener in self.on_command:
            listener(user or line, line, text)

    def comments(self) -> list[str]:
        """The lines as IOS prints them, below the first `!`."""
        events = (("Last configuration change", self.last_change), ("NVRAM config last updated", self.last_save))
        lines = []
        for text, event in events:
            if event is not None:
                when, user = event
                stamp = f"{when:%H:%M:%S} UTC {when:%a %b} {when.day} {when.year}"
                lines.append(f"! {text} at {stamp}" + (f" by {user}" if user else ""))
        return [*lines, "!"] if lines else []

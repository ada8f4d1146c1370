"""What the prompt looks like: `prompt` and `service prompt config`."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.cli.modes import Mode, prompt_for
from iosemu.cli.seat import Seat


@dataclass
class PromptStyle:
    """How prompts look. `text` replaces the prompt of EXEC; `config` is None until somebody says whether configuration
    modes have one."""

    text: str | None = None
    config: bool | None = None

    def prompt(self, mode: Mode, hostname: str, seat: Seat) -> str:
        """The whole prompt of a mode. In `text` stand %h for the host name, %n for the number of the line, %p for the
        sign of the privilege, %s for a blank, %t for a tab and %% for a per cent sign."""
        if mode.is_config:
            return "" if self.config is False else prompt_for(mode, hostname)
        if self.text is None or mode.shell is not None:
            return prompt_for(mode, hostname)
        values = {"h": hostname, "n": str(seat.tty), "p": mode.prompt, "s": " ", "t": "\t", "%": "%"}
        first, *rest = self.text.replace("%%", "%\0").split("%")
        return first + "".join(values.get(part[:1].replace("\0", "%"), "") + part[1:] for part in rest)

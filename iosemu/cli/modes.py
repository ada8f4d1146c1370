"""Modes of the command line: data with a parent, so that a command of an outer mode is found from an inner one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iosemu.cli.interaction import Interaction

PROMPT_HOSTNAME_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode of the command line: a set of commands under one prompt. `prompt` is what stands behind the host name. A
    `verbatim` mode gives every line as it is to `raw`, without a prompt, until that leaves the mode. A mode with a
    `shell` is entered from EXEC, and its shell runs every line: `shell(session, target, line)`."""

    name: str
    prompt: str
    header: str
    parent: Mode | None = None
    raw: Callable[[Any, str], None] | None = None
    verbatim: bool = False
    shell: Callable[..., Interaction] | None = None

    @property
    def is_config(self) -> bool:
        """Whether the mode is global configuration or below."""
        return self.shell is None and (self.prompt.startswith("(") or self.verbatim)


USER_EXEC = Mode("user-exec", ">", "Exec commands:")
PRIV_EXEC = Mode("exec", "#", "Exec commands:")
CONFIG = Mode("configure", "(config)", "Configure commands:")


def prompt_for(mode: Mode, hostname: str) -> str:
    """The whole prompt; a mode in parentheses shows the first 20 characters of the host name only."""
    if mode.verbatim:
        return ""
    if mode.shell is not None and not mode.prompt.startswith("("):
        return mode.prompt
    if mode.is_config:
        return f"{hostname[:PROMPT_HOSTNAME_LIMIT]}{mode.prompt}#"
    return f"{hostname}{mode.prompt}"

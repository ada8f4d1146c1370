"""What a command handler gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iosemu.cli.modes import Mode

if TYPE_CHECKING:
    from iosemu.cli.session import Session
    from iosemu.router.router import Router


@dataclass(frozen=True, slots=True)
class Several:
    """Objects that a mode is about at once, as a range of interfaces: each command is run for every one of them."""

    targets: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What a command handler is called with. `target` is the object that the mode was entered for; `negated` is set for
    `no` and for `default`; `line` is the command without these, every keyword in full."""

    router: Router
    session: Session
    target: Any = None
    negated: bool = False
    defaulted: bool = False
    line: str = ""

    def enter(self, mode: Mode, target: Any) -> None:
        """Go into a sub-mode."""
        self.session.enter(mode, target)

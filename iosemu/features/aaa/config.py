"""`aaa` lines, and those that watch logins."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.kept import Kept
from iosemu.features.accounts.config import Accounts
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section


@dataclass
class AaaConfig:
    """The block of AAA. `kept` has the lists of methods, `login` what watches logins."""

    kept: Kept = field(default_factory=Kept)
    login: Kept = field(default_factory=Kept)

    def methods(self, kind: str, name: str) -> tuple[str, ...] | None:
        """The methods of a list, such as `authentication login` and `default`; None when there is no such list."""
        item = self.kept.items.get(f"aaa {kind} {name}")
        if item is None:
            return None
        return tuple(_methods(item.line.split()[len(kind.split()) + 2 :]))

    def on(self, words: str) -> bool:
        """Whether there is a line `aaa WORDS`."""
        return f"aaa {words}" in self.kept.items

    def watch(self, words: str) -> list[str] | None:
        """What follows the words of a `login` line, None when there is none."""
        item = self.login.items.get(f"login {words}")
        return None if item is None else item.line.split()[len(words.split()) + 1 :]


def _methods(words: list[str]) -> list[str]:
    """`group NAME` is one method."""
    found: list[str] = []
    waiting = iter(words)
    for word in waiting:
        found.append(f"group {next(waiting, '')}" if word == "group" else word)
    return found


def _aaa(router: Router) -> list[Lines]:
    paragraphs = router.model.block(AaaConfig).kept.paragraphs()
    on = router.model.block(Accounts).new_model
    return paragraphs if on is None else [["aaa new-model" if on else "no aaa new-model"], *paragraphs]


def _login(router: Router) -> list[Lines]:
    return [router.model.block(AaaConfig).login.lines()]


SECTIONS = (Section(Place.AAA, _aaa, 40), Section(Place.IP_GLOBAL, _login, 59))

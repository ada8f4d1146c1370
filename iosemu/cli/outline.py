"""Outlines: commands that are kept without effect, written as an indented list.

Each line is the spec of a command; what is indented below it belongs to the mode that it opens::

    vrf definition WORD > config-vrf
     rd = WORD
     address-family (ipv4|ipv6) > config-vrf-af before ! after exit-address-family
      route-target (export|import) WORD

A blank, `=` and a blank end the words that name the setting: a later line with the same words replaces it; without them
the whole line is one of many. In front may stand `+`: on by default, so that only `no` is printed; `*`: either form is
printed; `~`: IOS prints a blank behind the line; `_`: it prints a second one before it; `!`: the line does have an
effect. Behind `>` stand the prompt of the mode, and what is printed before and after the block; `body END` reads the
lines below as they are, up to END.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FLAGS = "+*~_!"
_OPENS = re.compile(r"(?P<prompt>\S+)(?: before (?P<before>\S+))?(?: after (?P<after>\S+))?(?: body (?P<end>\S+))?")


@dataclass(slots=True)
class Outlined:
    """One line of an outline. `key_words` is the number of words that name the setting, 0 for the whole line."""

    spec: str
    key_words: int = 0
    on: bool = False
    both: bool = False
    blank: bool = False
    deeper: bool = False
    effective: bool = False
    prompt: str = ""
    before: str = ""
    after: str = ""
    end: str = ""
    children: list[Outlined] = field(default_factory=list)

    @property
    def opening(self) -> str:
        """The leading keywords: they name the mode that the line opens."""
        return " ".join(word for word in self.spec.split() if word.islower() and word.isascii())

    @property
    def header(self) -> str:
        """What stands over the list of the mode's commands."""
        words = self.opening.replace("-", " ").split()
        return f"{' '.join(words[-2:]).capitalize()} configuration commands"


def parse(text: str) -> list[Outlined]:
    """The lines of an outline with what stands below them."""
    top: list[Outlined] = []
    levels: list[list[Outlined]] = [top]
    for line in text.splitlines():
        if not line.strip():
            continue
        depth = len(line) - len(line.lstrip())
        outlined = _line(line.strip())
        del levels[depth + 1 :]
        levels[depth].append(outlined)
        levels.append(outlined.children)
    return top


def _line(text: str) -> Outlined:
    body, _, opens = text.partition(" > ")
    bare = body.lstrip(FLAGS)
    flags = body[: len(body) - len(bare)]
    name, equals, value = bare.partition(" = ")
    outlined = Outlined(f"{name} {value}".strip(), len(name.split()) if equals else 0)
    outlined.on, outlined.both, outlined.blank = "+" in flags, "*" in flags, "~" in flags
    outlined.deeper, outlined.effective = "_" in flags, "!" in flags
    if opens:
        match = _OPENS.fullmatch(opens)
        assert match is not None, text
        found = match.groupdict(default="")
        outlined.prompt, outlined.before = found["prompt"], found["before"]
        outlined.after, outlined.end = found["after"], found["end"]
    return outlined

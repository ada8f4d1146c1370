"""Output modifiers: `show ... | include REGEX`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from iosemu.cli.help import columns
from iosemu.router.flash import Flash, FlashError

# The commands whose output can be modified.
PIPED = ("show", "more", "dir")
FILTERS = ("begin", "count", "exclude", "include", "section")
REDIRECTIONS = ("append", "redirect", "tee")
WORDS = (*FILTERS, *REDIRECTIONS)
HELP = (
    ("append", "Append redirected output to URL (URLs supporting append operation only)"),
    ("begin", "Begin with the line that matches"),
    ("count", "Count number of lines which match regexp"),
    ("exclude", "Exclude lines that match"),
    ("include", "Include lines that match"),
    ("redirect", "Redirect output to URL"),
    ("section", "Filter a section of output"),
    ("tee", "Copy output to URL"),
)
# `_` stands for a delimiter: start, end, blank, comma, brace or parenthesis; and for itself, as names have it.
_DELIMITER = r"(?:^|$|[ ,{}()_])"


class ModifierError(Exception):
    """The part behind the bar is wrong; the text is printed. `offset` counts from the bar."""

    def __init__(self, text: str, offset: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Modifier:
    """A filter of output lines."""

    word: str
    pattern: re.Pattern[str]

    def apply(self, text: str, flash: Flash) -> str:
        """The lines of an output that are left, each with its line feed."""
        lines = text.splitlines()
        filters: dict[str, Callable[[list[str]], list[str]]] = {
            "include": lambda all: [line for line in all if self.pattern.search(line)],
            "exclude": lambda all: [line for line in all if not self.pattern.search(line)],
            "begin": self._begin,
            "section": self._section,
            "count": self._count,
        }
        return "".join(f"{line}\n" for line in filters[self.word](lines))

    def _begin(self, lines: list[str]) -> list[str]:
        for index, line in enumerate(lines):
            if self.pattern.search(line):
                # IOS prints an empty line first.
                return ["", *lines[index:]]
        return []

    def _section(self, lines: list[str]) -> list[str]:
        """Lines that match, and those below them that are indented deeper."""
        kept = []
        depth: int | None = None
        for line in lines:
            indent = len(line) - len(line.lstrip())
            if depth is not None and indent > depth:
                kept.append(line)
                continue
            depth = indent if self.pattern.search(line) else None
            if depth is not None:
                kept.append(line)
        return kept

    def _count(self, lines: list[str]) -> list[str]:
        count = sum(1 for line in lines if self.pattern.search(line))
        return [f"Number of lines which match regexp = {count}"]


@dataclass(frozen=True, slots=True)
class Redirection:
    """A file that takes the output; `tee` prints it too, `append` keeps what the file had."""

    word: str
    url: str

    def apply(self, text: str, flash: Flash) -> str:
        """Write an output to the file; returns what is left to print."""
        scheme, colon, path = self.url.partition(":")
        if not colon or scheme not in ("flash", "flash0", "bootflash"):
            return f"%Error opening {self.url} (Permission denied)\n"
        try:
            before = flash.read(path) if self.word == "append" and flash.find(path) is not None else b""
            flash.write(path, before + text.encode())
        except FlashError as error:
            return f"%Error opening {self.url} ({error})\n"
        return text if self.word == "tee" else ""


def split(command: str) -> tuple[str, str, str]:
    """An EXEC command, the bar behind it, and the modifier; both are empty where there is none."""
    first = command.split(None, 1)[0].lower() if command.split() else ""
    if first and any(word.startswith(first) for word in PIPED):
        return command.partition("|")
    return command, "", ""


def modifier_help(tail: str, width: int) -> str:
    """Help behind a bar: the modifiers, or what follows one."""
    word = tail.strip().lower()
    matching = [name for name, _ in HELP if name.startswith(word)]
    if not matching:
        return "% Unrecognized command\n"
    if word and tail.endswith(" "):
        return "  LINE  Regular Expression\n\n" if matching[0] in FILTERS else "  LINE  URL of a file\n\n"
    if word:
        return "".join(name.ljust(max(map(len, matching)) + 2) for name in matching) + "\n\n"
    return columns(list(HELP), width)


def parse(text: str) -> Modifier | Redirection:
    """The modifier behind a bar; raises ModifierError."""
    stripped = text.lstrip()
    if not stripped:
        raise ModifierError("% Incomplete command.\n\n")
    word, _, pattern = stripped.partition(" ")
    matching = [name for name in WORDS if name.startswith(word.lower())]
    if len(matching) != 1:
        raise ModifierError("", len(text) - len(stripped))
    if not pattern:
        raise ModifierError("% Incomplete command.\n\n")
    if matching[0] in REDIRECTIONS:
        return Redirection(matching[0], pattern.strip())
    try:
        return Modifier(matching[0], re.compile(translate(pattern)))
    except re.error:
        raise ModifierError("% Failed to compile regular expression.\n\n") from None


def translate(pattern: str) -> str:
    """An IOS regular expression as a Python one: no braces, no letter escapes, `_` is a delimiter."""
    out = []
    index = 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\" and index + 1 < len(pattern):
            index += 1
            out.append(re.escape(pattern[index]))
        elif char == "_":
            out.append(_DELIMITER)
        elif char in "{}":
            out.append(re.escape(char))
        else:
            out.append(char)
        index += 1
    return "".join(out)

"""Output that stops after each screenful."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from iosemu.cli.modifiers import translate

MORE = " --More-- "
SEARCH, INCLUDE, EXCLUDE = "/", "+", "-"


class Pager:
    """Space shows the next screenful, Enter one more line; `/`, `+` and `-` with a regular expression go to the next
    line that matches, show only such lines from there on, or all others. Anything else ends the output. `pattern` reads
    the expression, `key` one key."""

    def __init__(
        self,
        length: int,
        write: Callable[[str], None],
        key: Callable[[], Awaitable[str]],
        pattern: Callable[[str], Awaitable[str]],
    ) -> None:
        self._length = length
        self._write = write
        self._key = key
        self._pattern = pattern
        self._room = length - 1
        self._filter: tuple[str, re.Pattern[str]] | None = None

    def reset(self) -> None:
        """The user has seen everything so far."""
        self._room = self._length - 1

    async def print(self, text: str) -> bool:
        """Print text; False when the user wants no more of it."""
        if self._length == 0 or "\n" not in text:
            self._write(text)
            return True
        for line in text.splitlines(keepends=True):
            if not self._wanted(line):
                continue
            if self._room == 0:
                if not await self._more():
                    return False
                if not self._wanted(line):
                    continue
            self._write(line)
            self._room -= line.endswith("\n")
        return True

    def _wanted(self, line: str) -> bool:
        if self._filter is None:
            return True
        kind, pattern = self._filter
        found = pattern.search(line.rstrip("\n")) is not None
        if kind == SEARCH and found:
            self._filter = None
        return not found if kind == EXCLUDE else found

    async def _more(self) -> bool:
        self._write(MORE)
        key = await self._key()
        width = len(MORE)
        self._write("\b" * width + " " * width + "\b" * width)
        if key in (" ", "f"):
            self._room = self._length - 1
        elif key in ("\r", "\n"):
            self._room = 1
        elif key in (SEARCH, INCLUDE, EXCLUDE):
            await self._search(key)
        else:
            return False
        return True

    async def _search(self, kind: str) -> None:
        text = await self._pattern(kind)
        self._room = self._length - 1
        try:
            self._filter = kind, re.compile(translate(text))
            self._write("filtering...\n")
        except re.error:
            self._write("% Failed to compile regular expression.\n")

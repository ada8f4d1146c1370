"""What a terminal shows of a line behind its prompt, and what to print so that it shows something else.

Nothing but printable characters, backspaces and carriage returns is printed, so that any terminal shows the line and a
program that reads along sees what it has sent.
"""

from __future__ import annotations

SCROLL = 10
MARK = "$"
# Widths that stand for a terminal without an edge.
ENDLESS = (0, 511, 512)


class Row:
    """One line on a terminal. `offset` is the number of characters hidden at the left edge. Without `echo` only the
    prompt is shown."""

    def __init__(self, prompt: str, width: int, echo: bool) -> None:
        self._prompt = prompt
        self._echo = echo
        self._room = 0 if width in ENDLESS else max(width - len(prompt) - 1, 2 * SCROLL)
        self.offset = 0
        self._shown = ""
        self._column = 0

    @property
    def endless(self) -> bool:
        """Whether the terminal wraps the line."""
        return not self._room

    def draw(self, text: str, cursor: int) -> str:
        """The prompt and a line, for an empty row."""
        self._shown, self._column = "", 0
        return self._prompt + self.update(text, cursor)

    def update(self, text: str, cursor: int) -> str:
        """How to get from what is shown to what should be."""
        wanted, column = self._visible(text, cursor)
        same = _shared(self._shown, wanted)
        printed = ""
        if same != len(self._shown) or same != len(wanted):
            printed = _move(self._shown, self._column, same)
            gone = max(len(self._shown) - len(wanted), 0)
            printed += wanted[same:] + " " * gone + "\b" * gone
            self._column = len(wanted)
        printed += _move(wanted, self._column, column)
        self._shown, self._column = wanted, column
        return printed

    def _visible(self, text: str, cursor: int) -> tuple[str, int]:
        """The part of a line that is shown, and the column of the cursor in it."""
        if not self._echo:
            return "", 0
        if self.endless:
            return text, cursor
        while cursor - self.offset > self._room:
            self.offset += SCROLL
        while self.offset and cursor <= self.offset:
            self.offset = max(self.offset - SCROLL, 0)
        shown = text[self.offset : self.offset + self._room]
        if self.offset:
            shown = MARK + shown[1:]
        if len(text) > self.offset + self._room and cursor - self.offset < self._room:
            shown = shown[:-1] + MARK
        return shown, cursor - self.offset


def _move(shown: str, start: int, end: int) -> str:
    """Going right is printing what stands there already."""
    return "\b" * (start - end) if end < start else shown[start:end]


def _shared(old: str, new: str) -> int:
    """How many characters two texts begin with alike."""
    if new.startswith(old):
        return len(old)
    return next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))

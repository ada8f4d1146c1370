"""The line editor of IOS, without I/O: keys go in, and what a plain terminal must print comes out.

Nothing but printable characters, backspaces and carriage returns is printed, so that any terminal shows the line and a
program that reads along sees what it has sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum, auto

BELL = "\a"
ESCAPE = "\x1b"
LIMIT = 254
KILLED_TEXTS = 10
SCROLL = 10
MARK = "$"
# Widths that stand for a terminal without an edge.
ENDLESS = (0, 511, 512)


class Event(Enum):
    """What somebody else must act on."""

    ENTER = auto()
    HELP = auto()
    COMPLETE = auto()
    ABORT = auto()
    END = auto()
    LEAVE = auto()


_EVENTS = {"\r": Event.ENTER, "\n": Event.ENTER, "\x03": Event.ABORT, "\x1a": Event.END, "\x1d": Event.LEAVE}
_HELPING = {"?": Event.HELP, "\t": Event.COMPLETE}
# The control sequences of cursor keys, as the key that does the same.
_SEQUENCES = {
    "A": "\x10", "B": "\x0e", "C": "\x06", "D": "\x02", "H": "\x01", "F": "\x05",
    "1~": "\x01", "7~": "\x01", "4~": "\x05", "8~": "\x05", "3~": "\x04",
}  # fmt: skip
# What still works under `terminal no editing`.
_PLAIN_KEYS = "\b\x7f\x15\x17\x12"


class LineEditor:
    """One line while it is typed.

    `text` and `cursor` are its state; `offset` is the number of characters hidden at the left edge. `history` has the
    oldest line first; `killed` the texts that were deleted, the last one last. Without `echo` nothing is shown; with
    `helping` the question mark and Tab are events, else they are text like any other.
    """

    def __init__(
        self,
        prompt: str,
        *,
        width: int = 80,
        history: Sequence[str] = (),
        killed: deque[str] | None = None,
        editing: bool = True,
        echo: bool = True,
        helping: bool = False,
        leaving: bool = False,
    ) -> None:
        self.prompt = prompt
        self.text = ""
        self.cursor = 0
        self.offset = 0
        self.event: Event | None = None
        self._room = 0 if width in ENDLESS else max(width - len(prompt) - 1, 2 * SCROLL)
        self._history = history
        self._recalled = len(history)
        self._typed = ""
        self._killed = killed if killed is not None else deque(maxlen=KILLED_TEXTS)
        self._yanked: tuple[int, int] | None = None
        self._editing = editing
        self._echo = echo
        self._events = _EVENTS | (_HELPING if helping else {})
        if not leaving:
            del self._events["\x1d"]
        self._shown = ""
        self._column = 0
        self._escape = ""
        self._literal = False
        self._bells = 0
        self._redrawn = False

    def feed(self, keys: str) -> tuple[str, str]:
        """Take keys up to the first that is an event, then named by `event`; returns what to print and the keys
        that are left."""
        self.event = None
        self._redrawn = False
        taken = 0
        for key in keys:
            taken += 1
            self._key(key)
            if self.event is not None:
                break
        if self.event is Event.ENTER and not self._room:
            # The line may have wrapped: what follows must not overwrite its end.
            self.cursor = len(self.text)
        drawn = f"\r\n{self.redraw()}" if self._redrawn else self._draw()
        printed = drawn + BELL * min(self._bells, 1)
        self._bells = 0
        return printed, keys[taken:]

    def redraw(self) -> str:
        """The prompt and the line, for an empty row."""
        self._shown, self._column = "", 0
        return self.prompt + self._draw()

    def replace(self, text: str, cursor: int) -> None:
        """Put another text in place of the line; a redraw shows it."""
        self.text, self.cursor = text[:LIMIT], min(cursor, LIMIT)

    # Drawing

    def _draw(self) -> str:
        """Go from what is on the screen to what should be."""
        wanted, column = self._visible()
        same = _shared(self._shown, wanted)
        printed = ""
        if same != len(self._shown) or same != len(wanted):
            printed = self._move(self._shown, self._column, same)
            gone = max(len(self._shown) - len(wanted), 0)
            printed += wanted[same:] + " " * gone + "\b" * gone
            self._column = len(wanted)
        printed += self._move(wanted, self._column, column)
        self._shown, self._column = wanted, column
        return printed

    @staticmethod
    def _move(shown: str, start: int, end: int) -> str:
        return "\b" * (start - end) if end < start else shown[start:end]

    def _visible(self) -> tuple[str, int]:
        """The part of the line that is shown, and the column of the cursor in it."""
        if not self._echo:
            return "", 0
        if not self._room:
            return self.text, self.cursor
        while self.cursor - self.offset > self._room:
            self.offset += SCROLL
        while self.offset and self.cursor <= self.offset:
            self.offset = max(self.offset - SCROLL, 0)
        shown = self.text[self.offset : self.offset + self._room]
        if self.offset:
            shown = MARK + shown[1:]
        if len(self.text) > self.offset + self._room and self.cursor - self.offset < self._room:
            shown = shown[:-1] + MARK
        return shown, self.cursor - self.offset

    # Keys

    def _key(self, key: str) -> None:
        if self._literal:
            self._literal = False
            self._insert(key)
        elif self._escape:
            self._escaped(key)
        elif key in self._events:
            self.event = self._events[key]
        elif key == ESCAPE and self._editing:
            self._escape = key
        elif key in _KEYS and (self._editing or key in _PLAIN_KEYS):
            self._act(_KEYS[key])
        elif key >= " " and key != "\x7f":
            self._insert(key)
        elif key != "\x00":
            self._bells += 1

    def _act(self, action: Callable[[LineEditor], None]) -> None:
        before = self._yanked
        action(self)
        if self._yanked is before:
            self._yanked = None

    def _escaped(self, key: str) -> None:
        """Behind Escape: a letter, or a control sequence up to its final character."""
        self._escape += key
        if self._escape in ("\x1b[", "\x1bO"):
            return
        if len(self._escape) > 2:
            if not "@" <= key <= "~":
                return
            same = _SEQUENCES.get(self._escape[2:])
            action = _KEYS[same] if same else None
        else:
            action = _ESCAPED.get(key.lower())
        self._escape = ""
        if action is None:
            self._bells += 1
        else:
            self._act(action)

    def _insert(self, text: str) -> None:
        if len(self.text) + len(text) > LIMIT:
            self._bells += 1
            return
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)
        self._yanked = None

    def _go(self, cursor: int) -> None:
        self.cursor = min(max(cursor, 0), len(self.text))

    def _cut(self, start: int, end: int, keep: bool = True) -> None:
        start, end = max(start, 0), min(end, len(self.text))
        if keep and start < end:
            self._killed.append(self.text[start:end])
        self.text, self.cursor = self.text[:start] + self.text[end:], start

    def _word_start(self) -> int:
        return len(self.text[: self.cursor].rstrip().rpartition(" ")[0]) + (" " in self.text[: self.cursor].rstrip())

    def _word_end(self) -> int:
        rest = self.text[self.cursor :]
        blanks = len(rest) - len(rest.lstrip())
        return self.cursor + blanks + len(rest.lstrip().partition(" ")[0])

    def _recall(self, step: int) -> None:
        wanted = self._recalled + step
        if not 0 <= wanted <= len(self._history):
            self._bells += 1
            return
        if self._recalled == len(self._history):
            self._typed = self.text
        self._recalled = wanted
        self.text = self._history[wanted] if wanted < len(self._history) else self._typed
        self.cursor = len(self.text)

    def _yank(self) -> None:
        self._put(len(self._killed) - 1)

    def _yank_earlier(self) -> None:
        if self._yanked is None:
            self._put(len(self._killed) - 1)
            return
        index, start = self._yanked
        self._cut(start, self.cursor, keep=False)
        self._put(index - 1 if index else len(self._killed) - 1)

    def _put(self, index: int) -> None:
        if not self._killed:
            self._bells += 1
            return
        start = self.cursor
        self._insert(self._killed[index])
        self._yanked = index, start

    def _swap(self) -> None:
        at = min(self.cursor, len(self.text) - 1)
        if at < 1:
            self._bells += 1
            return
        text = self.text
        self.text, self.cursor = text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :], at + 1

    def _change_case(self, change: Callable[[str], str]) -> None:
        end = self._word_end()
        word = self.text[self.cursor : end]
        blanks = len(word) - len(word.lstrip())
        self.text = self.text[: self.cursor] + word[:blanks] + change(word[blanks:]) + self.text[end:]
        self.cursor = end

    def _show_again(self) -> None:
        self._redrawn = True

    def _next_literal(self) -> None:
        self._literal = True


_KEYS: dict[str, Callable[[LineEditor], None]] = {
    "\x01": lambda line: line._go(0),
    "\x05": lambda line: line._go(len(line.text)),
    "\x02": lambda line: line._go(line.cursor - 1),
    "\x06": lambda line: line._go(line.cursor + 1),
    "\x04": lambda line: line._cut(line.cursor, line.cursor + 1, keep=False),
    "\b": lambda line: line._cut(line.cursor - 1, line.cursor, keep=False),
    "\x7f": lambda line: line._cut(line.cursor - 1, line.cursor, keep=False),
    "\x0b": lambda line: line._cut(line.cursor, len(line.text)),
    "\x15": lambda line: line._cut(0, line.cursor),
    "\x18": lambda line: line._cut(0, line.cursor),
    "\x17": lambda line: line._cut(line._word_start(), line.cursor),
    "\x19": LineEditor._yank,
    "\x14": LineEditor._swap,
    "\x12": LineEditor._show_again,
    "\x0c": LineEditor._show_again,
    "\x10": lambda line: line._recall(-1),
    "\x0e": lambda line: line._recall(1),
    "\x16": LineEditor._next_literal,
}
_ESCAPED: dict[str, Callable[[LineEditor], None]] = {
    "b": lambda line: line._go(line._word_start()),
    "f": lambda line: line._go(line._word_end()),
    "d": lambda line: line._cut(line.cursor, line._word_end()),
    "c": lambda line: line._change_case(str.capitalize),
    "u": lambda line: line._change_case(str.upper),
    "l": lambda line: line._change_case(str.lower),
    "y": LineEditor._yank_earlier,
    "q": LineEditor._next_literal,
}


def _shared(old: str, new: str) -> int:
    """How many characters two texts begin with alike."""
    if new.startswith(old):
        return len(old)
    return next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))

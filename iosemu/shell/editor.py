"""The line editor of IOS, without I/O: keys go in, and what a plain terminal must print comes out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum, auto

from iosemu.shell.row import Row
from iosemu.shell.typed_line import TypedLine

BELL = "\a"
ESCAPE = "\x1b"


class Event(Enum):
    """What somebody else must act on."""

    ENTER = auto()
    HELP = auto()
    COMPLETE = auto()
    ABORT = auto()
    END = auto()
    LEAVE = auto()


_EVENTS = {"\r": Event.ENTER, "\n": Event.ENTER, "\x03": Event.ABORT, "\x1a": Event.END}
_HELPING = {"?": Event.HELP, "\t": Event.COMPLETE}
_LEAVING = {"\x1d": Event.LEAVE}


class LineEditor:
    """The keys of one line.

    Of `history` the oldest line comes first, of the `killed` texts the last one last. Without `echo` nothing is shown.
    `editing` tells whether the keys of the editor work; with `helping` the question mark and Tab are events, else they
    are text like any other; with `leaving` Ctrl-] is one.
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
        self.line = TypedLine(history, killed)
        self.event: Event | None = None
        self._row = Row(prompt, width, echo)
        self._editing = editing
        self._events = _EVENTS | (_HELPING if helping else {}) | (_LEAVING if leaving else {})
        self._escape = ""
        self._literal = False
        self._show_again = False

    @property
    def text(self) -> str:
        """What has been typed."""
        return self.line.text

    @property
    def cursor(self) -> int:
        """The place in the text where the next character goes."""
        return self.line.cursor

    @property
    def offset(self) -> int:
        """How many characters are hidden at the left edge of the terminal."""
        return self._row.offset

    def feed(self, keys: str) -> tuple[str, str]:
        """Take keys up to the first that is an event, then named by `event`; returns what to print and the keys
        that are left."""
        self.event = None
        self._show_again = False
        taken = 0
        for key in keys:
            taken += 1
            self._key(key)
            if self.event is not None:
                break
        if self.event is Event.ENTER and self._row.endless:
            # The line may have wrapped: what follows must not overwrite its end.
            self.line.go(len(self.text))
        printed = f"\r\n{self.redraw()}" if self._show_again else self._row.update(self.text, self.cursor)
        if self.line.bells:
            self.line.bells = 0
            printed += BELL
        return printed, keys[taken:]

    def redraw(self) -> str:
        """The prompt and the line, for an empty row."""
        return self._row.draw(self.text, self.cursor)

    def show_again(self) -> None:
        """Show the line once more, in a row of its own."""
        self._show_again = True

    def take_literally(self) -> None:
        """The next key is text, whatever it is."""
        self._literal = True

    def _key(self, key: str) -> None:
        if self._literal:
            self._literal = False
            self.line.insert(key)
        elif self._escape:
            self._escaped(key)
        elif key in self._events:
            self.event = self._events[key]
        elif key == ESCAPE and self._editing:
            self._escape = key
        elif key in _KEYS and (self._editing or key in _PLAIN_KEYS):
            self._act(_KEYS[key])
        elif key >= " " and key != "\x7f":
            self.line.insert(key)
        elif key != "\x00":
            self.line.bells += 1

    def _act(self, action: Action) -> None:
        before = self.line.yanked
        action(self)
        if self.line.yanked is before:
            self.line.yanked = None

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
            self.line.bells += 1
        else:
            self._act(action)


Action = Callable[[LineEditor], None]


def _edit(change: Callable[[TypedLine], None]) -> Action:
    return lambda editor: change(editor.line)


_DELETE_BEFORE = _edit(lambda line: line.cut(line.cursor - 1, line.cursor, keep=False))
_CUT_TO_START = _edit(lambda line: line.cut(0, line.cursor))
_KEYS: dict[str, Action] = {
    "\x01": _edit(lambda line: line.go(0)),
    "\x05": _edit(lambda line: line.go(len(line.text))),
    "\x02": _edit(lambda line: line.go(line.cursor - 1)),
    "\x06": _edit(lambda line: line.go(line.cursor + 1)),
    "\x04": _edit(lambda line: line.cut(line.cursor, line.cursor + 1, keep=False)),
    "\b": _DELETE_BEFORE,
    "\x7f": _DELETE_BEFORE,
    "\x0b": _edit(lambda line: line.cut(line.cursor, len(line.text))),
    "\x15": _CUT_TO_START,
    "\x18": _CUT_TO_START,
    "\x17": _edit(lambda line: line.cut(line.word_start(), line.cursor)),
    "\x19": _edit(TypedLine.yank),
    "\x14": _edit(TypedLine.swap),
    "\x12": LineEditor.show_again,
    "\x0c": LineEditor.show_again,
    "\x10": _edit(lambda line: line.recall(-1)),
    "\x0e": _edit(lambda line: line.recall(1)),
    "\x16": LineEditor.take_literally,
}
# What still works under `terminal no editing`.
_PLAIN_KEYS = "\b\x7f\x15\x17\x12"
# Behind Escape.
_ESCAPED: dict[str, Action] = {
    "b": _edit(lambda line: line.go(line.word_start())),
    "f": _edit(lambda line: line.go(line.word_end())),
    "d": _edit(lambda line: line.cut(line.cursor, line.word_end())),
    "c": _edit(lambda line: line.change_case(str.capitalize)),
    "u": _edit(lambda line: line.change_case(str.upper)),
    "l": _edit(lambda line: line.change_case(str.lower)),
    "y": _edit(TypedLine.yank_earlier),
    "q": LineEditor.take_literally,
}
# The control sequences of cursor keys, as the key that does the same.
_SEQUENCES = {
    "A": "\x10", "B": "\x0e", "C": "\x06", "D": "\x02", "H": "\x01", "F": "\x05",
    "1~": "\x01", "7~": "\x01", "4~": "\x05", "8~": "\x05", "3~": "\x04",
}  # fmt: skip

"""A line while it is typed: its text and cursor, and everything that keys may do to them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

LIMIT = 254
KILLED_TEXTS = 10


class TypedLine:
    """The text and the cursor, with what can be brought back into the line. `history` has the oldest line first,
    `killed` the texts that were deleted, the last one last. `bells` counts what could not be done."""

    def __init__(self, history: Sequence[str] = (), killed: deque[str] | None = None) -> None:
        self.text = ""
        self.cursor = 0
        self.bells = 0
        # Which deleted text was put in last, and where; what comes right behind that may put another in its place.
        self.yanked: tuple[int, int] | None = None
        self._history = history
        self._recalled = len(history)
        self._typed = ""
        self._killed = killed if killed is not None else deque(maxlen=KILLED_TEXTS)

    def replace(self, text: str, cursor: int) -> None:
        """Have another text in the place of this one."""
        self.text, self.cursor = text[:LIMIT], min(cursor, LIMIT)

    def insert(self, text: str) -> None:
        """Put a text in at the cursor, where the line does not become too long by it."""
        if len(self.text) + len(text) > LIMIT:
            self.bells += 1
            return
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)
        self.yanked = None

    def go(self, cursor: int) -> None:
        """Move the cursor, at most to an end of the line."""
        self.cursor = min(max(cursor, 0), len(self.text))

    def cut(self, start: int, end: int, keep: bool = True) -> None:
        """Delete what stands between two places; with `keep` it can be put in again."""
        start, end = max(start, 0), min(end, len(self.text))
        if keep and start < end:
            self._killed.append(self.text[start:end])
        self.text, self.cursor = self.text[:start] + self.text[end:], start

    def word_start(self) -> int:
        """Where the word before the cursor begins."""
        before = self.text[: self.cursor].rstrip()
        return len(before.rpartition(" ")[0]) + (" " in before)

    def word_end(self) -> int:
        """Where the word behind the cursor ends."""
        rest = self.text[self.cursor :]
        blanks = len(rest) - len(rest.lstrip())
        return self.cursor + blanks + len(rest.lstrip().partition(" ")[0])

    def recall(self, step: int) -> None:
        """Go to an earlier line of the history (-1), or to a later one (1); behind the last is what was typed."""
        wanted = self._recalled + step
        if not 0 <= wanted <= len(self._history):
            self.bells += 1
            return
        if self._recalled == len(self._history):
            self._typed = self.text
        self._recalled = wanted
        self.text = self._history[wanted] if wanted < len(self._history) else self._typed
        self.cursor = len(self.text)

    def yank(self) -> None:
        """Put in what was deleted last."""
        self._put(len(self._killed) - 1)

    def yank_earlier(self) -> None:
        """Right behind a yank: put in what was deleted before that, in its place."""
        if self.yanked is None:
            self.yank()
            return
        index, start = self.yanked
        self.cut(start, self.cursor, keep=False)
        self._put(index - 1 if index else len(self._killed) - 1)

    def _put(self, index: int) -> None:
        if not self._killed:
            self.bells += 1
            return
        start = self.cursor
        self.insert(self._killed[index])
        self.yanked = index, start

    def swap(self) -> None:
        """Swap the characters before and at the cursor."""
        at = min(self.cursor, len(self.text) - 1)
        if at < 1:
            self.bells += 1
            return
        text = self.text
        self.text, self.cursor = text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :], at + 1

    def change_case(self, change: Callable[[str], str]) -> None:
        """Change the letters up to the end of the word."""
        end = self.word_end()
        word = self.text[self.cursor : end]
        blanks = len(word) - len(word.lstrip())
        self.text = self.text[: self.cursor] + word[:blanks] + change(word[blanks:]) + self.text[end:]
        self.cursor = end

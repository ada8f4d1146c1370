"""The error that a command handler raises."""

from __future__ import annotations


class CommandError(Exception):
    """A command was refused; the text is printed as it is. With `at` a typed word, or the end of one, is at fault:
    then the caret stands under it and the text is the usual one for invalid input."""

    def __init__(self, text: str = "", *, at: str | None = None) -> None:
        super().__init__(text or at)
        self.text = text
        self.at = at

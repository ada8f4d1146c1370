"""Files of saved configurations."""

from __future__ import annotations

from pathlib import Path

from iosemu.cli import NotTextError, text_of


class UnreadableError(Exception):
    """A file cannot be read; the text says which and why in one line."""


def read_saved(path: Path) -> str:
    """The text of a saved configuration; raises UnreadableError."""
    try:
        return text_of(path.read_bytes())
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}") from error
    except NotTextError as error:
        raise UnreadableError(f"{path}: this is not a text file") from error

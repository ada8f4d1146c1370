"""Files of saved configurations."""

from __future__ import annotations

import re
from pathlib import Path

from iosemu.cli import NotTextError, text_of

# What a router prints above the configuration that somebody then copies from the terminal.
_HEADER = re.compile(r"^(?:Building configuration\.\.\.|Current configuration : .*|Using \d+ out of .*)$", re.MULTILINE)


class UnreadableError(Exception):
    """A file cannot be read; the text says which and why in one line."""


def read_saved(path: Path) -> str:
    """The text of a saved configuration, with the numbers of its lines; raises UnreadableError."""
    try:
        return _HEADER.sub("!", text_of(path.read_bytes()))
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}") from error
    except NotTextError as error:
        raise UnreadableError(f"{path}: this is not a text file") from error

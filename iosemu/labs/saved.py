"""Files of saved configurations."""

from __future__ import annotations

import re
from pathlib import Path

from iosemu.cli import Caution, NotTextError, Refusal, load_config, text_of
from iosemu.features.assembly import build_grammar
from iosemu.router.router import Router

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


def load_saved(router: Router, text: str, source: str) -> tuple[list[str], bool]:
    """Load a configuration; returns what is to be said of its lines, in their order as `file:line: text  <- why`, and
    whether any was refused. The others were taken with a warning."""
    cautions: list[Caution] = []
    refusals = load_config(router, build_grammar(), text, warn=cautions.append)
    found: list[Refusal | Caution] = [*refusals, *cautions]
    found.sort(key=lambda item: item.number)
    return [f"{source}:{item.number}: {item.text}  <- {item.reason}" for item in found], bool(refusals)

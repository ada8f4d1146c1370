"""The error of this room."""

from __future__ import annotations


class PortError(Exception):
    """A port cannot be opened; the text says what to do about it."""

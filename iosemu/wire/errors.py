"""The one error of this room."""

from __future__ import annotations


class WireError(ValueError):
    """The octets are not what the protocol allows; the text says what and where."""

"""Where an interface's frames come from and go to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Port(Protocol):
    """One end of something that carries frames."""

    @property
    def framing(self) -> str:
        """ "ethernet" for Ethernet frames, "ip" for bare packets (TUN)."""

    @property
    def carrier(self) -> bool:
        """Whether the other side is there."""

    def connect(self, receive: Callable[[bytes], None], carrier_changed: Callable[[], None]) -> None:
        """Name the receiver of frames and of changes of the carrier."""

    def send(self, frame: bytes) -> None:
        """Send a frame; what cannot be sent is lost, as on a wire."""

    def close(self) -> None:
        """Give the host's resources back."""

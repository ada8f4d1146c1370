"""Where an interface's frames come from and go to."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Protocol

UNLIMITED = 0xFFFF


class Port(Protocol):
    """One end of something that carries frames. Ports derive from this class for what most of them do alike."""

    @property
    def framing(self) -> str:
        """ "ethernet" for Ethernet frames, "ip" for bare packets (TUN)."""

    @property
    def carrier(self) -> bool:
        """Whether the other side is there."""

    def connect(self, receive: Callable[[bytes], None], carrier_changed: Callable[[], None]) -> None:
        """Name the receiver of frames and of changes of the carrier. A damaged frame comes empty."""

    def send(self, frame: bytes) -> bool:
        """Send a frame; False when it could not even be queued."""

    def send_to(self, packet: bytes, neighbour: IPv4Address) -> bool:
        """Send a bare packet to a neighbour, on a port that has more than one and no Ethernet addresses."""
        return self.send(packet)

    def largest(self) -> int:
        """The largest packet that the other side's medium takes as it is, where that is known."""
        return UNLIMITED

    def close(self) -> None:
        """Give the host's resources back."""

    def resize(self, mtu: int) -> None:
        """Follow the interface's MTU, where the other side has one that is ours to set."""
        return

    def overruns(self) -> int:
        """Frames that came but were lost because nobody took them in time."""
        return 0

"""Sub-interfaces: IEEE 802.1Q tags on the port of another interface."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.router.interfaces import Interface
from iosemu.router.port import Port
from iosemu.wire.ethernet import TAGGED


class VlanPort(Port):
    """The port of a sub-interface: frames pass through its parent with a tag, those of the native VLAN without."""

    def __init__(self, parent: Interface, vlan: int, native: bool, now: Callable[[], float]) -> None:
        self._now = now
        self.parent = parent
        self.vlan = vlan
        self.native = native

    @property
    def framing(self) -> str:
        """Ethernet frames."""
        return "ethernet"

    @property
    def carrier(self) -> bool:
        """Whether the parent's line is up."""
        return self.parent.line_up

    def connect(self, receive: Callable[[bytes], None], carrier_changed: Callable[[], None]) -> None:
        """Frames are handed over by the link layer, and every commit looks at the carrier."""

    def send(self, frame: bytes) -> bool:
        """Send a frame with the tag."""
        if self.parent.port is None:
            return False
        sent = frame if self.native else frame[:12] + TAGGED + self.vlan.to_bytes(2, "big") + frame[12:]
        if not self.parent.port.send(sent):
            self.parent.counters.output_drops += 1
            return False
        self.parent.count_out(len(sent), self._now())
        return True

    def close(self) -> None:
        """The parent's port is closed by its own interface."""

"""Sub-interfaces: IEEE 802.1Q tags on the port of another interface."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.router.interfaces import Interface

TAG = b"\x81\x00"


class VlanPort:
    """The port of a sub-interface: frames pass through its parent with a tag, those of the native VLAN without."""

    framing = "ethernet"

    def __init__(self, parent: Interface, vlan: int, native: bool = False) -> None:
        self.parent = parent
        self.vlan = vlan
        self.native = native

    @property
    def carrier(self) -> bool:
        """Whether the parent's line is up."""
        return self.parent.line_up

    def connect(self, receive: Callable[[bytes], None], carrier_changed: Callable[[], None]) -> None:
        """Frames are handed over by the IP stack, and every commit looks at the carrier."""

    def send(self, frame: bytes) -> None:
        """Send a frame with the tag."""
        if self.parent.port is not None:
            counters = self.parent.counters
            counters.packets_out += 1
            sent = frame if self.native else frame[:12] + TAG + self.vlan.to_bytes(2, "big") + frame[12:]
            counters.octets_out += len(sent)
            self.parent.port.send(sent)

    def close(self) -> None:
        """The parent's port is closed by its own interface."""

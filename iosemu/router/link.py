"""Frames between the ports of interfaces and the protocols above: station addresses, EtherTypes, IEEE 802.1Q tags."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.router.clock import Clock
from iosemu.router.interfaces import Interface
from iosemu.wire.errors import WireError
from iosemu.wire.ethernet import BROADCAST, HEADER_LENGTH, IPV4, IPV6, TAGGED

# No tag has this number; the sub-interface of the native VLAN is found under it too.
UNTAGGED = 0


class LinkLayer:
    """The lowest floor of a router's packets: it takes frames from ports, and puts frames onto them. `receivers` take
    what frames carry, by EtherType, together with the interface it came in by; they raise WireError when it is
    malformed. `vlans` are the sub-interfaces by parent and tag."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.receivers: dict[bytes, Callable[[bytes, Interface], None]] = {}
        self.vlans: dict[tuple[Interface, int], Interface] = {}

    def receive(self, frame: bytes, interface: Interface) -> None:
        """Take a frame from an interface's port; whatever is wrong with it is counted."""
        if not interface.admin_up:
            return
        interface.count_in(len(frame), self._clock.now())
        try:
            if interface.port is not None and interface.port.framing == "ip":
                self._hand_over(IPV6 if frame[:1] and frame[0] >> 4 == 6 else IPV4, frame, interface)
            elif len(frame) < HEADER_LENGTH:
                raise WireError("short frame")
            elif frame[:6] == interface.mac or frame[0] & 1:
                interface.counters.broadcasts += frame[0] & 1
                interface.counters.multicasts += frame[0] & 1 and frame[:6] != BROADCAST
                kind = frame[12:HEADER_LENGTH]
                if self.vlans and kind != TAGGED and (interface, UNTAGGED) in self.vlans:
                    self.receive(frame, self.vlans[interface, UNTAGGED])
                elif kind == TAGGED:
                    self._receive_tagged(frame, interface)
                else:
                    self._hand_over(kind, frame[HEADER_LENGTH:], interface)
        except WireError:
            interface.counters.input_errors += 1

    def transmit(self, interface: Interface, frame: bytes, neighbour: IPv4Address | None = None) -> None:
        """Put a frame on an interface's port, where it has one that is up."""
        if interface.port is None or not interface.line_up:
            interface.counters.output_drops += 1
            return
        sent = interface.port.send(frame) if neighbour is None else interface.port.send_to(frame, neighbour)
        if sent:
            interface.count_out(len(frame), self._clock.now())
        else:
            interface.counters.output_drops += 1

    def forget_vlan(self, subinterface: Interface) -> None:
        """Hand nothing more to a sub-interface."""
        self.vlans = {key: item for key, item in self.vlans.items() if item is not subinterface}

    def _hand_over(self, kind: bytes, payload: bytes, interface: Interface) -> None:
        receive = self.receivers.get(kind)
        if receive is not None:
            receive(payload, interface)

    def _receive_tagged(self, frame: bytes, interface: Interface) -> None:
        """A frame for a sub-interface; the upper four bits beside its tag are the priority."""
        vlan = self.vlans.get((interface, int.from_bytes(frame[14:16], "big") & 0x0FFF))
        if vlan is not None:
            self.receive(frame[:12] + frame[16:], vlan)

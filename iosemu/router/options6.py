"""Extension headers of a packet that is addressed to us: what we do not know may say what becomes of the packet."""

from __future__ import annotations

from iosemu.router.icmp6 import Icmp6Host
from iosemu.router.interfaces import Interface
from iosemu.wire import icmpv6
from iosemu.wire.ipv6 import DESTINATION_OPTIONS, HEADER, HOP_BY_HOP, ROUTING, Packet6

PAD_1 = 0
# Options that every node knows: padding, and the router alert of RFC 2711.
KNOWN = (1, 5)


def examine(icmp: Icmp6Host, packet: Packet6, data: bytes, interface: Interface) -> bool:
    """Whether the packet may be looked at further; where its sender is to hear of it, that is done."""
    place = HEADER
    for extension in packet.extensions:
        if extension.kind in (HOP_BY_HOP, DESTINATION_OPTIONS):
            wrong = _unknown_option(extension.body[1:])
            if wrong is not None:
                offset, action = wrong
                # RFC 8200 section 4.2: 1 is silence, 2 an answer in any case, 3 only where it was meant for us alone.
                if action == 2 or (action == 3 and not packet.destination.is_multicast):
                    rest = place + 2 + offset
                    icmp.error(icmpv6.PARAMETER_PROBLEM, icmpv6.UNKNOWN_OPTION, data, interface, rest)
                return False
        elif extension.kind == ROUTING and extension.body[2]:
            # No kind of source route is followed (RFC 5095 for type 0): the segments left point at nobody.
            code = icmpv6.ERRONEOUS_FIELD
            icmp.error(icmpv6.PARAMETER_PROBLEM, code, data, interface, place + 2)
            return False
        place += 1 + len(extension.body)
    return True


def _unknown_option(options: bytes) -> tuple[int, int] | None:
    """Where the first option is that must not be skipped, and what its type asks for: 1 to 3."""
    place = 0
    while place < len(options):
        kind = options[place]
        if kind == PAD_1:
            place += 1
            continue
        if kind not in KNOWN and kind >> 6:
            return place, kind >> 6
        place += 2 + (options[place + 1] if place + 1 < len(options) else 0)
    return None

"""How long a translation lives after each of its packets."""

from __future__ import annotations

from iosemu.engines.nat.config import Timeouts
from iosemu.engines.nat.table import Translation
from iosemu.wire.ipv4 import ICMP, TCP, UDP

DNS = 53
FIN_OR_RST = 0x05


def follow(item: Translation, packet: bytes, outward: bool, timeouts: Timeouts, now: float) -> None:
    """Note a packet of a translation; one that is configured never ends."""
    item.used = now
    if item.protocol == TCP:
        start = (packet[0] & 0x0F) * 4
        item.answered |= not outward
        item.closing |= len(packet) > start + 13 and bool(packet[start + 13] & FIN_OR_RST)
    if item.expires is not None:
        item.expires = now + _seconds(item, timeouts)


def _seconds(item: Translation, timeouts: Timeouts) -> int:
    if item.protocol == TCP:
        return timeouts.finrst if item.closing else timeouts.tcp if item.answered else timeouts.syn
    if item.protocol == UDP:
        return timeouts.dns if item.remote is not None and item.remote.port == DNS else timeouts.udp
    return timeouts.icmp if item.protocol == ICMP else timeouts.simple

"""Ports of an address that many share: the own one if it can be, else another of its kind."""

from __future__ import annotations

from iosemu.engines.nat.config import NatConfig
from iosemu.engines.nat.flow import End
from iosemu.engines.nat.table import TranslationTable
from iosemu.wire.ipv4 import ICMP, TCP, UDP

# A port stays among those that are as privileged; an identifier of ICMP is one of all.
RANGES = (range(1, 512), range(512, 1024), range(1024, 65536))
IDENTIFIERS = range(65536)


def free_port(
    table: TranslationTable, config: NatConfig, protocol: int, inside: End, remote: End, address: int
) -> int | None:
    """A port of an address for a new flow; None when there is none left. What has no ports has but one place, 0."""

    def is_free(port: int) -> bool:
        outside = End(address, port)
        # What the router itself sends from the address keeps its port.
        taken = config.reserved(protocol, outside) and outside != inside
        if taken or table.holder(protocol, outside) not in (None, inside):
            return False
        return table.flow_outside(protocol, outside, remote) is None

    if protocol not in (TCP, UDP, ICMP):
        return 0 if is_free(0) else None
    among = IDENTIFIERS if protocol == ICMP else next((item for item in RANGES if inside.port in item), RANGES[2])
    first = inside.port if inside.port in among else among[0]
    if is_free(first):
        return first
    offset = first - among[0]
    others = (among[number % len(among)] for number in range(offset + 1, offset + len(among)))
    return next(filter(is_free, others), None)

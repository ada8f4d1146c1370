"""The rules of the engine, from the model."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address

from iosemu.engines.nat.config import DAY, Dynamic, NatConfig, Static, Timeouts, addresses_between
from iosemu.engines.nat.flow import End
from iosemu.features.acl.access_group import AccessGroupService
from iosemu.features.nat.config import DynamicLine, Nat, StaticLine
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire.ipv4 import TCP, UDP

PROTOCOLS = {"tcp": TCP, "udp": UDP, None: 0}


def configuration(router: Router) -> NatConfig:
    """What is translated to what now; a line whose interface has no address waits."""
    block = router.model.block(Nat)
    statics = [static for line in block.statics if (static := _static(router, line)) is not None]
    dynamics = [rule for line in _ordered(block) if (rule := _dynamic(router, block, line)) is not None]
    words = block.timeouts
    timeouts = Timeouts(
        words.get("timeout", DAY),
        words.get("tcp-timeout", DAY),
        words.get("syn-timeout", 60),
        words.get("finrst-timeout", 60),
        words.get("udp-timeout", 300),
        words.get("dns-timeout", 60),
        words.get("icmp-timeout", 60),
    )
    return NatConfig(tuple(statics), tuple(dynamics), timeouts, block.limit, partial(_reserved, router))


def _ordered(block: Nat) -> list[DynamicLine]:
    return sorted(block.dynamics.values(), key=lambda line: line.access_list)


def _static(router: Router, line: StaticLine) -> Static | None:
    outside = _address(router, line.outside) if isinstance(line.outside, InterfaceName) else line.outside
    if outside is None:
        return None
    ends = End(int(line.inside), line.ports[0]), End(int(outside), line.ports[1])
    return Static(*ends, PROTOCOLS[line.protocol])


def _dynamic(router: Router, block: Nat, line: DynamicLine) -> Dynamic | None:
    if isinstance(line.to, InterfaceName):
        address = _address(router, line.to)
        if address is None:
            return None
        addresses, name = addresses_between(address, address), str(line.to)
    elif line.to in block.pools:
        pool = block.pools[line.to]
        addresses, name = addresses_between(pool.first, pool.last), pool.name
    else:
        return None
    return Dynamic(name, Selector(router, line.access_list), addresses, line.overload)


def _address(router: Router, name: InterfaceName) -> IPv4Address | None:
    found = router.interfaces.get(name)
    return found.address if found is not None else None


def _reserved(router: Router, protocol: int, end: End) -> bool:
    """Whether the router itself serves a port of one of its addresses."""
    return protocol == UDP and end.port in router.ip.udp.ports and router.ip.is_local_number(end.address)


class Selector:
    """An access list as it is at the time of a packet; two of the same list are equal."""

    def __init__(self, router: Router, name: str) -> None:
        self._judge = router.service(AccessGroupService).judge
        self._name = name

    def __call__(self, packet: bytes) -> bool:
        return self._judge.selects(self._name, packet)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Selector) and other._name == self._name

    def __hash__(self) -> int:
        return hash(self._name)

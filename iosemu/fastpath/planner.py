"""What the router promises about all packets of a flow."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from itertools import count
from math import inf

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.tunnel import outer_header
from iosemu.fastpath.plan import Plan
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.features.gdoi.guard import Bypass, FailClose, GroupGuard
from iosemu.router.arp import AGE
from iosemu.router.interfaces import CRYPTO_IN, CRYPTO_OUT, Interface, Repeat
from iosemu.router.link import UNTAGGED
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire.ethernet import IPV4
from iosemu.wire.ipv4 import ESP


class Planner:
    """Asks what the forwarding path would: hooks, routes, ARP. A flow of which nothing can be promised gets none."""

    def __init__(self, router: Router, ports: Callable[[], set[InterfaceName]]) -> None:
        self._router = router
        self._ports = ports
        self._path = router.service(CryptoPath)
        # What counts for the hooks that are not asked again, by the number of the plan.
        self._repeats: dict[int, tuple[Repeat, ...]] = {}
        self._numbers = count(1)

    def plane_of(self, interface: InterfaceName) -> GroupDataPlane | None:
        """The one group that protects an interface; raises LookupError where something else has a say."""
        planes = []
        for guard in self._path.guards(interface):
            if isinstance(guard, GroupGuard):
                planes.append(guard.plane)
            elif not isinstance(guard, Bypass) and not (isinstance(guard, FailClose) and guard.is_open):
                raise LookupError(interface)
        if len(planes) > 1:
            raise LookupError(interface)
        return planes[0] if planes else None

    def plan(self, packet: bytes, interface: Interface, opened: bool) -> Plan | None:
        """A plan for a packet's flow, None where the router must see each packet."""
        try:
            return self._plan(packet, interface, opened)
        except LookupError:
            return None

    def count(self, number: int, packets: int) -> None:
        """So many packets went as a plan says."""
        for repeat in self._repeats.get(number, ()):
            repeat(packets)

    def forget(self, number: int) -> None:
        """A plan counts no more."""
        self._repeats.pop(number, None)

    def forget_all(self) -> None:
        """There is nobody who goes by a plan."""
        self._repeats.clear()

    def _plan(self, packet: bytes, interface: Interface, opened: bool) -> Plan | None:
        ip = self._router.ip
        destination = int.from_bytes(packet[16:20], "big")
        tagged_too = (interface, UNTAGGED) in self._router.link.vlans
        if destination >> 28 == 14 or ip.is_for_router(destination, interface) or tagged_too:
            return None
        stages = [stage for stage in interface.input_hooks if not opened or stage > CRYPTO_IN]
        repeats = _repeats(interface.input_hooks, stages, packet, interface)
        opener = self.plane_of(interface.name) if CRYPTO_IN in stages else None
        if opener is not None and packet[9] == ESP:
            return Plan(None, opener=id(opener), number=self._numbered(repeats))
        path = ip.routes_of(interface.vrf).lookup(destination)
        if path is None or path.interface.name not in self._ports() or not path.interface.line_up:
            return None
        out = path.interface
        sealer = self.plane_of(out.name) if CRYPTO_OUT in out.output_hooks else None
        # What follows encryption sees the ESP packet.
        sealed = sealer is not None and sealer.rule_for(packet) is not None
        outside = outer_header(packet[12:20], 8, packet[1], 0, 0) if sealed else packet
        before = [stage for stage in out.output_hooks if stage < CRYPTO_OUT]
        behind = [stage for stage in out.output_hooks if stage > CRYPTO_OUT]
        repeats += _repeats(out.output_hooks, before, packet, out) + _repeats(out.output_hooks, behind, outside, out)
        head, until = b"", inf
        if out.port is not None and out.port.framing == "ethernet":
            entry = ip.arp.find(out, path.next_hop or IPv4Address(destination))
            if entry is None or entry.mac is None:
                return None
            head, until = entry.mac + out.mac + IPV4, entry.learned_at + AGE
        planes = _number(opener), _number(sealer)
        return Plan(out.name, head, out.mtu, *planes, until, self._numbered(repeats))

    def _numbered(self, repeats: tuple[Repeat, ...]) -> int:
        if not repeats:
            return 0
        number = next(self._numbers)
        self._repeats[number] = repeats
        return number


def _number(plane: GroupDataPlane | None) -> int | None:
    return None if plane is None else id(plane)


def _repeats(hooks: object, stages: list[int], packet: bytes, interface: Interface) -> tuple[Repeat, ...]:
    """What stands for the hooks of some stages, those of encryption aside; raises LookupError where one must be asked
    for each packet."""
    assert isinstance(hooks, dict)
    found = []
    for stage in sorted(stages):
        if stage in (CRYPTO_IN, CRYPTO_OUT):
            continue
        ask = getattr(hooks[stage], "repeat", None)
        repeat = ask(packet, interface) if ask is not None else None
        if repeat is None:
            raise LookupError(stage)
        found.append(repeat)
    return tuple(found)

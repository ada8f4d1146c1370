"""The crypto map's place on the forwarding path: what leaves is encrypted, what comes in is decrypted, by guards."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.esp.verdict import UNKNOWN_SPI, Outcome, Verdict, flow_of
from iosemu.engines.ike.nat import NAT_PORT, NON_ESP_MARKER
from iosemu.features.crypto_map.config import CryptoMaps
from iosemu.features.crypto_map.provider import ConnectionIds, Guard, Provider
from iosemu.features.crypto_map.refusals import RefusalLog
from iosemu.router.interfaces import CRYPTO_IN, CRYPTO_OUT, Hook, Interface
from iosemu.router.names import InterfaceName
from iosemu.router.reassembly import Reassembler
from iosemu.router.router import Router
from iosemu.wire import icmp, icmpv6
from iosemu.wire.ipv4 import ESP, UDP, Packet
from iosemu.wire.ipv6 import EXTENSIONS, Packet6
from iosemu.wire.isakmp import ISAKMP_PORT
from iosemu.wire.neighbor import is_discovery

# Where the addresses of an IPv4 packet stand.
SOURCE, DESTINATION = 12, 16


class CryptoPath:
    """Encrypts on the way out and decrypts on the way in, by the guards of the interface in the order of the map.

    Whoever makes SAs takes one of `connection_ids` for each. `drops` counts what was refused in either direction."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.providers: list[Provider] = []
        self.connection_ids = ConnectionIds()
        self.drops: dict[InterfaceName, int] = {}
        self._guards: dict[tuple[InterfaceName, bool], list[Guard]] = {}
        self._refusals = RefusalLog(router.syslog)
        self._reassembler = Reassembler()

    def reconcile(self) -> None:
        """The features behind the entries know when to `install`."""

    def stop(self) -> None:
        """The hooks go with the interfaces."""

    def install(self) -> None:
        """Set the hooks of interfaces with guards, and remove all others."""
        places = self._router.model.block(CryptoMaps).placed
        self._guards = {(name, ipv6): found for name, _, ipv6 in places if (found := self._collect(name, ipv6))}
        for interface in self._router.interfaces:
            guarded = bool(self.guards(interface.name))
            _set(interface.input_hooks, CRYPTO_IN, self._inbound if guarded else None)
            _set(interface.output_hooks, CRYPTO_OUT, self._outbound if guarded else None)
            guarded = bool(self.guards(interface.name, ipv6=True))
            _set(interface.input_hooks6, CRYPTO_IN, self._inbound6 if guarded else None)
            _set(interface.output_hooks6, CRYPTO_OUT, self._outbound6 if guarded else None)

    def guards(self, interface: InterfaceName, ipv6: bool = False) -> list[Guard]:
        """What is installed on an interface for a family, in order."""
        return self._guards.get((interface, ipv6), [])

    def _collect(self, interface: InterfaceName, ipv6: bool) -> list[Guard]:
        found = [item for provider in self.providers for item in provider.guards(interface, ipv6)]
        return [guard for _, guard in sorted(found, key=lambda item: item[0])]

    def _outbound(self, packet: bytes, interface: Interface) -> list[bytes]:
        if self._is_own_ike(packet, SOURCE, interface):
            return [packet]
        return self._protect(packet, interface, self._guards[interface.name, False], interface.mtu)

    def _outbound6(self, packet: bytes, interface: Interface) -> list[bytes]:
        if is_discovery(packet):
            return [packet]
        return self._protect(packet, interface, self._guards[interface.name, True], interface.mtu6)

    def _protect(self, packet: bytes, interface: Interface, guards: list[Guard], mtu: int) -> list[bytes]:
        now = self._router.clock.now()
        for guard in guards:
            verdict = guard.outbound(packet, now, mtu)
            if verdict.outcome is Outcome.PROTECTED:
                return list(verdict.packets)
            if verdict.outcome is Outcome.TOO_BIG:
                self._tell_source(packet, interface, verdict.mtu)
                return []
            if verdict.outcome is Outcome.DROPPED:
                interface.counters.output_drops += 1
                self._count_drop(interface)
                return []
        return [packet]

    def _tell_source(self, packet: bytes, interface: Interface, mtu: int) -> None:
        """The source of a packet that is too large learns what fits."""
        if packet[0] >> 4 == 6:
            self._router.ip6.icmp.error(icmpv6.PACKET_TOO_BIG, 0, packet, interface, mtu)
            return
        ip = self._router.ip
        source = ip.source_for(IPv4Address(packet[SOURCE:DESTINATION]), interface.vrf) or interface.address
        ip.icmp.error(icmp.UNREACHABLE, icmp.FRAGMENTATION_NEEDED, packet, source, mtu, interface.vrf)

    def _inbound(self, packet: bytes, interface: Interface) -> list[bytes]:
        """Pieces of ESP are put together wherever they are addressed to: a group keeps the addresses of the hosts."""
        now = self._router.clock.now()
        fragment = packet[6] & 0x3F or packet[7]
        if fragment and (packet[9] == ESP or (packet[9] == UDP and self._is_own(packet, DESTINATION, interface))):
            whole = self._reassembler.add(Packet.parse(packet), now)
            if whole is None:
                return []
            packet = whole.pack()
        if self._is_own_ike(packet, DESTINATION, interface):
            return [packet]
        return self._open(packet, interface, self._guards[interface.name, False], now)

    def _inbound6(self, packet: bytes, interface: Interface) -> list[bytes]:
        """The same for IPv6; neighbour discovery passes."""
        if is_discovery(packet):
            return [packet]
        now = self._router.clock.now()
        if packet[6] in EXTENSIONS:
            parsed = Packet6.parse(packet)
            if parsed.fragment is not None and parsed.protocol == ESP:
                whole = self._reassembler.add6(parsed, now)
                if whole is None:
                    return []
                packet = whole.pack()
        return self._open(packet, interface, self._guards[interface.name, True], now)

    def _open(self, packet: bytes, interface: Interface, guards: list[Guard], now: float) -> list[bytes]:
        unknown: Verdict | None = None
        for guard in _concerned(packet, guards, now):
            verdict = guard.inbound(packet, now)
            if verdict.outcome is Outcome.PROTECTED:
                return list(verdict.packets)
            if verdict.outcome is Outcome.CLEAR:
                continue
            if verdict.reason != UNKNOWN_SPI:
                return self._refuse(packet, verdict, interface)
            unknown = verdict
        return [packet] if unknown is None else self._refuse(packet, unknown, interface)

    def _refuse(self, packet: bytes, verdict: Verdict, interface: Interface) -> list[bytes]:
        interface.counters.input_drops += 1
        self._count_drop(interface)
        self._refusals.tell(packet, verdict, self._router.clock.now())
        return []

    def _count_drop(self, interface: Interface) -> None:
        self.drops[interface.name] = self.drops.get(interface.name, 0) + 1

    def _is_own_ike(self, packet: bytes, end: int, interface: Interface) -> bool:
        """Whether a packet is one of IKE with the router itself at one end (SOURCE or DESTINATION): that is never
        protected. The port of GDOI is not among it: a group's policy has to leave it out."""
        if packet[9] != UDP or not self._is_own(packet, end, interface):
            return False
        start = (packet[0] & 0x0F) * 4
        ports = {int.from_bytes(packet[start : start + 2], "big"), int.from_bytes(packet[start + 2 : start + 4], "big")}
        if ISAKMP_PORT in ports:
            return True
        # Behind the UDP header: four zero octets in front of IKE, else ESP (RFC 3948 section 2).
        return NAT_PORT in ports and (packet[start + 8 : start + 12] == NON_ESP_MARKER or len(packet) < start + 16)

    def _is_own(self, packet: bytes, end: int, interface: Interface) -> bool:
        """Whether an address of a packet is one of ours."""
        return self._router.ip.is_local_number(int.from_bytes(packet[end : end + 4], "big"), interface.vrf)


def _set(hooks: dict[int, Hook], stage: int, hook: Hook | None) -> None:
    if hook is not None:
        hooks[stage] = hook
    else:
        hooks.pop(stage, None)


def _concerned(packet: bytes, guards: list[Guard], now: float) -> list[Guard]:
    """Where several guards keep SAs, ESP is for the one that knows its SPI: for the others it is no error."""
    if len(guards) == 1 or flow_of(packet)[0] not in (ESP, UDP):
        return guards
    known = [guard.knows(packet, now) for guard in guards]
    if True not in known:
        return guards
    return [guard for guard, knows in zip(guards, known, strict=True) if knows is not False]

"""The crypto map's place on the forwarding path, and what the features behind its entries have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.engines.esp.verdict import (
    ADDRESSES_DIFFER,
    BAD_ICV,
    NOT_IPSEC,
    REPLAYED,
    UNKNOWN_SPI,
    WRONG_SELECTORS,
    Outcome,
    Verdict,
    ends_of,
    esp_offset,
    flow_of,
)
from iosemu.engines.ike.nat import NAT_PORT, NON_ESP_MARKER
from iosemu.features.crypto_map.config import CryptoMaps, MapEntry
from iosemu.router.interfaces import CRYPTO_IN, CRYPTO_OUT, Interface
from iosemu.router.names import InterfaceName
from iosemu.router.reassembly import Reassembler
from iosemu.router.router import Router
from iosemu.wire import icmp, icmpv6
from iosemu.wire.ipv4 import ESP, UDP, Packet
from iosemu.wire.ipv6 import EXTENSIONS, Packet6
from iosemu.wire.isakmp import ISAKMP_PORT
from iosemu.wire.neighbor import is_discovery
from iosemu.wire.udp import HEADER_LENGTH as UDP_HEADER

# A message about a refused packet at most this often (seconds), as IOS limits them.
LOG_INTERVAL = 60.0


class Guard(Protocol):
    """Protects and judges packets for an entry of a map, or for several that follow each other."""

    def outbound(self, packet: bytes, now: float, mtu: int) -> Verdict:
        """Judge a packet that is about to leave by an interface of an MTU; CLEAR leaves it to the next guard."""

    def inbound(self, packet: bytes, now: float) -> Verdict:
        """Judge a packet that came in; CLEAR leaves it to the next guard."""


class Provider(Protocol):
    """The feature behind a kind of entry. It registers with the path, and calls `install` when its guards change."""

    def guards(self, interface: InterfaceName, ipv6: bool) -> list[tuple[int, Guard]]:
        """What its entries for a family do on an interface, by sequence number."""

    def local_address(self, interface: InterfaceName, ipv6: bool) -> IPv4Address | None:
        """The address that these entries speak from; None without any."""

    def flows(self, interface: InterfaceName, ipv6: bool, detail: bool) -> list[FlowBlock]:
        """Their flows for `show crypto ipsec sa`."""

    def sessions(self, interface: InterfaceName, ipv6: bool, detail: bool) -> list[list[str]]:
        """Their sessions for `show crypto session`: the lines of each below `Interface:`."""

    def connections(self) -> list[Connection]:
        """Its data SAs for `show crypto engine connections active`."""

    def describe(self, name: str, entry: MapEntry) -> list[str] | None:
        """An entry of a map for `show crypto map`, below its heading; None for one of another kind."""


@dataclass(frozen=True, slots=True)
class FlowBlock:
    """The lines of a flow, with what `show crypto ipsec sa` can be narrowed by."""

    peer: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Connection:
    """One direction of an SA: algorithms as `AES256+SHA256`, packets, the last sequence number, the address shown."""

    connection_id: int
    algorithms: str
    encrypted: int
    decrypted: int
    sequence: int
    address: str


class ConnectionIds(Iterator[int]):
    """1, 3, 5 ...: an SA for receiving has such a number, that for sending the one behind it. `made` counts them."""

    def __init__(self) -> None:
        self.made = 0

    def __next__(self) -> int:
        self.made += 1
        return 2 * self.made - 1


class CryptoPath:
    """Encrypts on the way out and decrypts on the way in, by the guards of the interface in the order of the map.

    Whoever makes SAs takes one of `connection_ids` for each. `drops` counts what was refused in either direction."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.providers: list[Provider] = []
        self.connection_ids = ConnectionIds()
        self.drops: dict[InterfaceName, int] = {}
        self._guards: dict[tuple[InterfaceName, bool], list[Guard]] = {}
        self._logged: dict[str, float] = {}
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
            for ipv6, hooks in ((False, interface.input_hooks), (True, interface.input_hooks6)):
                if (interface.name, ipv6) in self._guards:
                    hooks[CRYPTO_IN] = self._inbound6 if ipv6 else self._inbound
                else:
                    hooks.pop(CRYPTO_IN, None)
            for ipv6, hooks in ((False, interface.output_hooks), (True, interface.output_hooks6)):
                if (interface.name, ipv6) in self._guards:
                    hooks[CRYPTO_OUT] = self._outbound6 if ipv6 else self._outbound
                else:
                    hooks.pop(CRYPTO_OUT, None)

    def guards(self, interface: InterfaceName, ipv6: bool = False) -> list[Guard]:
        """What is installed on an interface for a family, in order."""
        return self._guards.get((interface, ipv6), [])

    def _collect(self, interface: InterfaceName, ipv6: bool) -> list[Guard]:
        found = [item for provider in self.providers for item in provider.guards(interface, ipv6)]
        return [guard for _, guard in sorted(found, key=lambda item: item[0])]

    def _outbound(self, packet: bytes, interface: Interface) -> list[bytes]:
        if self._is_own_ike(packet, 12, interface):
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
        source = ip.source_for(IPv4Address(packet[12:16]), interface.vrf) or interface.address
        ip.icmp.error(icmp.UNREACHABLE, icmp.FRAGMENTATION_NEEDED, packet, source, mtu, interface.vrf)

    def _inbound(self, packet: bytes, interface: Interface) -> list[bytes]:
        """Pieces of ESP are put together wherever they are addressed to: a group keeps the addresses of the hosts."""
        now = self._router.clock.now()
        fragment = packet[6] & 0x3F or packet[7]
        if fragment and (packet[9] == ESP or (packet[9] == UDP and self._is_own(packet, 16, interface))):
            whole = self._reassembler.add(Packet.parse(packet), now)
            if whole is None:
                return []
            packet = whole.pack()
        if self._is_own_ike(packet, 16, interface):
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
        for guard in guards:
            verdict = guard.inbound(packet, now)
            if verdict.outcome is Outcome.PROTECTED:
                return list(verdict.packets)
            if verdict.outcome is Outcome.CLEAR:
                continue
            if verdict.reason != UNKNOWN_SPI:
                return self._refuse(packet, verdict, interface)
            # The SPI may be that of another entry.
            unknown = verdict
        return [packet] if unknown is None else self._refuse(packet, unknown, interface)

    def _refuse(self, packet: bytes, verdict: Verdict, interface: Interface) -> list[bytes]:
        interface.counters.input_drops += 1
        self._count_drop(interface)
        source, destination = (str(end).upper() for end in ends_of(packet))
        protocol, offset = flow_of(packet)[0], esp_offset(packet)
        if offset < 0:
            offset = (packet[0] & 0x0F) * 4 + UDP_HEADER
        spi = int.from_bytes(packet[offset : offset + 4], "big")
        if verdict.reason == NOT_IPSEC:
            text = f"Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /{destination}, src_addr= {source},"
            self._log("RECVD_PKT_NOT_IPSEC", f"{text} prot= {protocol}")
        elif verdict.reason == UNKNOWN_SPI:
            text = f"decaps: rec'd IPSEC packet has invalid spi for destaddr={destination}, prot={ESP},"
            self._log("RECVD_PKT_INV_SPI", f"{text} spi=0x{spi:X}({spi}), srcaddr={source}")
        elif verdict.reason in (ADDRESSES_DIFFER, WRONG_SELECTORS):
            text = f"identity doesn't match negotiated identity (ip) dest_addr= {destination}, src_addr= {source},"
            self._log("RECVD_PKT_INV_IDENTITY", f"{text} prot= {protocol}")
        elif verdict.reason == BAD_ICV:
            text = f"decrypt: mac verify failed for connection id={verdict.connection_id}"
            self._log("RECVD_PKT_MAC_ERR", text)
        elif verdict.reason == REPLAYED:
            sequence = int.from_bytes(packet[offset + 4 : offset + 8], "big")
            text = f"decrypt: replay check failed connection id={verdict.connection_id}, sequence number={sequence}"
            self._log("PKT_REPLAY_ERR", text)
        return []

    def _count_drop(self, interface: Interface) -> None:
        self.drops[interface.name] = self.drops.get(interface.name, 0) + 1

    def _log(self, mnemonic: str, text: str) -> None:
        now = self._router.clock.now()
        if now >= self._logged.get(mnemonic, -LOG_INTERVAL) + LOG_INTERVAL:
            self._logged[mnemonic] = now
            self._router.syslog.log("CRYPTO", 4, mnemonic, text)

    def _is_own_ike(self, packet: bytes, offset: int, interface: Interface) -> bool:
        """What this router itself says and hears as an IKE speaker is never protected. The port of GDOI is not among
        that: a group's policy has to leave it out."""
        if packet[9] != UDP or not self._is_own(packet, offset, interface):
            return False
        start = (packet[0] & 0x0F) * 4
        ports = {int.from_bytes(packet[start : start + 2], "big"), int.from_bytes(packet[start + 2 : start + 4], "big")}
        if ISAKMP_PORT in ports:
            return True
        # Behind the UDP header: four zero octets in front of IKE, else ESP (RFC 3948 section 2).
        return NAT_PORT in ports and (packet[start + 8 : start + 12] == NON_ESP_MARKER or len(packet) < start + 16)

    def _is_own(self, packet: bytes, offset: int, interface: Interface) -> bool:
        """Whether the address at an offset is one of ours."""
        return self._router.ip.is_local_number(int.from_bytes(packet[offset : offset + 4], "big"), interface.vrf)

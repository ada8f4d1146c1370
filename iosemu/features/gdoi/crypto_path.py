"""The crypto map's place on the forwarding path."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.engines.esp.policy import NOT_IPSEC, UNKNOWN_SPI, Outcome, Verdict
from iosemu.router.interfaces import CRYPTO_IN, CRYPTO_OUT, Interface
from iosemu.router.router import Router
from iosemu.wire.gdoi import GDOI_PORT
from iosemu.wire.ipv4 import ESP, UDP, fragments

if TYPE_CHECKING:
    from iosemu.features.gdoi.member_role import MemberRole, Membership

# A message about a refused packet at most this often (seconds), as IOS limits them.
LOG_INTERVAL = 60.0


class CryptoPath:
    """Encrypts on the way out and decrypts on the way in, by the memberships of the interface, in map order."""

    def __init__(self, router: Router, role: MemberRole) -> None:
        self._router = router
        self._role = role
        self._logged: dict[str, float] = {}

    def install(self) -> None:
        """Set the hooks of interfaces with memberships, and remove all others."""
        used = {item.interface for item in self._role.memberships.values()}
        for interface in self._router.interfaces:
            if interface.name in used:
                interface.input_hooks[CRYPTO_IN] = self._inbound
                interface.output_hooks[CRYPTO_OUT] = self._outbound
            else:
                interface.input_hooks.pop(CRYPTO_IN, None)
                interface.output_hooks.pop(CRYPTO_OUT, None)

    def _on(self, interface: Interface) -> Iterable[Membership]:
        return (item for item in self._role.memberships.values() if item.interface == interface.name)

    def _outbound(self, packet: bytes, interface: Interface) -> list[bytes]:
        if self._is_own_gdoi(packet, 12, interface):
            return [packet]
        now = self._router.clock.now()
        for membership in self._on(interface):
            verdict = membership.plane.outbound(packet, now)
            if verdict.outcome is Outcome.PROTECTED:
                return self._fitting(packet, verdict.packet, membership, interface, now)
            if verdict.outcome is Outcome.DROPPED:
                interface.counters.output_drops += 1
                return []
        return [packet]

    def _fitting(
        self, packet: bytes, protected: bytes, membership: Membership, interface: Interface, now: float
    ) -> list[bytes]:
        """Fragment before encryption where that is allowed, so that receivers need not reassemble ESP."""
        if len(protected) <= interface.mtu or packet[6] & 0x40:
            return [protected]
        growth = len(protected) - len(packet)
        pieces = fragments(packet, interface.mtu - growth - 16)
        return [membership.plane.outbound(piece, now).packet for piece in pieces]

    def _inbound(self, packet: bytes, interface: Interface) -> list[bytes]:
        if self._is_own_gdoi(packet, 16, interface):
            return [packet]
        now = self._router.clock.now()
        unknown: Verdict | None = None
        for membership in self._on(interface):
            verdict = membership.plane.inbound(packet, now)
            if verdict.outcome is Outcome.PROTECTED:
                return [verdict.packet]
            if verdict.outcome is Outcome.CLEAR:
                continue
            if verdict.reason != UNKNOWN_SPI:
                return self._refuse(packet, verdict, interface)
            # Another group of the same map may have the SPI; a member that holds no keys yet cannot judge.
            unknown = verdict if membership.plane.sas else unknown
        return [packet] if unknown is None else self._refuse(packet, unknown, interface)

    def _refuse(self, packet: bytes, verdict: Verdict, interface: Interface) -> list[bytes]:
        interface.counters.input_drops += 1
        source, destination = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
        if verdict.reason == NOT_IPSEC:
            text = f"Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /{destination}, src_addr= {source},"
            self._log("RECVD_PKT_NOT_IPSEC", f"{text} prot= {packet[9]}")
        elif verdict.reason == UNKNOWN_SPI:
            offset = (packet[0] & 0x0F) * 4
            spi = int.from_bytes(packet[offset : offset + 4], "big")
            text = f"decaps: rec'd IPSEC packet has invalid spi for destaddr={destination}, prot={ESP},"
            self._log("RECVD_PKT_INV_SPI", f"{text} spi=0x{spi:X}({spi}), srcaddr={source}")
        elif verdict.reason == "mac verify failed":
            self._log("RECVD_PKT_MAC_ERR", "decrypt: mac verify failed for connection id=1")
        return []

    def _log(self, mnemonic: str, text: str) -> None:
        now = self._router.clock.now()
        if now >= self._logged.get(mnemonic, -LOG_INTERVAL) + LOG_INTERVAL:
            self._logged[mnemonic] = now
            self._router.syslog.log("CRYPTO", 4, mnemonic, text)

    def _is_own_gdoi(self, packet: bytes, offset: int, interface: Interface) -> bool:
        """Registration and rekeys of this router itself are never protected by the group."""
        if packet[9] != UDP or not self._router.ip.is_local(IPv4Address(packet[offset : offset + 4]), interface.vrf):
            return False
        start = (packet[0] & 0x0F) * 4
        ports = packet[start : start + 2], packet[start + 2 : start + 4]
        return GDOI_PORT.to_bytes(2, "big") in ports

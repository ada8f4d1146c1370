"""A membership on the forwarding path: before registration fail-open or fail-close, then the group's policy."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.verdict import CLEAR, STALE, UNKNOWN_SPI, Outcome, Verdict, flow_of, to_group
from iosemu.router.ip import IpStack
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.ipv4 import UDP

if TYPE_CHECKING:
    from iosemu.features.gdoi.members.membership import Membership

FAIL_CLOSED = Verdict(Outcome.DROPPED, reason="fail-close before registration")


class GroupGuard:
    """Judges packets for one membership. `on_error` hears of what a recovery check counts."""

    def __init__(self, membership: Membership, on_error: Callable[[Membership, Verdict, bytes], None]) -> None:
        self._membership = membership
        self._on_error = on_error

    @property
    def plane(self) -> GroupDataPlane:
        """What judges."""
        return self._membership.plane

    def outbound(self, packet: bytes, now: float, mtu: int) -> Verdict:
        """Encrypt what the policy asks for."""
        return self._membership.plane.outbound(packet, now, mtu)

    def inbound(self, packet: bytes, now: float) -> Verdict:
        """Decrypt; refuse what should have been encrypted."""
        verdict = self._membership.plane.inbound(packet, now)
        if verdict.reason in (UNKNOWN_SPI, STALE):
            self._on_error(self._membership, verdict, packet)
        return verdict

    def knows(self, packet: bytes, now: float) -> bool:
        """Whether the group has the SA of an ESP packet."""
        return self._membership.plane.knows(packet, now)


class Bypass:
    """`client bypass-policy`: what this router itself says and hears on the GDOI port passes in any case."""

    def __init__(self, ip: IpStack, vrf: str) -> None:
        self._ip = ip
        self._vrf = vrf

    def outbound(self, packet: bytes, now: float, mtu: int) -> Verdict:
        """Let own GDOI traffic out."""
        return Verdict(Outcome.PROTECTED, (packet,)) if self._is_own(packet, 12) else CLEAR

    def inbound(self, packet: bytes, now: float) -> Verdict:
        """Let GDOI traffic for this router in."""
        return Verdict(Outcome.PROTECTED, (packet,)) if self._is_own(packet, 16) else CLEAR

    def knows(self, packet: bytes, now: float) -> None:
        """There are no SAs."""

    def _is_own(self, packet: bytes, offset: int) -> bool:
        if packet[9] != UDP or not self._ip.is_local(IPv4Address(packet[offset : offset + 4]), self._vrf):
            return False
        return GDOI_PORT in (flow_of(packet)[2], flow_of(packet)[4])


class FailClose:
    """`gdoi fail-close`: until all groups of a map are registered, only what a deny entry names may pass.

    The local lists come first, then the list of the block; behind both stands a permit of everything, which drops.
    """

    def __init__(self, local: tuple[AclEntry, ...], entries: tuple[AclEntry, ...], closed: Callable[[], bool]) -> None:
        self._outbound = (*local, *entries)
        self._inbound = tuple(entry.mirrored() for entry in self._outbound)
        self._closed = closed

    @property
    def is_open(self) -> bool:
        """Whether it has no say any more."""
        return not self._closed()

    def outbound(self, packet: bytes, now: float, mtu: int) -> Verdict:
        """Judge a packet that is about to leave."""
        return self._judge(packet, self._outbound)

    def inbound(self, packet: bytes, now: float) -> Verdict:
        """Judge a packet that came in."""
        # As in a group's policy, packets to groups match as they were sent.
        return self._judge(packet, self._outbound if to_group(packet) else self._inbound)

    def knows(self, packet: bytes, now: float) -> None:
        """There are no SAs."""

    def _judge(self, packet: bytes, entries: tuple[AclEntry, ...]) -> Verdict:
        if not self._closed():
            return CLEAR
        flow = flow_of(packet)
        found = next((entry for entry in entries if entry.matches(*flow)), None)
        return CLEAR if found is not None and not found.permit else FAIL_CLOSED

"""The guard of tunnels on the forwarding path, tied to the speaker."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.engines.esp.verdict import UNKNOWN_SPI, Verdict
from iosemu.engines.ipsec.guard import TunnelGuard
from iosemu.wire.ipv4 import ESP


class WakingGuard:
    """Calls `wake` behind each packet, because it may have set a negotiation going, and `unknown` with ESP whose SPI is
    that of no SA."""

    def __init__(self, guard: TunnelGuard, wake: Callable[[], None], unknown: Callable[[bytes], None]) -> None:
        self._guard = guard
        self._wake = wake
        self._unknown = unknown

    def outbound(self, packet: bytes, now: float, mtu: int) -> Verdict:
        """Judge a packet that is about to leave."""
        verdict = self._guard.outbound(packet, now, mtu)
        self._wake()
        return verdict

    def knows(self, packet: bytes, now: float) -> bool:
        """Whether a tunnel has the SA of an ESP packet."""
        return self._guard.knows(packet, now)

    def inbound(self, packet: bytes, now: float) -> Verdict:
        """Judge a packet that came in."""
        verdict = self._guard.inbound(packet, now)
        self._wake()
        if verdict.reason == UNKNOWN_SPI and packet[9] == ESP:
            self._unknown(packet)
        return verdict

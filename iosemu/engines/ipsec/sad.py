"""The SAs that are there: by SPI, by peer, and by when something is due for them (RFC 4301 section 4.4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import earliest
from iosemu.engines.deadlines import Deadlines
from iosemu.engines.ipsec.sa import SaPair

# SPIs up to 255 are reserved (RFC 4303 section 2.1).
FIRST_SPI = 256


class SaDatabase:
    """Pairs, the newest last. A look costs the same however many there are."""

    def __init__(self) -> None:
        self._inbound: dict[bytes, SaPair] = {}
        self._outbound: dict[tuple[IPv4Address, bytes], SaPair] = {}
        self._confirmed: dict[IPv4Address, int] = {}
        self._deadlines: Deadlines[bytes] = Deadlines()

    def __iter__(self) -> Iterator[SaPair]:
        return iter(list(self._inbound.values()))

    def receiving(self, spi: bytes) -> SaPair | None:
        """The pair that receives with an SPI of ours."""
        return self._inbound.get(spi)

    def sending(self, peer: IPv4Address, spi: bytes) -> SaPair | None:
        """The pair that sends with an SPI of a peer."""
        return self._outbound.get((peer, spi))

    def serves(self, peer: IPv4Address) -> bool:
        """Whether there are SAs that a peer has too."""
        return peer in self._confirmed

    def fresh_spi(self, random: RandomBytes) -> bytes:
        """An SPI that is not in use."""
        while int.from_bytes(spi := random(4), "big") < FIRST_SPI or spi in self._inbound:
            pass
        return spi

    def add(self, pair: SaPair) -> None:
        """Take a pair."""
        self._inbound[pair.inbound.spi] = pair
        self._outbound[pair.remote.address, pair.outbound.spi] = pair
        self.arm(pair)

    def confirm(self, pair: SaPair) -> bool:
        """The peer has the pair too; tells whether it is the first such one with it."""
        pair.confirmed = True
        peer = pair.remote.address
        self._confirmed[peer] = self._confirmed.get(peer, 0) + 1
        return self._confirmed[peer] == 1

    def remove(self, pair: SaPair) -> bool:
        """Forget a pair; tells whether it was the last one in use with its peer."""
        peer = pair.remote.address
        self._deadlines.set(pair.inbound.spi, None)
        del self._inbound[pair.inbound.spi]
        self._outbound.pop((peer, pair.outbound.spi), None)
        if not pair.confirmed:
            return False
        self._confirmed[peer] -= 1
        if self._confirmed[peer]:
            return False
        del self._confirmed[peer]
        return True

    def arm(self, pair: SaPair) -> None:
        """Find the deadline of a pair again."""
        idle = pair.policy.idle_time
        idle_at = pair.used_at + idle if idle is not None else None
        self._deadlines.set(pair.inbound.spi, earliest(pair.expires_at, pair.rekey_at, pair.switch_at, idle_at))

    def next_timer(self) -> float | None:
        """When something is due for a pair."""
        return self._deadlines.next()

    def pop_due(self, now: float) -> Iterator[SaPair]:
        """The pairs for which something is due; the caller arms them again."""
        for spi in self._deadlines.pop_due(now):
            pair = self._inbound.get(spi)
            if pair is not None:
                yield pair

"""The last push under keys that the key server has forgotten: members that it sends away must all hear of it."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.common import Datagram
from iosemu.engines.gdoi import acknowledgement
from iosemu.engines.gdoi.config import KekPolicy
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.gdoi.rounds import RekeyRounds
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import Header


class Farewell:
    """Goes on with the batches and retransmissions of a push after keys and members are forgotten."""

    def __init__(self, rounds: RekeyRounds, kek: Kek, policy: KekPolicy) -> None:
        self._rounds = rounds
        self._kek = kek
        self._policy = policy

    @property
    def over(self) -> bool:
        """Whether nothing is left to be done."""
        return self.next_timer() is None

    def owns(self, spi: bytes) -> bool:
        """Whether a cookie pair is that of the push."""
        return self._kek.spi == spi

    def acknowledged(self, header: Header, data: bytes) -> None:
        """Take an acknowledgement of the push; what is not genuine changes nothing."""
        try:
            sequence, address = acknowledgement.verify(self._kek, header, data)
        except WireError:
            return
        self._rounds.acknowledged(self._kek, sequence, address)

    def forget(self, address: IPv4Address) -> None:
        """A member is back already."""
        self._rounds.forget(address)

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now. Who stays silent is not reported: the key server knows nobody any more."""
        self._rounds.take_events()
        return self._rounds.take_datagrams()

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return self._rounds.next_timer()

    def handle_timer(self, now: float) -> None:
        """Send the next batch, or again."""
        self._rounds.handle_timer(self._policy, now)

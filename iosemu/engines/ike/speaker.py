"""What all parts of a phase 1 engine share: the SAs, their deadlines, and what goes out."""

from __future__ import annotations

from enum import Enum

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Datagram, Event
from iosemu.engines.deadlines import Deadlines
from iosemu.engines.ike import fragmentation, informational
from iosemu.engines.ike.config import IkeConfig
from iosemu.engines.ike.dpd import PeerWatch
from iosemu.engines.ike.events import PeerRestarted, SaDeleted
from iosemu.engines.ike.negotiations import Negotiations
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.table import SaTable
from iosemu.engines.ike.vendor import joins_fragments
from iosemu.wire.isakmp import Payload


class Timer(Enum):
    """What is due for an SA."""

    NEGOTIATION = "retransmit, give up, or forget the last answer"
    EXPIRY = "end of life"
    PROBE = "ask whether the peer lives"
    NAT_KEEPALIVE = "keep the NAT's entry alive"


class Speaker:
    """The state of an engine and what can be done with an SA whatever it is at."""

    def __init__(self, config: IkeConfig, random: RandomBytes) -> None:
        self.config = config
        self.random = random
        self.table = SaTable()
        self.negotiations = Negotiations()
        self.watch = PeerWatch(random)
        self.deadlines: Deadlines[tuple[Timer, int]] = Deadlines()
        self.datagrams: list[Datagram] = []
        self.events: list[Event] = []
        self._fragment_id = 0

    def arm(self, timer: Timer, sa: IsakmpSa, time: float | None) -> None:
        """Set a deadline of an SA, or take it away."""
        self.deadlines.set((timer, sa.connection_id), time)

    def send(self, sa: IsakmpSa, message: bytes) -> None:
        """Queue a message, in fragments where it is large and the peer joins them."""
        parts = [message]
        if self.config.fragmentation and joins_fragments(sa.peer_vendor_ids):
            self._fragment_id = self._fragment_id % 0xFFFF + 1
            parts = fragmentation.split(message, self._fragment_id)
        self.datagrams += [Datagram(part, sa.local, sa.remote) for part in parts]

    def inform(self, sa: IsakmpSa, payload: Payload) -> None:
        """Queue an informational exchange with a notification or delete."""
        self.send(sa, informational.protect(sa, payload, self.random))

    def forget(self, sa: IsakmpSa, by_peer: bool) -> None:
        """End an SA on this side."""
        self.negotiations.remove(sa)
        self.watch.end(sa)
        for timer in Timer:
            self.arm(timer, sa, None)
        if self.table.remove(sa) and sa.established:
            self.events.append(SaDeleted(sa, by_peer))

    def forget_others(self, sa: IsakmpSa) -> None:
        """A peer that came anew knows nothing of its earlier SAs (RFC 2407 section 4.6.3.3)."""
        for other in self.table.with_peer(sa.local, sa.remote, sa.service_port):
            if other is not sa and other.established:
                self.forget(other, by_peer=True)
        self.events.append(PeerRestarted(sa))

"""The open quick mode exchanges: one per message ID, with retransmission and an answer for duplicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Event
from iosemu.engines.deadlines import Deadlines
from iosemu.engines.ike import informational
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ipsec.config import TunnelPolicy
from iosemu.engines.ipsec.events import ExchangeBegun, ExchangeRefused, Refusal
from iosemu.engines.ipsec.proposals import PROTOCOL_ESP, SPI_OCTETS
from iosemu.engines.ipsec.quick_mode import PolicyFinder, QuickMode, QuickModeRefusedError
from iosemu.engines.ipsec.states import State
from iosemu.wire.isakmp import Doi, Header, Payload, PayloadType
from iosemu.wire.isakmp_payloads import Notification

RETRANSMIT_INTERVAL = 10.0
RETRANSMIT_ATTEMPTS = 5
# A duplicate of the last message is answered from the cache for this long after the exchange is over (seconds).
CACHE_LIFETIME = 60.0
OPEN_LIMIT = 1000
OPEN_LIMIT_PER_PEER = 100
Key = tuple[bytes, int]


class Progress(Enum):
    """What became of an exchange."""

    AGREED = "keys are there; the responder still waits for the initiator's confirmation"
    CONFIRMED = "the initiator has confirmed"
    FAILED = "it ended without keys, or was never confirmed"


@dataclass(slots=True)
class Outcome:
    """An exchange that got somewhere."""

    exchange: QuickMode
    progress: Progress
    refusal: Refusal = Refusal.TIMEOUT


@dataclass(slots=True)
class _Open:
    """An exchange and what its retransmissions need."""

    exchange: QuickMode
    sent: bytes = b""
    received: bytes = b""
    attempts: int = 0


@dataclass(slots=True)
class Exchanges:
    """Both roles. `messages` are to be sent under their SA, `outcomes` and `events` to be taken by the owner."""

    random: RandomBytes
    find_policy: PolicyFinder
    new_spi: Callable[[], bytes]
    messages: list[tuple[IsakmpSa, bytes]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    _open: dict[Key, _Open] = field(default_factory=dict)
    _unfinished: set[Key] = field(default_factory=set)
    _deadlines: Deadlines[Key] = field(default_factory=Deadlines)

    def initiate(self, sa: IsakmpSa, policy: TunnelPolicy, flow: AclEntry, udp: bool, now: float) -> None:
        """Begin an exchange for a flow."""
        message_id = informational.fresh_message_id(sa, self.random)
        exchange = QuickMode(sa, message_id, True, self.random, self.new_spi(), udp, policy, flow)
        item = self._open[sa.cookies, message_id] = _Open(exchange)
        self.events.append(ExchangeBegun(sa.remote, message_id, True))
        self._transmit(item, exchange.start(), now)

    def receive(self, sa: IsakmpSa, header: Header, data: bytes, udp: bool, now: float) -> None:
        """Take a message; whatever is wrong with it becomes an event."""
        item = self._open.get((sa.cookies, header.message_id))
        exchange = item.exchange if item is not None else None
        try:
            if item is None:
                exchange = self._begin_response(sa, header, udp)
                item = _Open(exchange)
                self._respond(item, header, data, now)
            elif data == item.received:
                if item.sent:
                    self.messages.append((sa, item.sent))
            elif item.exchange.initiator:
                self._conclude(item, header, data, now)
            else:
                self._confirm(item, header, data, now)
        except QuickModeRefusedError as error:
            flow = exchange.flow if exchange is not None else None
            local = sa.local.address
            self.events.append(ExchangeRefused(sa.remote, error.refusal, error.detail, local, flow))
            if error.notify is not None:
                self._answer_no(sa, exchange, header.message_id, error.notify)

    def refused_by_peer(self, sa: IsakmpSa, notification: Notification) -> None:
        """An authentic error notification: it names our SPI, or means whatever is open."""
        for key, item in list(self._open.items()):
            exchange = item.exchange
            if key[0] != sa.cookies or not exchange.initiator or exchange.state is State.COMPLETE:
                continue
            if len(notification.spi) == SPI_OCTETS and notification.spi != exchange.own_spi:
                continue
            self._drop(key)
            self.outcomes.append(Outcome(exchange, Progress.FAILED, Refusal.NOTIFIED))

    def abandon(self, sa: IsakmpSa) -> None:
        """The phase 1 SA is gone, and with it all exchanges under it."""
        for key, item in list(self._open.items()):
            if key[0] == sa.cookies:
                self._drop(key)
                if item.exchange.state is not State.COMPLETE:
                    self.outcomes.append(Outcome(item.exchange, Progress.FAILED, Refusal.PHASE1))

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return self._deadlines.next()

    def handle_timer(self, now: float) -> None:
        """Retransmit, give up and forget whatever is due."""
        for key in self._deadlines.pop_due(now):
            item = self._open[key]
            if item.exchange.state is State.COMPLETE:
                del self._open[key]
            elif item.attempts >= RETRANSMIT_ATTEMPTS:
                self._drop(key)
                self.outcomes.append(Outcome(item.exchange, Progress.FAILED))
            else:
                item.attempts += 1
                self.messages.append((item.exchange.sa, item.sent))
                self._deadlines.set(key, now + RETRANSMIT_INTERVAL)

    def _begin_response(self, sa: IsakmpSa, header: Header, udp: bool) -> QuickMode:
        if header.message_id in sa.message_ids or not header.message_id:
            raise QuickModeRefusedError(Refusal.MESSAGE_ID)
        of_peer = sum(cookies == sa.cookies for cookies, _ in self._unfinished)
        if len(self._unfinished) >= OPEN_LIMIT or of_peer >= OPEN_LIMIT_PER_PEER:
            raise QuickModeRefusedError(Refusal.TOO_MANY)
        return QuickMode(sa, header.message_id, False, self.random, self.new_spi(), udp)

    def _respond(self, item: _Open, header: Header, data: bytes, now: float) -> None:
        exchange = item.exchange
        reply = exchange.answer(header, data, self.find_policy)
        exchange.sa.message_ids.add(exchange.message_id)
        self._open[exchange.sa.cookies, exchange.message_id] = item
        item.received = data
        self.events.append(ExchangeBegun(exchange.sa.remote, exchange.message_id, False))
        self._transmit(item, reply, now)
        self.outcomes.append(Outcome(exchange, Progress.AGREED))

    def _conclude(self, item: _Open, header: Header, data: bytes, now: float) -> None:
        reply = item.exchange.conclude(header, data)
        item.received, item.sent = data, reply
        self.messages.append((item.exchange.sa, reply))
        self.outcomes.append(Outcome(item.exchange, Progress.AGREED))
        self._finish(item, now)

    def _confirm(self, item: _Open, header: Header, data: bytes, now: float) -> None:
        item.exchange.confirm(header, data)
        item.received, item.sent = data, b""
        self.outcomes.append(Outcome(item.exchange, Progress.CONFIRMED))
        self._finish(item, now)

    def _answer_no(self, sa: IsakmpSa, exchange: QuickMode | None, message_id: int, kind: int) -> None:
        """Tell the initiator that there will be no SA. Its message was authentic: the ID counts as used."""
        sa.message_ids.add(message_id)
        spi = exchange.peer_spi if exchange is not None else b""
        body = Notification(Doi.IPSEC, PROTOCOL_ESP, kind, spi).pack()
        self.messages.append((sa, informational.protect(sa, Payload(PayloadType.NOTIFY, body), self.random)))

    def _transmit(self, item: _Open, message: bytes, now: float) -> None:
        item.sent, item.attempts = message, 0
        self.messages.append((item.exchange.sa, message))
        key = item.exchange.sa.cookies, item.exchange.message_id
        self._unfinished.add(key)
        self._deadlines.set(key, now + RETRANSMIT_INTERVAL)

    def _finish(self, item: _Open, now: float) -> None:
        key = item.exchange.sa.cookies, item.exchange.message_id
        self._unfinished.discard(key)
        self._deadlines.set(key, now + CACHE_LIFETIME)

    def _drop(self, key: Key) -> None:
        del self._open[key]
        self._unfinished.discard(key)
        self._deadlines.set(key, None)

"""The phase 1 speaker of one router: every SA, its retransmissions and its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.ike import informational
from iosemu.engines.ike.config import IkeConfig
from iosemu.engines.ike.events import (
    ExchangeMessage,
    MessageRefused,
    NotifyReceived,
    Phase1Established,
    Phase1Failed,
    Reason,
    SaDeleted,
)
from iosemu.engines.ike.main_mode import ExchangeRefusedError, MainMode
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import (
    NO_COOKIE,
    PROTOCOL_ISAKMP,
    Delete,
    Doi,
    ExchangeType,
    Header,
    Notification,
    NotifyType,
    Payload,
    PayloadType,
    parse_payloads,
)

FIRST_CONNECTION_ID = 1001
# A duplicate of the last message is answered from the cache for this long after phase 1 ended (seconds).
CACHE_LIFETIME = 60.0


@dataclass(slots=True)
class _Negotiation:
    """A main mode exchange and what its retransmissions need."""

    exchange: MainMode
    sent: bytes = b""
    received: bytes = b""
    attempts: int = 0
    resend_at: float | None = None
    ends_at: float = 0.0


class IkeEngine:
    """Main mode as initiator and responder, informational exchanges, and the way to later exchanges."""

    def __init__(self, config: IkeConfig, random: RandomBytes) -> None:
        self.config = config
        self._random = random
        self._sas: dict[tuple[bytes, Endpoint], IsakmpSa] = {}
        self._negotiations: dict[tuple[bytes, Endpoint], _Negotiation] = {}
        self._connection_id = FIRST_CONNECTION_ID
        self._datagrams: list[Datagram] = []
        self._events: list[Event] = []

    @property
    def sas(self) -> list[IsakmpSa]:
        """All SAs, established or not, newest last."""
        return list(self._sas.values())

    def find_established(self, local: Endpoint, remote: Endpoint) -> IsakmpSa | None:
        """The newest usable SA with a peer."""
        found = [sa for sa in self._sas.values() if (sa.local, sa.remote) == (local, remote) and sa.established]
        return found[-1] if found else None

    def initiate(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """Begin main mode with a peer, unless one is under way."""
        for sa in self._sas.values():
            if (sa.local, sa.remote, sa.initiator, sa.established) == (local, remote, True, False):
                return
        if self.config.find_psk(remote.address) is None or not self.config.policies:
            reason = Reason.NO_PROPOSAL if not self.config.policies else Reason.NO_PSK
            self._events.append(Phase1Failed(local, remote, reason))
            return
        sa = self._new_sa(True, local, remote, self._cookie(), now)
        negotiation = self._negotiations[sa.initiator_cookie, remote]
        self._transmit(negotiation, negotiation.exchange.start(), now)

    def receive(self, datagram: Datagram, now: float) -> None:
        """Take a datagram from the network; whatever is wrong with it becomes an event."""
        try:
            header = Header.parse(datagram.data)
            if header.exchange == ExchangeType.MAIN_MODE:
                self._receive_main_mode(header, datagram, now)
            elif header.exchange == ExchangeType.INFORMATIONAL:
                self._receive_informational(header, datagram)
            else:
                self._receive_exchange(header, datagram)
        except WireError as error:
            self._events.append(MessageRefused(Reason.MALFORMED, datagram.source, str(error)))
        except ExchangeRefusedError as error:
            self._events.append(MessageRefused(error.reason, datagram.source, error.detail))

    def send(self, sa: IsakmpSa, message: bytes) -> None:
        """Queue a message of a later exchange."""
        self._datagrams.append(Datagram(message, sa.local, sa.remote))

    def notify(self, sa: IsakmpSa, kind: int, data: bytes = b"") -> None:
        """Queue a protected notification."""
        body = Notification(sa.doi, PROTOCOL_ISAKMP, kind, sa.cookies, data).pack()
        self.send(sa, informational.protect(sa, Payload(PayloadType.NOTIFY, body), self._random))

    def delete(self, sa: IsakmpSa) -> None:
        """Tell the peer that an SA ends, and end it."""
        if sa.established:
            self.send(sa, informational.protect(sa, informational.delete_payload(sa), self._random))
        self._forget(sa, by_peer=False)

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now."""
        taken, self._datagrams = self._datagrams, []
        return taken

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return earliest(*(time for _, time in self._deadlines()))

    def handle_timer(self, now: float) -> None:
        """Retransmit, give up and expire whatever is due."""
        for key, time in list(self._deadlines()):
            if time > now:
                continue
            negotiation = self._negotiations.get(key)
            if negotiation is None:
                self.delete(self._sas[key])
            elif negotiation.exchange.sa.established:
                del self._negotiations[key]
            elif negotiation.ends_at <= now or negotiation.attempts >= self.config.retransmit_attempts:
                self._give_up(key)
            else:
                negotiation.attempts += 1
                negotiation.resend_at = now + self.config.retransmit_interval
                self.send(negotiation.exchange.sa, negotiation.sent)

    def _deadlines(self) -> Iterator[tuple[tuple[bytes, Endpoint], float]]:
        for key, negotiation in self._negotiations.items():
            yield key, negotiation.ends_at if negotiation.resend_at is None else negotiation.resend_at
        for key, sa in self._sas.items():
            if sa.expires_at is not None and key not in self._negotiations:
                yield key, sa.expires_at

    def _receive_main_mode(self, header: Header, datagram: Datagram, now: float) -> None:
        key = header.initiator_cookie, datagram.source
        negotiation = self._negotiations.get(key)
        if negotiation is None:
            if header.responder_cookie != NO_COOKIE:
                raise ExchangeRefusedError(Reason.UNKNOWN_SA)
            if key in self._sas:
                # An old first message that somebody replays must not take the place of the SA it once led to.
                raise ExchangeRefusedError(Reason.UNEXPECTED)
            if len(self._negotiations) >= self.config.half_open_limit:
                raise ExchangeRefusedError(Reason.TOO_MANY)
            self._respond(header, datagram, now)
            return
        if datagram.data == negotiation.received:
            if negotiation.sent:
                self.send(negotiation.exchange.sa, negotiation.sent)
            return
        sa = negotiation.exchange.sa
        if header.responder_cookie != sa.responder_cookie and sa.responder_cookie != NO_COOKIE:
            raise ExchangeRefusedError(Reason.UNKNOWN_SA)
        self._step(negotiation, header, datagram.data, now)

    def _respond(self, header: Header, datagram: Datagram, now: float) -> None:
        sa = self._new_sa(False, datagram.destination, datagram.source, header.initiator_cookie, now)
        sa.responder_cookie = self._cookie()
        key = sa.initiator_cookie, sa.remote
        try:
            self._step(self._negotiations[key], header, datagram.data, now)
        except ExchangeRefusedError as error:
            del self._negotiations[key], self._sas[key]
            if error.reason is Reason.NO_PROPOSAL:
                self.send(sa, informational.clear_notification(sa, NotifyType.NO_PROPOSAL_CHOSEN))
            raise

    def _step(self, negotiation: _Negotiation, header: Header, data: bytes, now: float) -> None:
        reply = negotiation.exchange.receive(header, data, now)
        sa = negotiation.exchange.sa
        negotiation.received = data
        if reply is not None:
            self._transmit(negotiation, reply, now)
        else:
            negotiation.sent = b""
        if sa.established:
            negotiation.resend_at = None
            negotiation.ends_at = now + CACHE_LIFETIME
            self._events.append(Phase1Established(sa))

    def _transmit(self, negotiation: _Negotiation, message: bytes, now: float) -> None:
        negotiation.sent = message
        negotiation.attempts = 0
        # A responder answers each message once and again for duplicates; the initiator keeps the exchange going.
        if negotiation.exchange.sa.initiator:
            negotiation.resend_at = now + self.config.retransmit_interval
        self.send(negotiation.exchange.sa, message)

    def _receive_informational(self, header: Header, datagram: Datagram) -> None:
        sa = self._established(header, datagram.source)
        if not header.encrypted:
            for payload in parse_payloads(header.next_payload, datagram.data[28:]):
                if payload.kind == PayloadType.NOTIFY:
                    notification = Notification.parse(payload.body)
                    self._events.append(NotifyReceived(datagram.source, notification, False))
            return
        if sa is None:
            raise ExchangeRefusedError(Reason.UNKNOWN_SA)
        for payload in informational.unprotect(sa, header, datagram.data):
            if payload.kind == PayloadType.NOTIFY:
                self._receive_notification(sa, Notification.parse(payload.body))
            elif payload.kind == PayloadType.DELETE and sa.cookies in Delete.parse(payload.body).spis:
                self._forget(sa, by_peer=True)

    def _receive_notification(self, sa: IsakmpSa, notification: Notification) -> None:
        if notification.kind == NotifyType.R_U_THERE:
            body = Notification(Doi.IPSEC, PROTOCOL_ISAKMP, NotifyType.R_U_THERE_ACK, sa.cookies, notification.data)
            self.send(sa, informational.protect(sa, Payload(PayloadType.NOTIFY, body.pack()), self._random))
        else:
            self._events.append(NotifyReceived(sa.remote, notification, True, sa))

    def _receive_exchange(self, header: Header, datagram: Datagram) -> None:
        sa = self._established(header, datagram.source)
        if sa is None:
            raise ExchangeRefusedError(Reason.UNKNOWN_SA)
        self._events.append(ExchangeMessage(sa, header, datagram))

    def _established(self, header: Header, source: Endpoint) -> IsakmpSa | None:
        sa = self._sas.get((header.initiator_cookie, source))
        return sa if sa is not None and sa.established and sa.responder_cookie == header.responder_cookie else None

    def _give_up(self, key: tuple[bytes, Endpoint]) -> None:
        del self._negotiations[key]
        sa = self._sas.pop(key)
        if sa.initiator:
            self._events.append(Phase1Failed(sa.local, sa.remote, Reason.TIMEOUT))

    def _forget(self, sa: IsakmpSa, by_peer: bool) -> None:
        key = sa.initiator_cookie, sa.remote
        self._negotiations.pop(key, None)
        if self._sas.pop(key, None) is not None and sa.established:
            self._events.append(SaDeleted(sa, by_peer))

    def _new_sa(self, initiator: bool, local: Endpoint, remote: Endpoint, cookie: bytes, now: float) -> IsakmpSa:
        sa = IsakmpSa(self._connection_id, initiator, local, remote, cookie, created_at=now)
        self._connection_id += 1
        key = cookie, remote
        self._sas[key] = sa
        exchange = MainMode(sa, self.config, self._random)
        self._negotiations[key] = _Negotiation(exchange, ends_at=now + self.config.half_open_lifetime)
        return sa

    def _cookie(self) -> bytes:
        while (cookie := self._random(8)) == NO_COOKIE:
            pass
        return cookie

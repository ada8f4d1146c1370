"""The phase 1 speaker of one router: every SA, its retransmissions and its end."""

from __future__ import annotations

from enum import Enum

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Datagram, Endpoint, Event
from iosemu.engines.deadlines import Deadlines
from iosemu.engines.ike import fragmentation, informational
from iosemu.engines.ike.aggressive_mode import AggressiveMode
from iosemu.engines.ike.config import IkeConfig
from iosemu.engines.ike.dpd import PeerWatch
from iosemu.engines.ike.errors import ExchangeRefusedError, VerdictPendingError
from iosemu.engines.ike.events import (
    ExchangeMessage,
    MessageRefused,
    NotifyReceived,
    PeerDead,
    Phase1Established,
    Phase1Failed,
    Reason,
    SaDeleted,
    SpisDeleted,
)
from iosemu.engines.ike.main_mode import MainMode
from iosemu.engines.ike.methods import Authentication
from iosemu.engines.ike.nat import KEEPALIVE
from iosemu.engines.ike.negotiations import Negotiation, Negotiations
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.states import State
from iosemu.engines.ike.table import SaTable
from iosemu.engines.ike.usable import usable_policies
from iosemu.engines.ike.vendor import joins_fragments
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi import GDOI_PORT
from iosemu.wire.isakmp import (
    HEADER_LENGTH,
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

ISAKMP_PORT = 500
FIRST_CONNECTION_ID = 1001


class _Timer(Enum):
    """What is due for an SA."""

    NEGOTIATION = "retransmit, give up, or forget the last answer"
    EXPIRY = "end of life"
    PROBE = "ask whether the peer lives"
    NAT_KEEPALIVE = "keep the NAT's entry alive"


class IkeEngine:
    """Main and aggressive mode as initiator and responder, informational exchanges, dead peer detection, and the way to
    later exchanges."""

    def __init__(self, config: IkeConfig, random: RandomBytes) -> None:
        self.config = config
        self._random = random
        self._table = SaTable()
        self._negotiations = Negotiations()
        self._watch = PeerWatch(random)
        self._deadlines: Deadlines[tuple[_Timer, int]] = Deadlines()
        self._reassembly = fragmentation.Reassembly()
        self._connection_id = FIRST_CONNECTION_ID
        self._fragment_id = 0
        self._datagrams: list[Datagram] = []
        self._events: list[Event] = []

    # What roles use

    @property
    def sas(self) -> list[IsakmpSa]:
        """All SAs, established or not, newest last."""
        return list(self._table)

    def find_established(self, local: Endpoint, remote: Endpoint) -> IsakmpSa | None:
        """The newest usable SA with a peer; the port is that of the service, 848 or 500, wherever a NAT moved it."""
        found = self._table.with_peer(local.address, remote.address, local.port)
        return next((sa for sa in reversed(found) if sa.established), None)

    def initiate(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """Begin phase 1 with a peer, unless we have begun already."""
        known = self._table.with_peer(local.address, remote.address, local.port)
        if any(sa.initiator and not sa.established for sa in known):
            return
        if not usable_policies(self.config, remote.address):
            self._events.append(Phase1Failed(local, remote, self._lack()))
            return
        aggressive = self.config.peers.aggressive(remote.address)
        sa = self._new_sa(True, local, remote, aggressive, now)
        sa.initiator_cookie = self._cookie()
        negotiation = self._open(sa, aggressive, not known, now)
        self._transmit(negotiation, negotiation.exchange.start(), now)

    def receive(self, datagram: Datagram, now: float) -> None:
        """Take a message from the network; whatever is wrong with it becomes an event.

        On port 4500 the caller has taken off the marker of RFC 3948 section 2.2.
        """
        exchange = 0
        try:
            header = Header.parse(datagram.data)
            exchange = header.exchange
            if header.next_payload == PayloadType.FRAGMENT:
                whole = self._reassembly.add(datagram.source, header, datagram.data)
                if whole is not None:
                    self.receive(Datagram(whole, datagram.source, datagram.destination), now)
            elif header.exchange in (ExchangeType.MAIN_MODE, ExchangeType.AGGRESSIVE):
                self._receive_phase1(header, datagram, now)
            elif header.exchange == ExchangeType.INFORMATIONAL:
                self._receive_informational(header, datagram, now)
            else:
                self._receive_exchange(header, datagram)
        except WireError as error:
            self._events.append(MessageRefused(Reason.MALFORMED, datagram.source, str(error), exchange))
        except ExchangeRefusedError as error:
            self._events.append(MessageRefused(error.reason, datagram.source, error.detail, exchange))

    def send(self, sa: IsakmpSa, message: bytes) -> None:
        """Queue a message of a later exchange."""
        parts = [message]
        if self.config.fragmentation and joins_fragments(sa.peer_vendor_ids):
            self._fragment_id = self._fragment_id % 0xFFFF + 1
            parts = fragmentation.split(message, self._fragment_id)
        self._datagrams += [Datagram(part, sa.local, sa.remote) for part in parts]

    def notify(self, sa: IsakmpSa, kind: int, data: bytes = b"") -> None:
        """Queue a protected notification about the SA itself."""
        body = Notification(sa.doi, PROTOCOL_ISAKMP, kind, sa.cookies, data).pack()
        self.inform(sa, Payload(PayloadType.NOTIFY, body))

    def inform(self, sa: IsakmpSa, payload: Payload) -> None:
        """Queue an informational exchange with a notification or delete."""
        self.send(sa, informational.protect(sa, payload, self._random))

    def delete(self, sa: IsakmpSa) -> None:
        """Tell the peer that an SA ends, and end it."""
        if sa.established:
            self.inform(sa, informational.delete_payload(sa))
        self._forget(sa, by_peer=False)

    def resume(self, now: float) -> None:
        """Continue the exchanges that waited for a verdict on a certificate."""
        for negotiation in self._negotiations.held():
            held, negotiation.held = negotiation.held, None
            if held is not None:
                self.receive(held, now)

    def heard(self, sa: IsakmpSa, now: float) -> None:
        """Protected traffic came from the peer: it lives (RFC 3706 section 5)."""
        sa.heard_at = now
        self._watch.heard(sa)
        self._deadlines.set((_Timer.PROBE, sa.connection_id), self._watch.deadline(sa))

    def wanted(self, sa: IsakmpSa) -> None:
        """Something was sent to the peer: on-demand detection wants to know whether it lives."""
        self._watch.wanted(sa)
        self._deadlines.set((_Timer.PROBE, sa.connection_id), self._watch.deadline(sa))

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now; on port 4500 the caller puts the marker in front (see `nat`)."""
        taken, self._datagrams = self._datagrams, []
        return taken

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return self._deadlines.next()

    def handle_timer(self, now: float) -> None:
        """Retransmit, give up, ask and expire whatever is due."""
        handlers = {
            _Timer.NEGOTIATION: self._negotiation_due,
            _Timer.EXPIRY: lambda sa, _: self.delete(sa),
            _Timer.PROBE: self._probe,
            _Timer.NAT_KEEPALIVE: self._keep_nat,
        }
        for timer, connection_id in self._deadlines.pop_due(now):
            sa = self._table.get(connection_id)
            if sa is not None:
                handlers[timer](sa, now)

    # Phase 1

    def _receive_phase1(self, header: Header, datagram: Datagram, now: float) -> None:
        sa = self._table.of_message(header, datagram.source)
        if sa is None:
            if header.responder_cookie != NO_COOKIE:
                raise ExchangeRefusedError(Reason.UNKNOWN_SA)
            self._respond(header, datagram, now)
            return
        negotiation = self._negotiations.of(sa)
        if negotiation is None or header.exchange != negotiation.exchange.KIND:
            # An old first message that somebody replays must not take the place of the SA it once led to.
            raise ExchangeRefusedError(Reason.UNEXPECTED)
        if datagram.data == negotiation.received:
            if negotiation.sent:
                self.send(sa, negotiation.sent)
        else:
            self._step(negotiation, header, datagram, now)

    def _respond(self, header: Header, datagram: Datagram, now: float) -> None:
        """A stranger's first message."""
        aggressive = header.exchange == ExchangeType.AGGRESSIVE
        if aggressive and not self.config.aggressive_mode:
            raise ExchangeRefusedError(Reason.AGGRESSIVE_MODE)
        if len(self._negotiations) >= self.config.half_open_limit:
            self._make_room(datagram.source)
        sa = self._new_sa(False, datagram.destination, datagram.source, aggressive, now)
        sa.initiator_cookie, sa.responder_cookie = header.initiator_cookie, self._cookie()
        known = self._table.with_peer(sa.local.address, sa.remote.address, sa.service_port)
        negotiation = self._open(sa, aggressive, not known, now)
        try:
            self._step(negotiation, header, datagram, now)
        except ExchangeRefusedError as error:
            self._forget(sa, by_peer=False)
            if error.reason in (Reason.NO_PROPOSAL, Reason.NO_PSK, Reason.NO_CERTIFICATE):
                self.send(sa, informational.clear_notification(sa, NotifyType.NO_PROPOSAL_CHOSEN))
            raise

    def _make_room(self, source: Endpoint) -> None:
        stranger = self._negotiations.oldest_stranger()
        if stranger is None:
            raise ExchangeRefusedError(Reason.TOO_MANY)
        self._events.append(MessageRefused(Reason.TOO_MANY, stranger.remote))
        self._forget(stranger, by_peer=False)

    def _step(self, negotiation: Negotiation, header: Header, datagram: Datagram, now: float) -> None:
        try:
            reply = negotiation.exchange.receive(header, datagram, now)
        except VerdictPendingError:
            negotiation.held = datagram
            return
        negotiation.received = datagram.data
        sa = negotiation.sa
        if sa.established:
            if negotiation.exchange.peer_is_new:
                self._forget_others(sa)
            self._established(sa, now)
        self._transmit(negotiation, reply, now)

    def _transmit(self, negotiation: Negotiation, message: bytes | None, now: float) -> None:
        negotiation.replied(message, self.config, now)
        self._deadlines.set((_Timer.NEGOTIATION, negotiation.sa.connection_id), negotiation.deadline)
        if message is not None:
            self.send(negotiation.sa, message)

    def _established(self, sa: IsakmpSa, now: float) -> None:
        self._deadlines.set((_Timer.EXPIRY, sa.connection_id), sa.expires_at)
        if sa.behind_nat:
            self._keep_nat(sa, now)
        self._watch.begin(sa, self.config.peers.keepalive(sa.remote.address))
        self._deadlines.set((_Timer.PROBE, sa.connection_id), self._watch.deadline(sa))
        self._events.append(Phase1Established(sa))

    def _negotiation_due(self, sa: IsakmpSa, now: float) -> None:
        negotiation = self._negotiations.of(sa)
        if negotiation is None:
            return
        if sa.established:
            self._negotiations.remove(sa)
            return
        message = negotiation.resend(self.config, now)
        if message is not None:
            self._deadlines.set((_Timer.NEGOTIATION, sa.connection_id), negotiation.deadline)
            self.send(sa, message)
            return
        self._forget(sa, by_peer=False)
        if sa.initiator:
            self._events.append(Phase1Failed(sa.local, sa.remote, Reason.TIMEOUT))

    # Informational exchanges

    def _receive_informational(self, header: Header, datagram: Datagram, now: float) -> None:
        if not header.encrypted:
            for payload in parse_payloads(header.next_payload, datagram.data[HEADER_LENGTH:]):
                if payload.kind == PayloadType.NOTIFY:
                    notification = Notification.parse(payload.body)
                    self._events.append(NotifyReceived(datagram.source, notification, False))
            return
        sa = self._owner(header, datagram)
        payloads = informational.unprotect(sa, header, datagram.data)
        if sa.peer_behind_nat:
            # A NAT may give the peer another address at any time; only now is it certain that it did.
            sa.remote = datagram.source
        self.heard(sa, now)
        for payload in payloads:
            if payload.kind == PayloadType.NOTIFY:
                self._receive_notification(sa, Notification.parse(payload.body), now)
            elif payload.kind == PayloadType.DELETE:
                self._receive_delete(sa, Delete.parse(payload.body))

    def _receive_notification(self, sa: IsakmpSa, notification: Notification, now: float) -> None:
        if notification.kind == NotifyType.R_U_THERE:
            answer = Notification(sa.doi, PROTOCOL_ISAKMP, NotifyType.R_U_THERE_ACK, sa.cookies, notification.data)
            self.inform(sa, Payload(PayloadType.NOTIFY, answer.pack()))
        elif notification.kind == NotifyType.INITIAL_CONTACT:
            self._forget_others(sa)
        elif notification.kind != NotifyType.R_U_THERE_ACK:
            self._events.append(NotifyReceived(sa.remote, notification, True, sa))

    def _receive_delete(self, sa: IsakmpSa, delete: Delete) -> None:
        if delete.protocol != PROTOCOL_ISAKMP:
            self._events.append(SpisDeleted(sa, delete))
        elif sa.cookies in delete.spis:
            self._forget(sa, by_peer=True)

    def _receive_exchange(self, header: Header, datagram: Datagram) -> None:
        self._events.append(ExchangeMessage(self._owner(header, datagram), header, datagram))

    def _owner(self, header: Header, datagram: Datagram) -> IsakmpSa:
        """The established SA that a message claims to be protected by."""
        sa = self._table.of_message(header, datagram.source)
        if sa is None or not sa.established or sa.responder_cookie != header.responder_cookie:
            raise ExchangeRefusedError(Reason.UNKNOWN_SA)
        if datagram.source != sa.remote and not sa.peer_behind_nat:
            raise ExchangeRefusedError(Reason.UNKNOWN_SA)
        return sa

    # Life and death

    def _probe(self, sa: IsakmpSa, now: float) -> None:
        data = self._watch.ask(sa, now)
        if data is not None:
            self.notify(sa, NotifyType.R_U_THERE, data)
            self._deadlines.set((_Timer.PROBE, sa.connection_id), self._watch.deadline(sa))
            return
        for other in self._table.with_peer(sa.local.address, sa.remote.address, sa.service_port):
            self._forget(other, by_peer=False)
        self._events.append(PeerDead(sa))

    def _keep_nat(self, sa: IsakmpSa, now: float) -> None:
        """Nothing else may be sent for longer than a NAT remembers us (RFC 3948 section 4)."""
        if sa.established:
            self._datagrams.append(Datagram(KEEPALIVE, sa.local, sa.remote))
        self._deadlines.set((_Timer.NAT_KEEPALIVE, sa.connection_id), now + self.config.nat_keepalive)

    def _forget_others(self, sa: IsakmpSa) -> None:
        """A peer that came anew knows nothing of its earlier SAs (RFC 2407 section 4.6.3.3)."""
        for other in self._table.with_peer(sa.local.address, sa.remote.address, sa.service_port):
            if other is not sa and other.established:
                self._forget(other, by_peer=True)

    def _forget(self, sa: IsakmpSa, by_peer: bool) -> None:
        self._negotiations.remove(sa)
        self._watch.end(sa)
        for timer in _Timer:
            self._deadlines.set((timer, sa.connection_id), None)
        if self._table.remove(sa) and sa.established:
            self._events.append(SaDeleted(sa, by_peer))

    def _new_sa(self, initiator: bool, local: Endpoint, remote: Endpoint, aggressive: bool, now: float) -> IsakmpSa:
        sa = IsakmpSa(self._connection_id, initiator, local, remote, NO_COOKIE, created_at=now)
        self._connection_id += 1
        sa.state = State.AG_NO_STATE if aggressive else State.MM_NO_STATE
        sa.service_port = local.port if local.port == GDOI_PORT else ISAKMP_PORT
        sa.doi = Doi.GDOI if sa.service_port == GDOI_PORT else Doi.IPSEC
        return sa

    def _open(self, sa: IsakmpSa, aggressive: bool, first_contact: bool, now: float) -> Negotiation:
        self._table.add(sa)
        kind = AggressiveMode if aggressive else MainMode
        exchange = kind(sa, self.config, self._random, first_contact)
        negotiation = Negotiation(exchange, now + self.config.half_open_lifetime)
        self._negotiations.add(negotiation)
        self._deadlines.set((_Timer.NEGOTIATION, sa.connection_id), negotiation.deadline)
        return negotiation

    def _cookie(self) -> bytes:
        while (cookie := self._random(8)) == NO_COOKIE:
            pass
        return cookie

    def _lack(self) -> Reason:
        """Why no policy can be used."""
        if not self.config.policies:
            return Reason.NO_PROPOSAL
        methods = {policy.authentication for policy in self.config.policies}
        return Reason.NO_PSK if Authentication.PRE_SHARED in methods else Reason.NO_CERTIFICATE

"""The phase 1 speaker of one router: every SA, its retransmissions and its end."""

from __future__ import annotations

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Datagram, Endpoint, Event
from iosemu.engines.ike import fragmentation, informational
from iosemu.engines.ike.config import IkeConfig
from iosemu.engines.ike.errors import ExchangeRefusedError
from iosemu.engines.ike.events import (
    ExchangeMessage,
    MessageRefused,
    NotifyReceived,
    PeerDead,
    Reason,
    SpisDeleted,
)
from iosemu.engines.ike.nat import KEEPALIVE
from iosemu.engines.ike.phase1 import Phase1
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.speaker import Speaker, Timer
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import HEADER_LENGTH, ExchangeType, Header, Payload, PayloadType, parse_payloads
from iosemu.wire.isakmp_payloads import PROTOCOL_ISAKMP, Delete, Notification, NotifyType


class IkeEngine:
    """Main and aggressive mode as initiator and responder, informational exchanges, dead peer detection, and the way to
    later exchanges."""

    def __init__(self, config: IkeConfig, random: RandomBytes) -> None:
        self._speaker = Speaker(config, random)
        self._phase1 = Phase1(self._speaker)
        self._reassembly = fragmentation.Reassembly()

    @property
    def config(self) -> IkeConfig:
        """The settings; new ones hold for exchanges that begin later."""
        return self._speaker.config

    @config.setter
    def config(self, config: IkeConfig) -> None:
        self._speaker.config = config

    # What roles use

    @property
    def sas(self) -> list[IsakmpSa]:
        """All SAs, established or not, newest last."""
        return list(self._speaker.table)

    def new_connection_id(self) -> int:
        """A number for an SA that somebody else keeps."""
        return self._phase1.new_connection_id()

    def find_established(self, local: Endpoint, remote: Endpoint) -> IsakmpSa | None:
        """The newest usable SA with a peer; the port is that of the service, 848 or 500, wherever a NAT moved it."""
        found = self._speaker.table.with_peer(local, remote, local.port)
        return next((sa for sa in reversed(found) if sa.established), None)

    def initiate(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """Begin phase 1 with a peer, unless we have begun already."""
        self._phase1.initiate(local, remote, now)

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
                self._phase1.receive(header, datagram, now)
            elif header.exchange == ExchangeType.INFORMATIONAL:
                self._receive_informational(header, datagram, now)
            else:
                self._receive_exchange(header, datagram)
        except WireError as error:
            self._speaker.events.append(MessageRefused(Reason.MALFORMED, datagram.source, str(error), exchange))
        except ExchangeRefusedError as error:
            self._speaker.events.append(MessageRefused(error.reason, datagram.source, error.detail, exchange))

    def send(self, sa: IsakmpSa, message: bytes) -> None:
        """Queue a message of a later exchange."""
        self._speaker.send(sa, message)

    def notify(self, sa: IsakmpSa, kind: int, data: bytes = b"") -> None:
        """Queue a protected notification about the SA itself."""
        body = Notification(sa.doi, PROTOCOL_ISAKMP, kind, sa.cookies, data).pack()
        self.inform(sa, Payload(PayloadType.NOTIFY, body))

    def inform(self, sa: IsakmpSa, payload: Payload) -> None:
        """Queue an informational exchange with a notification or delete."""
        self._speaker.inform(sa, payload)

    def delete(self, sa: IsakmpSa) -> None:
        """Tell the peer that an SA ends, and end it."""
        if sa.established:
            self.inform(sa, informational.delete_payload(sa))
        self._speaker.forget(sa, by_peer=False)

    def resume(self, now: float) -> None:
        """Continue the exchanges that waited for a verdict on a certificate."""
        for negotiation in self._speaker.negotiations.held():
            held, negotiation.held = negotiation.held, None
            if held is not None:
                self.receive(held, now)

    def heard(self, sa: IsakmpSa, now: float) -> None:
        """Protected traffic came from the peer: it lives (RFC 3706 section 5)."""
        sa.heard_at = now
        self._speaker.watch.heard(sa)
        self._speaker.arm(Timer.PROBE, sa, self._speaker.watch.deadline(sa))

    def wanted(self, sa: IsakmpSa) -> None:
        """Something was sent to the peer: on-demand detection wants to know whether it lives."""
        self._speaker.watch.wanted(sa)
        self._speaker.arm(Timer.PROBE, sa, self._speaker.watch.deadline(sa))

    def take_datagrams(self) -> list[Datagram]:
        """What must go out now; on port 4500 the caller puts the marker in front (see `nat`)."""
        taken, self._speaker.datagrams = self._speaker.datagrams, []
        return taken

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._speaker.events = self._speaker.events, []
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return self._speaker.deadlines.next()

    def handle_timer(self, now: float) -> None:
        """Retransmit, give up, ask and expire whatever is due."""
        handlers = {
            Timer.NEGOTIATION: self._phase1.due,
            Timer.EXPIRY: lambda sa, _: self.delete(sa),
            Timer.PROBE: self._probe,
            Timer.NAT_KEEPALIVE: self._keep_nat,
        }
        for timer, connection_id in self._speaker.deadlines.pop_due(now):
            sa = self._speaker.table.get(connection_id)
            if sa is not None:
                handlers[timer](sa, now)

    # Informational exchanges

    def _receive_informational(self, header: Header, datagram: Datagram, now: float) -> None:
        if not header.encrypted:
            for payload in parse_payloads(header.next_payload, datagram.data[HEADER_LENGTH:]):
                if payload.kind == PayloadType.NOTIFY:
                    notification = Notification.parse(payload.body)
                    self._speaker.events.append(NotifyReceived(datagram.source, notification, False))
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
            self._speaker.forget_others(sa)
        elif notification.kind != NotifyType.R_U_THERE_ACK:
            self._speaker.events.append(NotifyReceived(sa.remote, notification, True, sa))

    def _receive_delete(self, sa: IsakmpSa, delete: Delete) -> None:
        if delete.protocol != PROTOCOL_ISAKMP:
            self._speaker.events.append(SpisDeleted(sa, delete))
        elif sa.cookies in delete.spis:
            self._speaker.forget(sa, by_peer=True)

    def _receive_exchange(self, header: Header, datagram: Datagram) -> None:
        self._speaker.events.append(ExchangeMessage(self._owner(header, datagram), header, datagram))

    def _owner(self, header: Header, datagram: Datagram) -> IsakmpSa:
        """The established SA that a message claims to be protected by."""
        sa = self._speaker.table.of_message(header, datagram.source)
        if sa is None or not sa.established or sa.responder_cookie != header.responder_cookie:
            raise ExchangeRefusedError(Reason.UNKNOWN_SA)
        if datagram.source != sa.remote and not sa.peer_behind_nat:
            raise ExchangeRefusedError(Reason.UNKNOWN_SA)
        return sa

    # Life and death

    def _probe(self, sa: IsakmpSa, now: float) -> None:
        data = self._speaker.watch.ask(sa, now)
        if data is not None:
            self.notify(sa, NotifyType.R_U_THERE, data)
            self._speaker.arm(Timer.PROBE, sa, self._speaker.watch.deadline(sa))
            return
        for other in self._speaker.table.with_peer(sa.local, sa.remote, sa.service_port):
            self._speaker.forget(other, by_peer=False)
        self._speaker.events.append(PeerDead(sa))

    def _keep_nat(self, sa: IsakmpSa, now: float) -> None:
        """Nothing else may be sent for longer than a NAT remembers us (RFC 3948 section 4)."""
        self._speaker.datagrams.append(Datagram(KEEPALIVE, sa.local, sa.remote))
        self._speaker.arm(Timer.NAT_KEEPALIVE, sa, now + self.config.nat_keepalive)

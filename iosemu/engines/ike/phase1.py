"""Phase 1 exchanges of all peers: who may begin one, whose turn it is, and what becomes of it."""

from __future__ import annotations

from itertools import count

from iosemu.engines.common import Datagram, Endpoint
from iosemu.engines.ike import informational
from iosemu.engines.ike.aggressive_mode import AggressiveMode
from iosemu.engines.ike.errors import ExchangeRefusedError, VerdictPendingError
from iosemu.engines.ike.events import MessageRefused, Phase1Established, Phase1Failed, Reason, StateChanged
from iosemu.engines.ike.main_mode import MainMode
from iosemu.engines.ike.methods import Authentication
from iosemu.engines.ike.negotiations import Negotiation
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.speaker import Speaker, Timer
from iosemu.engines.ike.states import State, expected_step
from iosemu.engines.ike.usable import usable_policies
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.isakmp import ISAKMP_PORT, NO_COOKIE, Doi, ExchangeType, Header
from iosemu.wire.isakmp_payloads import NotifyType

FIRST_CONNECTION_ID = 1001
# A first message that is refused for one of these gets an answer: its sender may try other settings.
_ANSWERED = (Reason.NO_PROPOSAL, Reason.NO_PSK, Reason.NO_CERTIFICATE)


class Phase1:
    """Main and aggressive mode in both roles."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._connection_ids = count(FIRST_CONNECTION_ID)

    def new_connection_id(self) -> int:
        """A number that nothing else of this speaker has."""
        return next(self._connection_ids)

    def initiate(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """Begin phase 1 with a peer, unless we have begun already."""
        speaker = self._speaker
        known = speaker.table.with_peer(local, remote, local.port)
        if any(sa.initiator and not sa.established for sa in known):
            return
        if not usable_policies(speaker.config, remote):
            speaker.events.append(Phase1Failed(local, remote, self._lack()))
            return
        aggressive = speaker.config.peers.aggressive(remote)
        sa = self._new_sa(True, local, remote, aggressive, now)
        sa.initiator_cookie = self._cookie()
        negotiation = self._open(sa, aggressive, self._is_first_contact(sa, known), now)
        speaker.events.append(StateChanged(sa, None))
        self._transmit(negotiation, negotiation.exchange.start(), now)

    def _is_first_contact(self, sa: IsakmpSa, known: list[IsakmpSa]) -> bool:
        """Whether nothing at all is left of earlier SAs with a peer, so that it may forget what it has."""
        return not known and not self._speaker.config.peers.keeps_sas(sa.local, sa.remote)

    def receive(self, header: Header, datagram: Datagram, now: float) -> None:
        """Take a message of main or aggressive mode; raises ExchangeRefusedError, WireError."""
        sa = self._speaker.table.of_message(header, datagram.source)
        if sa is None:
            if header.responder_cookie != NO_COOKIE:
                raise ExchangeRefusedError(Reason.UNKNOWN_SA)
            self._respond(header, datagram, now)
            return
        negotiation = self._speaker.negotiations.of(sa)
        if negotiation is None or header.exchange != negotiation.exchange.KIND:
            # An old first message that somebody replays must not take the place of the SA it once led to.
            raise ExchangeRefusedError(Reason.UNEXPECTED)
        if datagram.data == negotiation.received:
            if negotiation.sent:
                self._speaker.send(sa, negotiation.sent)
        else:
            self._step(negotiation, header, datagram, now)

    def due(self, sa: IsakmpSa, now: float) -> None:
        """Retransmit, give up, or forget the answer to the last message."""
        speaker = self._speaker
        negotiation = speaker.negotiations.of(sa)
        if negotiation is None:
            return
        if sa.established:
            speaker.negotiations.remove(sa)
            return
        message = negotiation.resend(speaker.config, now)
        if message is not None:
            speaker.arm(Timer.NEGOTIATION, sa, negotiation.deadline)
            speaker.send(sa, message)
            return
        speaker.forget(sa, by_peer=False)
        if sa.initiator:
            speaker.events.append(Phase1Failed(sa.local, sa.remote, Reason.TIMEOUT))

    def _respond(self, header: Header, datagram: Datagram, now: float) -> None:
        """A stranger's first message."""
        speaker = self._speaker
        aggressive = header.exchange == ExchangeType.AGGRESSIVE
        if aggressive and not speaker.config.aggressive_mode:
            raise ExchangeRefusedError(Reason.AGGRESSIVE_MODE)
        if len(speaker.negotiations) >= speaker.config.half_open_limit:
            self._make_room()
        sa = self._new_sa(False, datagram.destination, datagram.source, aggressive, now)
        sa.initiator_cookie, sa.responder_cookie = header.initiator_cookie, self._cookie()
        known = speaker.table.with_peer(sa.local, sa.remote, sa.service_port)
        negotiation = self._open(sa, aggressive, self._is_first_contact(sa, known), now)
        try:
            self._step(negotiation, header, datagram, now)
        except ExchangeRefusedError as error:
            speaker.forget(sa, by_peer=False)
            if error.reason in _ANSWERED:
                speaker.send(sa, informational.clear_notification(sa, NotifyType.NO_PROPOSAL_CHOSEN))
            raise

    def _make_room(self) -> None:
        stranger = self._speaker.negotiations.oldest_stranger()
        if stranger is None:
            raise ExchangeRefusedError(Reason.TOO_MANY)
        self._speaker.events.append(MessageRefused(Reason.TOO_MANY, stranger.remote))
        self._speaker.forget(stranger, by_peer=False)

    def _step(self, negotiation: Negotiation, header: Header, datagram: Datagram, now: float) -> None:
        step = expected_step(negotiation.sa.initiator, negotiation.sa.state)
        try:
            reply = negotiation.exchange.receive(header, datagram, now)
        except VerdictPendingError:
            negotiation.held = datagram
            return
        negotiation.received = datagram.data
        self._speaker.events.append(StateChanged(negotiation.sa, step))
        if negotiation.sa.established:
            self._established(negotiation, now)
        self._transmit(negotiation, reply, now)

    def _transmit(self, negotiation: Negotiation, message: bytes | None, now: float) -> None:
        negotiation.replied(message, self._speaker.config, now)
        self._speaker.arm(Timer.NEGOTIATION, negotiation.sa, negotiation.deadline)
        if message is not None:
            self._speaker.send(negotiation.sa, message)

    def _established(self, negotiation: Negotiation, now: float) -> None:
        speaker, sa = self._speaker, negotiation.sa
        speaker.negotiations.conclude(negotiation)
        if negotiation.exchange.peer_is_new:
            speaker.forget_others(sa)
        speaker.arm(Timer.EXPIRY, sa, sa.expires_at)
        if sa.behind_nat:
            speaker.arm(Timer.NAT_KEEPALIVE, sa, now + speaker.config.nat_keepalive)
        speaker.watch.begin(sa, speaker.config.peers.keepalive(sa.remote))
        speaker.arm(Timer.PROBE, sa, speaker.watch.deadline(sa))
        speaker.events.append(Phase1Established(sa))

    def _new_sa(self, initiator: bool, local: Endpoint, remote: Endpoint, aggressive: bool, now: float) -> IsakmpSa:
        sa = IsakmpSa(self.new_connection_id(), initiator, local, remote, NO_COOKIE, created_at=now)
        sa.state = State.AG_NO_STATE if aggressive else State.MM_NO_STATE
        sa.service_port = local.port if local.port == GDOI_PORT else ISAKMP_PORT
        sa.doi = Doi.GDOI if sa.service_port == GDOI_PORT else Doi.IPSEC
        return sa

    def _open(self, sa: IsakmpSa, aggressive: bool, first_contact: bool, now: float) -> Negotiation:
        speaker = self._speaker
        speaker.table.add(sa)
        kind = AggressiveMode if aggressive else MainMode
        exchange = kind(sa, speaker.config, speaker.random, first_contact)
        negotiation = Negotiation(exchange, now + speaker.config.half_open_lifetime)
        speaker.negotiations.add(negotiation)
        speaker.arm(Timer.NEGOTIATION, sa, negotiation.deadline)
        return negotiation

    def _cookie(self) -> bytes:
        while (cookie := self._speaker.random(8)) == NO_COOKIE:
            pass
        return cookie

    def _lack(self) -> Reason:
        """Why no policy can be used."""
        if not self._speaker.config.policies:
            return Reason.NO_PROPOSAL
        methods = {policy.authentication for policy in self._speaker.config.policies}
        return Reason.NO_PSK if Authentication.PRE_SHARED in methods else Reason.NO_CERTIFICATE

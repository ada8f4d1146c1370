"""The responder of GROUPKEY-PULL (RFC 6407 section 3), one for all groups of a key server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Event
from iosemu.engines.gdoi.authentication import PullMessages
from iosemu.engines.gdoi.events import PullRefused
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.server_events import UnknownIdentity
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.attributes import number, parse_attributes
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import pack_sequence
from iosemu.wire.gdoi.numbers import GapAttribute
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.isakmp import Header, Payload, PayloadType, find_payload
from iosemu.wire.isakmp_payloads import Identity, NotifyType

NONCE_OCTETS = 20
NONCE_RANGE = range(8, 129)
# Exchanges are remembered for duplicates, then forgotten (seconds).
LIFETIME = 60.0


@dataclass(slots=True)
class _Exchange:
    messages: PullMessages
    server: KeyServer
    policy: GroupSa
    started_at: float
    received: bytes
    sent: bytes
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What the owner must send: a message of the exchange, or a protected notification of `notify`'s type."""

    message: bytes = b""
    notify: NotifyType | None = None


class PullServer:
    """Answers registrations. `find_group` gives the key server of a group identity, `check` what the owner has against
    a registration in a group."""

    def __init__(
        self,
        find_group: Callable[[Identity], KeyServer | None],
        random: RandomBytes,
        check: Callable[[KeyServer, IsakmpSa], Event | None] = lambda *_: None,
    ) -> None:
        self._find_group = find_group
        self._check = check
        self._random = random
        self._exchanges: dict[tuple[bytes, int], _Exchange] = {}
        self._events: list[Event] = []

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    def receive(self, sa: IsakmpSa, header: Header, data: bytes, now: float) -> Reply | None:
        """Take a message of exchange 32 under an SA; whatever is wrong with it becomes an event."""
        self._forget(now)
        key = sa.cookies, header.message_id
        exchange = self._exchanges.get(key)
        try:
            if exchange is None:
                return self._first(sa, header, data, now)
            if data == exchange.received:
                return Reply(exchange.sent)
            try:
                return self._third(exchange, header, data, now)
            finally:
                self._tell(exchange.messages, exchange.server)
        except WireError as error:
            group = exchange.server.config.group if exchange else ""
            self._events.append(PullRefused(group, sa.remote, sa.local, str(error)))
            return None

    def _forget(self, now: float) -> None:
        """Let go of old exchanges; the oldest come first."""
        while self._exchanges:
            key = next(iter(self._exchanges))
            if self._exchanges[key].started_at + LIFETIME > now:
                break
            del self._exchanges[key]

    def _first(self, sa: IsakmpSa, header: Header, data: bytes, now: float) -> Reply:
        if header.message_id == 0 or header.message_id in sa.message_ids:
            raise WireError("message ID is zero or was used before")
        messages = PullMessages(sa, header.message_id)
        payloads = messages.open(header, data)
        nonce = find_payload(payloads, PayloadType.NONCE)
        if len(nonce) not in NONCE_RANGE:
            raise WireError(f"nonce of {len(nonce)} octets")
        identity = Identity.parse(find_payload(payloads, PayloadType.ID))
        sa.message_ids.add(header.message_id)
        server = self._find_group(identity)
        address = sa.remote.address
        if server is None:
            self._events.append(UnknownIdentity("", address))
            return Reply(notify=NotifyType.INVALID_ID_INFORMATION)
        self._tell(messages, server)
        if (refusal := self._check(server, sa) or server.refusal(sa)) is not None:
            self._events.append(refusal)
            return Reply(notify=NotifyType.AUTHENTICATION_FAILED)
        policy = server.policy(sa, now)
        if not policy.teks and policy.kek is None:
            return Reply(notify=NotifyType.NO_PROPOSAL_CHOSEN)
        messages.nonces = nonce
        own = self._random(NONCE_OCTETS)
        reply = messages.seal(
            [Payload(PayloadType.NONCE, own), Payload(PayloadType.SA, policy.pack(server.config.profile))]
        )
        messages.nonces = nonce + own
        self._tell(messages, server)
        self._exchanges[sa.cookies, header.message_id] = _Exchange(messages, server, policy, now, data, reply)
        return Reply(reply)

    def _tell(self, messages: PullMessages, server: KeyServer) -> None:
        self._events += messages.take_seen(server.config.group, server.config.profile)

    def _third(self, exchange: _Exchange, header: Header, data: bytes, now: float) -> Reply:
        if exchange.complete:
            raise WireError("the exchange is complete")
        payloads = exchange.messages.open(header, data)
        requested = 0
        for payload in payloads:
            if payload.kind == PayloadType.GAP:
                requested = number(parse_attributes(payload.body), GapAttribute.SENDER_ID_REQUEST, 0)
        keys = exchange.server.keys(exchange.policy, exchange.messages.sa.remote.address, requested, now)
        if keys is None:
            # What message 2 promised is gone; the member tries again and gets the new keys.
            del self._exchanges[exchange.messages.sa.cookies, header.message_id]
            return Reply(notify=NotifyType.NO_PROPOSAL_CHOSEN)
        answer = [Payload(PayloadType.KD, keys.pack())]
        if exchange.policy.kek and exchange.server.kek:
            sequence = pack_sequence(exchange.server.kek.sequence)
            answer.insert(0, Payload(PayloadType.SEQ, sequence))
        exchange.received, exchange.sent = data, exchange.messages.seal(answer)
        exchange.complete = True
        exchange.server.register(exchange.messages.sa, keys, now)
        return Reply(exchange.sent)

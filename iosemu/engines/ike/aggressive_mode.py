"""Aggressive mode (RFC 2409 section 5), one exchange in either role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from iosemu.crypto.errors import CryptoError
from iosemu.engines.common import Datagram
from iosemu.engines.ike import negotiation
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.errors import ExchangeRefusedError, VerdictPendingError
from iosemu.engines.ike.events import Reason
from iosemu.engines.ike.exchange import Phase1Exchange
from iosemu.engines.ike.states import Step, advance, expected_step
from iosemu.engines.ike.usable import usable_policies
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import HEADER_LENGTH, ExchangeType, Header, Payload, PayloadType, find_payload, parse_payloads
from iosemu.wire.isakmp_payloads import Identity, SecurityAssociation


@dataclass(slots=True)
class AggressiveMode(Phase1Exchange):
    """Three messages; the identities are not hidden, and all that is offered has one Diffie-Hellman group."""

    KIND: ClassVar[ExchangeType] = ExchangeType.AGGRESSIVE

    _offered: tuple[IkePolicy, ...] = ()
    _identity: dict[bool, bytes] = field(default_factory=dict)

    def start(self) -> bytes:
        """Message 1."""
        policies = usable_policies(self.config, self.sa.remote)
        self._offered = tuple(policy for policy in policies if policy.group == policies[0].group)
        self.sa.suite = policies[0]
        self._identity[True] = self._own_identity().pack()
        payloads = [self._make_offer(self._offered), *self._key_exchange()]
        payloads += [Payload(PayloadType.ID, self._identity[True]), *self._vendor_ids()]
        return self._clear(ExchangeType.AGGRESSIVE, payloads)

    def receive(self, header: Header, datagram: Datagram, now: float) -> bytes | None:
        """Take the peer's next message; returns ours, if one follows. A refused message leaves the state as it was.

        Raises ExchangeRefusedError and VerdictPendingError.
        """
        step = expected_step(self.sa.initiator, self.sa.state)
        handlers = {
            Step.AGGRESSIVE_OFFER: self._receive_offer,
            Step.AGGRESSIVE_ANSWER: self._receive_answer,
            Step.AGGRESSIVE_PROOF: self._receive_proof,
        }
        if step is None or (header.encrypted and step is not Step.AGGRESSIVE_PROOF):
            raise ExchangeRefusedError(Reason.UNEXPECTED)
        settled = self.sa.suite, self.sa.responder_cookie
        try:
            reply = handlers[step](header, datagram, now)
        except (ExchangeRefusedError, VerdictPendingError):
            self.sa.suite, self.sa.responder_cookie = settled
            raise
        except WireError as error:
            self.sa.suite, self.sa.responder_cookie = settled
            raise ExchangeRefusedError(Reason.MALFORMED, str(error)) from error
        except CryptoError as error:
            self.sa.suite, self.sa.responder_cookie = settled
            raise ExchangeRefusedError(Reason.BAD_PUBLIC_VALUE, str(error)) from error
        self.sa.state = advance(self.sa.initiator, self.sa.state, step)
        return reply

    def _receive_offer(self, header: Header, datagram: Datagram, now: float) -> bytes:
        """Message 1. Our key pair comes before the keys that depend on it."""
        payloads = parse_payloads(header.next_payload, datagram.data[HEADER_LENGTH:])
        self._identity[True] = find_payload(payloads, PayloadType.ID)
        identity = Identity.parse(self._identity[True])
        answer = self._choose(find_payload(payloads, PayloadType.SA), identity)
        public, nonce = self._read_key_exchange(payloads)
        self._note(payloads)
        exchange = self._key_exchange()
        self._derive(public, nonce, identity)
        self._identity[False] = self._own_identity().pack()
        reply = [answer, *exchange, Payload(PayloadType.ID, self._identity[False])]
        reply += [*self._prove(self._identity[False]), *self._requests(), *self._vendor_ids(), *self._nat_detection()]
        return self._clear(ExchangeType.AGGRESSIVE, reply)

    def _receive_answer(self, header: Header, datagram: Datagram, now: float) -> bytes:
        """Message 2. What it settles holds only once its proof is good."""
        payloads = parse_payloads(header.next_payload, datagram.data[HEADER_LENGTH:])
        self.sa.suite = negotiation.accepted(
            SecurityAssociation.parse(find_payload(payloads, PayloadType.SA)), self._offered
        )
        self.sa.responder_cookie = header.responder_cookie
        public, nonce = self._read_key_exchange(payloads)
        identity = find_payload(payloads, PayloadType.ID)
        self._derive(public, nonce, Identity.parse(identity))
        self._check(payloads, identity, now)
        self._note(payloads)
        self._detect_nat(payloads, datagram)
        self._float()
        assert self._cipher is not None
        reply = [*self._prove(self._identity[True]), *self._nat_detection(), *self._contact()]
        message = self._cipher.seal(ExchangeType.AGGRESSIVE, 0, reply)
        self._establish(now)
        return message

    def _receive_proof(self, header: Header, datagram: Datagram, now: float) -> None:
        """Message 3, in clear or encrypted."""
        assert self._cipher is not None
        try:
            payloads = self._open(header, datagram.data)
        except WireError as error:
            raise ExchangeRefusedError(Reason.BAD_DECRYPTION, str(error)) from error
        self._check(payloads, self._identity[True], now)
        self._detect_nat(payloads, datagram)
        if header.encrypted:
            self._cipher.accept(datagram.data)
        self.sa.local, self.sa.remote = datagram.destination, datagram.source
        self._establish(now)

    def _open(self, header: Header, data: bytes) -> tuple[Payload, ...]:
        assert self._cipher is not None
        if header.encrypted:
            return self._cipher.open(header, data)[0]
        return parse_payloads(header.next_payload, data[HEADER_LENGTH:])

"""Main mode (RFC 2409 section 5), one exchange in either role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from iosemu.crypto.errors import CryptoError
from iosemu.engines.common import Datagram
from iosemu.engines.ike import negotiation
from iosemu.engines.ike.errors import ExchangeRefusedError
from iosemu.engines.ike.events import Reason
from iosemu.engines.ike.exchange import Phase1Exchange
from iosemu.engines.ike.states import Step, advance, expected_step
from iosemu.engines.ike.usable import usable_policies
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import HEADER_LENGTH, ExchangeType, Header, Payload, PayloadType, find_payload, parse_payloads
from iosemu.wire.isakmp_payloads import SecurityAssociation


@dataclass(slots=True)
class MainMode(Phase1Exchange):
    """Six messages: SA, key exchange and proof, each in both directions."""

    KIND: ClassVar[ExchangeType] = ExchangeType.MAIN_MODE

    def start(self) -> bytes:
        """Message 1."""
        offer = self._make_offer(usable_policies(self.config, self.sa.remote))
        return self._clear(ExchangeType.MAIN_MODE, [offer, *self._vendor_ids()])

    def receive(self, header: Header, datagram: Datagram, now: float) -> bytes | None:
        """Take the peer's next message; returns ours, if one follows. A refused message leaves the state as it was.

        Raises ExchangeRefusedError and VerdictPendingError.
        """
        step = expected_step(self.sa.initiator, self.sa.state)
        handlers = {
            Step.SA: self._receive_sa,
            Step.KEY_EXCHANGE: self._receive_key_exchange,
            Step.AUTHENTICATION: self._receive_authentication,
        }
        if step is None or header.encrypted != (step is Step.AUTHENTICATION):
            raise ExchangeRefusedError(Reason.UNEXPECTED)
        try:
            reply = handlers[step](header, datagram, now)
        except WireError as error:
            raise ExchangeRefusedError(Reason.MALFORMED, str(error)) from error
        except CryptoError as error:
            raise ExchangeRefusedError(Reason.BAD_PUBLIC_VALUE, str(error)) from error
        self.sa.state = advance(self.sa.initiator, self.sa.state, step)
        return reply

    def _receive_sa(self, header: Header, datagram: Datagram, now: float) -> bytes:
        payloads = parse_payloads(header.next_payload, datagram.data[HEADER_LENGTH:])
        body = find_payload(payloads, PayloadType.SA)
        if self.sa.initiator:
            policies = usable_policies(self.config, self.sa.remote)
            self.sa.suite = negotiation.accepted(SecurityAssociation.parse(body), policies)
            self.sa.responder_cookie = header.responder_cookie
            self._note(payloads)
            return self._key_exchange_message()
        answer = self._choose(body, None)
        self._note(payloads)
        return self._clear(ExchangeType.MAIN_MODE, [answer, *self._vendor_ids()])

    def _key_exchange_message(self) -> bytes:
        payloads = [*self._key_exchange(), *self._requests(), *self._nat_detection()]
        return self._clear(ExchangeType.MAIN_MODE, payloads)

    def _receive_key_exchange(self, header: Header, datagram: Datagram, now: float) -> bytes:
        payloads = parse_payloads(header.next_payload, datagram.data[HEADER_LENGTH:])
        public, nonce = self._read_key_exchange(payloads)
        self._note(payloads)
        self._detect_nat(payloads, datagram)
        if self.sa.initiator:
            self._derive(public, nonce)
            self._float()
            return self._proof_message()
        reply = self._key_exchange_message()
        self._derive(public, nonce)
        return reply

    def _receive_authentication(self, header: Header, datagram: Datagram, now: float) -> bytes | None:
        assert self._cipher is not None
        try:
            payloads, _ = self._cipher.open(header, datagram.data)
            identity = find_payload(payloads, PayloadType.ID)
        except WireError as error:
            # With pre-shared keys the cipher key depends on them: a wrong one shows as garbage.
            raise ExchangeRefusedError(Reason.BAD_DECRYPTION, str(error)) from error
        self._check(payloads, identity, now)
        self._note(payloads)
        self._cipher.accept(datagram.data)
        if not self.sa.initiator:
            # Behind a NAT the initiator comes from another port than before.
            self.sa.local, self.sa.remote = datagram.destination, datagram.source
        reply = None if self.sa.initiator else self._proof_message()
        self._establish(now)
        return reply

    def _proof_message(self) -> bytes:
        assert self._cipher is not None
        identity = self._own_identity().pack()
        payloads = [Payload(PayloadType.ID, identity), *self._prove(identity)]
        if self.sa.initiator:
            payloads += self._contact()
        return self._cipher.seal(ExchangeType.MAIN_MODE, 0, payloads)

"""Main mode with pre-shared keys (RFC 2409 section 5.4), one exchange in either role."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from iosemu.crypto import dh
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.ike_keys import derive_keys, phase1_iv, skeyid_from_psk
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.ike import negotiation
from iosemu.engines.ike.config import IkeConfig
from iosemu.engines.ike.events import Reason
from iosemu.engines.ike.sa import ExchangeCipher, IsakmpSa
from iosemu.engines.ike.states import Step, advance, expected_step
from iosemu.engines.ike.vendor import DEAD_PEER_DETECTION, iosemu_vendor_id
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import (
    Doi,
    ExchangeType,
    Header,
    Identity,
    IdType,
    Notification,
    NotifyType,
    Payload,
    PayloadType,
    SecurityAssociation,
    find_payload,
    pack_payloads,
    parse_payloads,
)

NONCE_OCTETS = 20
NONCE_RANGE = range(8, 257)


class ExchangeRefusedError(Exception):
    """A message must be dropped; it never leaves the IKE engine."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class MainMode:
    """The exchange that establishes `sa`. Bodies of SA, KE and NONCE are kept as sent: the hashes cover octets."""

    sa: IsakmpSa
    config: IkeConfig
    random: RandomBytes
    _offer: bytes = b""
    _pair: dh.DhKeyPair | None = None
    _public: dict[bool, bytes] = field(default_factory=dict)
    _nonce: dict[bool, bytes] = field(default_factory=dict, repr=False)
    _cipher: ExchangeCipher | None = None

    def start(self) -> bytes:
        """Message 1."""
        self._offer = negotiation.offer(self.config.policies).pack()
        return self._clear([Payload(PayloadType.SA, self._offer), *self._vendor_ids()])

    def receive(self, header: Header, data: bytes, now: float) -> bytes | None:
        """Take the peer's next message; returns ours, if one follows. A refused message leaves the state as it was."""
        step = expected_step(self.sa.initiator, self.sa.state)
        handlers = {
            Step.SA: self._receive_sa,
            Step.KEY_EXCHANGE: self._receive_key_exchange,
            Step.AUTHENTICATION: self._receive_authentication,
        }
        if step is None or header.encrypted != (step is Step.AUTHENTICATION):
            raise ExchangeRefusedError(Reason.UNEXPECTED)
        try:
            reply = handlers[step](header, data, now)
        except WireError as error:
            raise ExchangeRefusedError(Reason.MALFORMED, str(error)) from error
        except CryptoError as error:
            raise ExchangeRefusedError(Reason.BAD_PUBLIC_VALUE, str(error)) from error
        self.sa.state = advance(self.sa.initiator, self.sa.state, step)
        return reply

    def _receive_sa(self, header: Header, data: bytes, now: float) -> bytes:
        payloads = parse_payloads(header.next_payload, data[28:])
        body = find_payload(payloads, PayloadType.SA)
        peer_sa = SecurityAssociation.parse(body)
        vendor_ids = [payload.body for payload in payloads if payload.kind == PayloadType.VENDOR_ID]
        if self.sa.initiator:
            self.sa.suite = negotiation.accepted(peer_sa, self.config.policies)
            self.sa.responder_cookie = header.responder_cookie
            self.sa.peer_vendor_ids = vendor_ids
            return self._send_key_exchange()
        chosen = negotiation.choose(peer_sa, self.config.policies)
        if chosen is None:
            raise ExchangeRefusedError(Reason.NO_PROPOSAL)
        answer, self.sa.suite = chosen
        self.sa.doi = peer_sa.doi
        self.sa.peer_vendor_ids = vendor_ids
        self._offer = body
        return self._clear([Payload(PayloadType.SA, answer.pack()), *self._vendor_ids()])

    def _receive_key_exchange(self, header: Header, data: bytes, now: float) -> bytes:
        payloads = parse_payloads(header.next_payload, data[28:])
        public, nonce = find_payload(payloads, PayloadType.KE), find_payload(payloads, PayloadType.NONCE)
        if len(nonce) not in NONCE_RANGE:
            raise WireError(f"nonce of {len(nonce)} octets")
        psk = self.config.find_psk(self.sa.remote.address)
        if psk is None:
            raise ExchangeRefusedError(Reason.NO_PSK)
        reply = b"" if self.sa.initiator else self._send_key_exchange()
        assert self._pair is not None
        shared = self._pair.shared(public)
        peer = not self.sa.initiator
        self._public[peer], self._nonce[peer] = public, nonce
        self._derive(psk, shared)
        return self._send_authentication() if self.sa.initiator else reply

    def _derive(self, psk: bytes, shared: bytes) -> None:
        algorithm = self.sa.hash
        skeyid = skeyid_from_psk(algorithm, psk, self._nonce[True], self._nonce[False])
        iv = phase1_iv(algorithm, self.sa.cipher, self._public[True], self._public[False])
        self.sa.set_keys(derive_keys(algorithm, skeyid, shared, self.sa.cookies), iv)
        self._cipher = ExchangeCipher(self.sa, iv)

    def _receive_authentication(self, header: Header, data: bytes, now: float) -> bytes | None:
        assert self._cipher is not None
        try:
            payloads, _ = self._cipher.open(header, data)
            identity, digest = find_payload(payloads, PayloadType.ID), find_payload(payloads, PayloadType.HASH)
            peer_identity = Identity.parse(identity)
        except WireError as error:
            # In main mode the key depends on the pre-shared key: a wrong one shows as garbage.
            raise ExchangeRefusedError(Reason.BAD_DECRYPTION, str(error)) from error
        if not hmac.compare_digest(digest, self._hash(not self.sa.initiator, identity)):
            raise ExchangeRefusedError(Reason.BAD_HASH)
        self._cipher.accept(data)
        self.sa.peer_identity = peer_identity
        reply = None if self.sa.initiator else self._send_authentication()
        assert self.sa.suite is not None
        self.sa.last_block = self._cipher.iv
        self.sa.established_at = now
        self.sa.expires_at = now + self.sa.suite.lifetime
        return reply

    def _send_key_exchange(self) -> bytes:
        assert self.sa.suite is not None
        own = self.sa.initiator
        self._pair = dh.generate(self.sa.suite.group, self.random)
        self._public[own], self._nonce[own] = self._pair.public, self.random(NONCE_OCTETS)
        return self._clear([Payload(PayloadType.KE, self._public[own]), Payload(PayloadType.NONCE, self._nonce[own])])

    def _send_authentication(self) -> bytes:
        assert self._cipher is not None
        identity = Identity(IdType.IPV4_ADDR, self.sa.local.address.packed).pack()
        payloads = [
            Payload(PayloadType.ID, identity),
            Payload(PayloadType.HASH, self._hash(self.sa.initiator, identity)),
        ]
        if self.sa.initiator:
            contact = Notification(Doi.IPSEC, 1, NotifyType.INITIAL_CONTACT, self.sa.cookies)
            payloads.append(Payload(PayloadType.NOTIFY, contact.pack()))
        return self._cipher.seal(ExchangeType.MAIN_MODE, 0, payloads)

    def _hash(self, of_initiator: bool, identity: bytes) -> bytes:
        """HASH_I or HASH_R; both cover the initiator's SA payload."""
        assert self.sa.keys is not None
        own, other = self._public[of_initiator], self._public[not of_initiator]
        cookies = self.sa.cookies if of_initiator else self.sa.responder_cookie + self.sa.initiator_cookie
        return self.sa.hash.hmac(self.sa.keys.skeyid, own + other + cookies + self._offer + identity)

    def _vendor_ids(self) -> list[Payload]:
        ids = (DEAD_PEER_DETECTION, iosemu_vendor_id(self.config.version))
        return [Payload(PayloadType.VENDOR_ID, vendor_id) for vendor_id in ids]

    def _clear(self, payloads: list[Payload]) -> bytes:
        chain = pack_payloads(payloads)
        header = Header(
            self.sa.initiator_cookie,
            self.sa.responder_cookie,
            payloads[0].kind,
            ExchangeType.MAIN_MODE,
            0,
            0,
            28 + len(chain),
        )
        return header.pack() + chain

"""What main and aggressive mode share (RFC 2409 sections 5 and 5.4): offers, key exchange, keys, proofs, messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from iosemu.crypto import dh
from iosemu.crypto.ike_keys import derive_keys, phase1_iv
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.common import Datagram
from iosemu.engines.ike import authentication, nat, negotiation
from iosemu.engines.ike.config import IkeConfig, IkePolicy
from iosemu.engines.ike.errors import ExchangeRefusedError
from iosemu.engines.ike.events import Reason
from iosemu.engines.ike.methods import Authentication
from iosemu.engines.ike.sa import ExchangeCipher, IsakmpSa
from iosemu.engines.ike.usable import usable_policies
from iosemu.engines.ike.vendor import own_vendor_ids, traverses_nat
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import Doi, ExchangeType, Header, Payload, PayloadType, find_payload, pack_message
from iosemu.wire.isakmp_payloads import PROTOCOL_ISAKMP, Identity, Notification, NotifyType, SecurityAssociation

NONCE_OCTETS = 20
NONCE_RANGE = range(8, 257)
_MAXIMUM_AUTHORITIES = 16


@dataclass(slots=True)
class Phase1Exchange:
    """The exchange that establishes `sa`. Bodies of SA, KE and NONCE are kept as sent: the hashes cover octets.

    `first_contact` says that we know of no other SA with the peer, which may then forget those that it has;
    `peer_is_new` that the peer said so.
    """

    sa: IsakmpSa
    config: IkeConfig
    random: RandomBytes
    first_contact: bool = True
    peer_is_new: bool = False
    _offer: bytes = b""
    _pair: dh.DhKeyPair | None = None
    _public: dict[bool, bytes] = field(default_factory=dict)
    _nonce: dict[bool, bytes] = field(default_factory=dict, repr=False)
    _cipher: ExchangeCipher | None = None
    _authorities: tuple[bytes, ...] = ()

    # The SA payload

    def _make_offer(self, policies: Iterable[IkePolicy]) -> Payload:
        self._offer = negotiation.offer(policies, self.sa.doi).pack()
        return Payload(PayloadType.SA, self._offer)

    def _choose(self, body: bytes, identity: Identity | None) -> Payload:
        """The responder's answer to an offer."""
        offered = SecurityAssociation.parse(body)
        policies = usable_policies(self.config, self.sa.remote, identity)
        chosen = negotiation.choose(offered, policies)
        if chosen is None:
            lacking = negotiation.choose(offered, self.config.policies)
            raise ExchangeRefusedError(_lack(lacking[1]) if lacking else Reason.NO_PROPOSAL)
        answer, self.sa.suite = chosen
        self.sa.doi = offered.doi
        self._offer = body
        return Payload(PayloadType.SA, answer.pack())

    # KE, NONCE and what comes with them

    def _key_exchange(self) -> list[Payload]:
        """Our public value and nonce; certificate requests where signatures are agreed upon."""
        assert self.sa.suite is not None
        own = self.sa.initiator
        self._pair = dh.generate(self.sa.suite.group, self.random)
        self._public[own], self._nonce[own] = self._pair.public, self.random(NONCE_OCTETS)
        return [Payload(PayloadType.KE, self._public[own]), Payload(PayloadType.NONCE, self._nonce[own])]

    def _requests(self) -> list[Payload]:
        """Certificate requests, where signatures are agreed upon (RFC 2408 section 3.10)."""
        if self.sa.suite is None or not self.sa.authentication.signs:
            return []
        authorities = self.config.peers.authorities(self.sa.remote)
        return [Payload(PayloadType.CERT_REQUEST, authentication.X509_SIGNATURE + name) for name in authorities]

    def _read_key_exchange(self, payloads: tuple[Payload, ...]) -> tuple[bytes, bytes]:
        public, nonce = find_payload(payloads, PayloadType.KE), find_payload(payloads, PayloadType.NONCE)
        if len(nonce) not in NONCE_RANGE:
            raise WireError(f"nonce of {len(nonce)} octets")
        return public, nonce

    def _derive(self, peer_public: bytes, peer_nonce: bytes, identity: Identity | None = None) -> None:
        """All keys of the SA."""
        assert self._pair is not None
        shared = self._pair.shared(peer_public)
        peer = not self.sa.initiator
        self._public[peer], self._nonce[peer] = peer_public, peer_nonce
        nonces = self._nonce[True], self._nonce[False]
        skeyid = authentication.skeyid(self.sa, self.config, nonces, shared, identity)
        iv = phase1_iv(self.sa.hash, self.sa.cipher, self._public[True], self._public[False])
        self.sa.set_keys(derive_keys(self.sa.hash, skeyid, shared, self.sa.cookies), iv)
        self._cipher = ExchangeCipher(self.sa, iv)

    # NAT

    def _nat_detection(self) -> list[Payload]:
        """NAT-D of the peer's address and of ours, for a peer that knows them (RFC 3947 section 3.2)."""
        if not traverses_nat(self.sa.peer_vendor_ids):
            return []
        ends = self.sa.remote, self.sa.local
        return [Payload(PayloadType.NAT_D, nat.detection(self.sa, end)) for end in ends]

    def _detect_nat(self, payloads: tuple[Payload, ...], datagram: Datagram) -> None:
        bodies = [payload.body for payload in payloads if payload.kind == PayloadType.NAT_D]
        if traverses_nat(self.sa.peer_vendor_ids):
            nat.detect(self.sa, bodies, datagram.destination, datagram.source)

    def _float(self) -> None:
        """The initiator moves to port 4500 once a NAT is found (RFC 3947 section 4)."""
        if self.sa.floated and self.sa.local.port != nat.NAT_PORT:
            self.sa.local = replace(self.sa.local, port=nat.NAT_PORT)
            self.sa.remote = replace(self.sa.remote, port=nat.NAT_PORT)

    # Proofs

    def _own_identity(self) -> Identity:
        method = self.sa.suite.authentication if self.sa.suite else 0
        return self.config.peers.own_identity(self.sa.remote, self.sa.local, method)

    def _prove(self, identity: bytes) -> list[Payload]:
        digest = self._digest(self.sa.initiator, identity)
        return authentication.proof(self.sa, self.config, digest, self._authorities)

    def _check(self, payloads: tuple[Payload, ...], identity: bytes, now: float) -> None:
        """Check the peer's proof and take its identity."""
        digest = self._digest(not self.sa.initiator, identity)
        parsed = Identity.parse(identity)
        certificate = authentication.check_proof(self.sa, self.config, payloads, digest, parsed, now)
        self.sa.peer_identity, self.sa.peer_certificate = parsed, certificate
        notes = [Notification.parse(item.body) for item in payloads if item.kind == PayloadType.NOTIFY]
        self.peer_is_new = any(note.kind == NotifyType.INITIAL_CONTACT for note in notes)

    def _digest(self, of_initiator: bool, identity: bytes) -> bytes:
        """HASH_I or HASH_R; both cover the initiator's SA payload."""
        assert self.sa.keys is not None
        own, other = self._public[of_initiator], self._public[not of_initiator]
        cookies = self.sa.cookies if of_initiator else self.sa.responder_cookie + self.sa.initiator_cookie
        return self.sa.proof_hash.hmac(self.sa.keys.skeyid, own + other + cookies + self._offer + identity)

    def _contact(self) -> list[Payload]:
        """INITIAL-CONTACT (RFC 2407 section 4.6.3.3)."""
        if not self.first_contact:
            return []
        body = Notification(Doi.IPSEC, PROTOCOL_ISAKMP, NotifyType.INITIAL_CONTACT, self.sa.cookies).pack()
        return [Payload(PayloadType.NOTIFY, body)]

    # Messages

    def _vendor_ids(self) -> list[Payload]:
        ids = own_vendor_ids(self.config.version, self.config.fragmentation)
        return [Payload(PayloadType.VENDOR_ID, vendor_id) for vendor_id in ids]

    def _note(self, payloads: tuple[Payload, ...]) -> None:
        """Remember the peer's vendor IDs and certificate requests, in whichever message they come."""
        self.sa.peer_vendor_ids += [item.body for item in payloads if item.kind == PayloadType.VENDOR_ID]
        requests = [item.body for item in payloads if item.kind == PayloadType.CERT_REQUEST]
        names = tuple(body[1:] for body in requests if body[:1] == authentication.X509_SIGNATURE)
        self._authorities = (*self._authorities, *names)[:_MAXIMUM_AUTHORITIES]

    def _clear(self, exchange: ExchangeType, payloads: list[Payload]) -> bytes:
        return pack_message(Header(*self._cookies, payloads[0].kind, exchange, 0, 0), payloads)

    @property
    def _cookies(self) -> tuple[bytes, bytes]:
        return self.sa.initiator_cookie, self.sa.responder_cookie

    def _establish(self, now: float) -> None:
        """Phase 1 is over. Later exchanges chain to its last block."""
        assert self._cipher is not None
        assert self.sa.suite is not None
        self.sa.last_block = self._cipher.iv
        self.sa.established_at = self.sa.heard_at = now
        self.sa.expires_at = now + self.sa.suite.lifetime


def _lack(policy: IkePolicy) -> Reason:
    """Why a policy that fits the offer cannot be used."""
    return Reason.NO_CERTIFICATE if Authentication(policy.authentication).signs else Reason.NO_PSK

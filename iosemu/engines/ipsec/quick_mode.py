"""One quick mode exchange in either role (RFC 2409 section 5.5)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from iosemu.crypto import dh
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.ike_keys import keymat
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.acl import AclEntry
from iosemu.engines.ike.sa import ExchangeCipher, IsakmpSa
from iosemu.engines.ipsec import identities, proposals
from iosemu.engines.ipsec.config import TunnelPolicy
from iosemu.engines.ipsec.events import Refusal
from iosemu.engines.ipsec.proposals import PROTOCOL_ESP, Setting, Terms
from iosemu.engines.ipsec.sa import EspKeys
from iosemu.engines.ipsec.states import State, Step, advance, may
from iosemu.wire.attributes import pack_attributes, parse_attributes
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import Doi, ExchangeType, Header, Payload, PayloadType, find_payload, pack_payloads
from iosemu.wire.isakmp_payloads import Identity, Notification, NotifyType, SecurityAssociation
from iosemu.wire.transform_attributes import LifeType

NONCE_OCTETS = 20
NONCE_RANGE = range(8, 257)
# Which policy an offered flow falls under; None when there is none for it.
PolicyFinder = Callable[[IsakmpSa, AclEntry], "TunnelPolicy | None"]


class QuickModeRefusedError(Exception):
    """A message must be dropped; with `notify` the peer is told why. It never leaves the IPsec engine."""

    def __init__(self, refusal: Refusal, detail: str = "", notify: int | None = None) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.detail = detail
        self.notify = notify


@dataclass(slots=True)
class QuickMode:
    """The exchange that makes one pair of SAs for `flow`, seen from our side. SPIs are of those who receive with them.

    A refused message leaves the exchange as it was.
    """

    sa: IsakmpSa
    message_id: int
    initiator: bool
    random: RandomBytes
    own_spi: bytes
    udp: bool = False
    policy: TunnelPolicy | None = None
    flow: AclEntry | None = None
    state: State = State.READY
    terms: Terms | None = None
    peer_spi: bytes = b""
    _cipher: ExchangeCipher = field(init=False, repr=False)
    _offer: SecurityAssociation | None = None
    _pair: dh.DhKeyPair | None = None
    _shared: bytes = field(default=b"", repr=False)
    _nonces: dict[bool, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._cipher = self.sa.exchange_cipher(self.message_id)

    # The initiator

    def start(self) -> bytes:
        """Message 1."""
        assert self.policy is not None
        assert self.flow is not None
        self._offer = proposals.offer(self.policy, self.own_spi, self._setting(self.flow))
        self._nonces[True] = self.random(NONCE_OCTETS)
        rest = [Payload(PayloadType.SA, self._offer.pack()), Payload(PayloadType.NONCE, self._nonces[True])]
        if self.policy.pfs_group:
            self._pair = dh.generate(self.policy.pfs_group, self.random)
            rest.append(Payload(PayloadType.KE, self._pair.public))
        rest += [Payload(PayloadType.ID, item.pack()) for item in identities.identities(self.flow)]
        self.state = advance(True, self.state, Step.START)
        return self._seal(b"", rest)

    def conclude(self, header: Header, data: bytes) -> bytes:
        """Take message 2; returns message 3."""
        payloads = self._open(header, data, Step.ANSWER, self._nonces[True])
        try:
            nonce, terms, peer_spi, shared = self._read_answer(payloads)
        except (WireError, CryptoError) as error:
            raise QuickModeRefusedError(Refusal.ANSWER, str(error)) from error
        self._nonces[False], self.terms, self.peer_spi, self._shared = nonce, terms, peer_spi, shared
        self._cipher.accept(data)
        self.state = advance(True, self.state, Step.ANSWER)
        digest = self.sa.prf_a(self._confirmed())
        return self._cipher.seal(ExchangeType.QUICK_MODE, self.message_id, [Payload(PayloadType.HASH, digest)])

    def _read_answer(self, payloads: tuple[Payload, ...]) -> tuple[bytes, Terms, bytes, bytes]:
        assert self._offer is not None
        assert self.policy is not None
        assert self.flow is not None
        answer = SecurityAssociation.parse(find_payload(payloads, PayloadType.SA))
        terms, peer_spi = proposals.accepted(answer, self._offer, self.udp)
        nonce = _nonce(payloads)
        shared = self._pair.shared(find_payload(payloads, PayloadType.KE)) if self._pair else b""
        found = _identities(payloads)
        if found and identities.flow_between(*found) != self.flow:
            raise WireError("the answer is for other traffic")
        for payload in payloads:
            if payload.kind == PayloadType.NOTIFY:
                terms = _responder_lifetime(Notification.parse(payload.body), terms)
        return nonce, terms, peer_spi, shared

    # The responder

    def answer(self, header: Header, data: bytes, find_policy: PolicyFinder) -> bytes:
        """Take message 1; returns message 2."""
        payloads = self._open(header, data, Step.OFFER, b"")
        try:
            offered = SecurityAssociation.parse(find_payload(payloads, PayloadType.SA))
            self._nonces[True] = _nonce(payloads)
            found = _identities(payloads)
        except WireError as error:
            raise QuickModeRefusedError(Refusal.MALFORMED, str(error)) from error
        # A refusal names the SPI that was offered.
        self.peer_spi = next((item.spi for item in offered.proposals), b"")
        self.flow = self._offered_flow(found)
        self.policy = find_policy(self.sa, self.flow)
        if self.policy is None:
            raise QuickModeRefusedError(Refusal.IDENTITIES, notify=NotifyType.INVALID_ID_INFORMATION)
        chosen = proposals.choose(offered, self.policy, self._setting(self.flow))
        if chosen is None:
            raise QuickModeRefusedError(Refusal.NO_PROPOSAL, notify=NotifyType.NO_PROPOSAL_CHOSEN)
        answer, terms, self.peer_spi = chosen
        key_exchange = self._respond_key_exchange(payloads, terms)
        self.terms = terms.limited(self.policy.lifetime, self.policy.kilobytes)
        self._nonces[False] = self.random(NONCE_OCTETS)
        proposal = replace(answer.proposals[0], spi=self.own_spi)
        rest = [Payload(PayloadType.SA, replace(answer, proposals=(proposal,)).pack())]
        rest += [Payload(PayloadType.NONCE, self._nonces[False]), *key_exchange]
        rest += [payload for payload in payloads if payload.kind == PayloadType.ID]
        if self.terms != terms:
            rest.append(self._lifetime_notice(self.terms))
        self._cipher.accept(data)
        self.state = advance(False, self.state, Step.OFFER)
        return self._seal(self._nonces[True], rest)

    def confirm(self, header: Header, data: bytes) -> None:
        """Take message 3."""
        if not may(self.initiator, self.state, Step.CONFIRMATION):
            raise QuickModeRefusedError(Refusal.UNEXPECTED)
        try:
            payloads, _ = self._cipher.open(header, data)
            digest = find_payload(payloads, PayloadType.HASH)
        except WireError as error:
            raise QuickModeRefusedError(Refusal.MALFORMED, str(error)) from error
        if not hmac.compare_digest(digest, self.sa.prf_a(self._confirmed())):
            raise QuickModeRefusedError(Refusal.BAD_HASH)
        self._cipher.accept(data)
        self.state = advance(False, self.state, Step.CONFIRMATION)

    def _offered_flow(self, found: list[Identity]) -> AclEntry:
        try:
            # The initiator's identity comes first: it is the far end here.
            if found:
                return identities.flow_between(found[1], found[0])
        except WireError as error:
            notify = NotifyType.INVALID_ID_INFORMATION
            raise QuickModeRefusedError(Refusal.IDENTITIES, str(error), notify) from error
        return identities.flow_of_hosts(self.sa.local.address, self.sa.remote.address)

    def _respond_key_exchange(self, payloads: tuple[Payload, ...], terms: Terms) -> list[Payload]:
        if not terms.group:
            return []
        try:
            pair = dh.generate(terms.group, self.random)
            self._shared = pair.shared(find_payload(payloads, PayloadType.KE))
        except (WireError, CryptoError) as error:
            raise QuickModeRefusedError(Refusal.MALFORMED, str(error)) from error
        return [Payload(PayloadType.KE, pair.public)]

    def _lifetime_notice(self, terms: Terms) -> Payload:
        data = pack_attributes(proposals.lifetime_attributes(terms.lifetime, terms.kilobytes))
        notice = Notification(Doi.IPSEC, PROTOCOL_ESP, NotifyType.RESPONDER_LIFETIME, self.own_spi, data)
        return Payload(PayloadType.NOTIFY, notice.pack())

    # Keys

    def keys(self) -> tuple[EspKeys, EspKeys]:
        """Of what we receive and of what we send; there once the terms are."""
        return self._keys(self.own_spi), self._keys(self.peer_spi)

    def _keys(self, spi: bytes) -> EspKeys:
        assert self.terms is not None
        assert self.sa.keys is not None
        transform = self.terms.transform
        sizes = transform.encryption_key_size, transform.salt_size, transform.integrity_key_size
        nonces = self._nonces[True] + self._nonces[False]
        seed = self._shared + bytes((PROTOCOL_ESP,)) + spi + nonces
        material = keymat(self.sa.hash, self.sa.keys.skeyid_d, seed, sum(sizes))
        # RFC 4106 section 8.1: the salt follows the key.
        key, rest = material[: sizes[0]], material[sizes[0] :]
        return EspKeys(spi, transform, key, rest[sizes[1] :], rest[: sizes[1]])

    # Messages

    def _setting(self, flow: AclEntry) -> Setting:
        hosts = identities.flow_of_hosts(self.sa.local.address, self.sa.remote.address)
        return Setting(identities.covers(hosts, flow), self.udp)

    def _confirmed(self) -> bytes:
        return b"\x00" + self._id_octets + self._nonces[True] + self._nonces[False]

    @property
    def _id_octets(self) -> bytes:
        return self.message_id.to_bytes(4, "big")

    def _seal(self, nonce: bytes, rest: list[Payload]) -> bytes:
        digest = self.sa.prf_a(self._id_octets + nonce + pack_payloads(rest))
        payloads = [Payload(PayloadType.HASH, digest), *rest]
        return self._cipher.seal(ExchangeType.QUICK_MODE, self.message_id, payloads)

    def _open(self, header: Header, data: bytes, step: Step, nonce: bytes) -> tuple[Payload, ...]:
        """The payloads behind a HASH that covers them all."""
        if not may(self.initiator, self.state, step):
            raise QuickModeRefusedError(Refusal.UNEXPECTED)
        try:
            payloads, octets = self._cipher.open(header, data)
        except WireError as error:
            raise QuickModeRefusedError(Refusal.MALFORMED, str(error)) from error
        if [payload.kind for payload in payloads[:2]] != [PayloadType.HASH, PayloadType.SA]:
            raise QuickModeRefusedError(Refusal.MALFORMED, "no HASH and SA in front")
        digest = payloads[0].body
        if not hmac.compare_digest(digest, self.sa.prf_a(self._id_octets + nonce + octets[4 + len(digest) :])):
            raise QuickModeRefusedError(Refusal.BAD_HASH)
        return payloads


def _nonce(payloads: tuple[Payload, ...]) -> bytes:
    nonce = find_payload(payloads, PayloadType.NONCE)
    if len(nonce) not in NONCE_RANGE:
        raise WireError(f"nonce of {len(nonce)} octets")
    return nonce


def _identities(payloads: tuple[Payload, ...]) -> list[Identity]:
    """IDci and IDcr, or nothing."""
    found = [Identity.parse(payload.body) for payload in payloads if payload.kind == PayloadType.ID]
    if len(found) not in (0, 2):
        raise WireError(f"{len(found)} identities")
    return found


def _responder_lifetime(notification: Notification, terms: Terms) -> Terms:
    if notification.kind != NotifyType.RESPONDER_LIFETIME or notification.protocol != PROTOCOL_ESP:
        return terms
    found = proposals.read_lifetimes(parse_attributes(notification.data))
    seconds = found.get(LifeType.SECONDS) or terms.lifetime
    return terms.limited(seconds, found.get(LifeType.KILOBYTES) or terms.kilobytes)

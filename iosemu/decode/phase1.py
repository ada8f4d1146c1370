"""Phase 1 in a capture: what its proofs cover is remembered, and every hash and signature verified."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import PublicKey
from iosemu.crypto.suites import HASHES, HashAlgorithm, block_cipher
from iosemu.decode.keys import Keys
from iosemu.decode.record import Record
from iosemu.engines.ike.authentication import X509_SIGNATURE
from iosemu.engines.ike.credentials import method_of
from iosemu.engines.ike.methods import METHOD_HASH
from iosemu.engines.keylog import IsakmpKeys
from iosemu.wire.isakmp import HEADER_LENGTH, NO_COOKIE, ExchangeType, Header, Payload, PayloadType, parse_chain


@dataclass(slots=True)
class Phase1:
    """What the proofs of one phase 1 cover, by who sent it (True: the initiator), and its chain of ciphertext."""

    offer: bytes = b""
    public: dict[bool, bytes] = field(default_factory=dict)
    identity: dict[bool, bytes] = field(default_factory=dict)
    iv: bytes = b""


class Phase1Reader:
    """Follows main and aggressive mode, by the initiator's cookie."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: dict[bytes, Phase1] = {}

    def of(self, initiator_cookie: bytes) -> Phase1:
        """What is known of a phase 1."""
        return self._known.setdefault(initiator_cookie, Phase1())

    def clear(self, record: Record, header: Header, payloads: tuple[Payload, ...]) -> None:
        """A message in clear; in aggressive mode it may hold the responder's proof."""
        state = self.of(header.initiator_cookie)
        # The responder's cookie is still unknown in the first message.
        first = header.responder_cookie == NO_COOKIE
        for payload in payloads:
            if payload.kind == PayloadType.SA and first:
                state.offer = payload.body
            elif payload.kind == PayloadType.KE:
                state.public[not state.public] = payload.body
            elif payload.kind == PayloadType.ID:
                state.identity[first] = payload.body
        keys = self._keys.isakmp.get(header.cookies)
        if keys is not None:
            self._check(record, keys, state, False, payloads)

    def encrypted(self, record: Record, header: Header, data: bytes, keys: IsakmpKeys) -> tuple[Payload, ...]:
        """A message that the keys open; raises WireError, CryptoError."""
        state = self.of(header.initiator_cookie)
        cipher = block_cipher(keys.encryption, keys.key_bits)
        plaintext = cipher.decrypt(keys.encryption_key, state.iv or keys.iv, data[HEADER_LENGTH:])
        payloads, _ = parse_chain(header.next_payload, plaintext)
        state.iv = data[-cipher.block_size :]
        # Main mode: the initiator's identity comes first. Aggressive mode: only its proof comes here.
        of_initiator = True not in state.identity or header.exchange == ExchangeType.AGGRESSIVE
        for payload in payloads:
            if payload.kind == PayloadType.ID:
                state.identity[of_initiator] = payload.body
        self._check(record, keys, state, of_initiator, payloads)
        return payloads

    def _check(
        self, record: Record, keys: IsakmpKeys, state: Phase1, of_initiator: bool, payloads: tuple[Payload, ...]
    ) -> None:
        """Verify the proof in a message, if there is one and all that it covers is known."""
        if len(state.public) != 2 or not state.offer or of_initiator not in state.identity:
            return
        mark = "I" if of_initiator else "R"
        found = {payload.kind: payload.body for payload in payloads}
        if PayloadType.HASH in found:
            digest = _digest(HASHES[keys.hash], keys, state, of_initiator)
            record.checks[f"HASH_{mark}"] = hmac.compare_digest(found[PayloadType.HASH], digest)
        elif PayloadType.SIG in found:
            record.checks[f"SIG_{mark}"] = _signature_is_good(keys, state, of_initiator, payloads)


def _digest(algorithm: HashAlgorithm, keys: IsakmpKeys, state: Phase1, of_initiator: bool) -> bytes:
    """HASH_I or HASH_R (RFC 2409 section 5)."""
    own, other = state.public[of_initiator], state.public[not of_initiator]
    cookies = keys.initiator_cookie, keys.responder_cookie
    ordered = b"".join(cookies if of_initiator else reversed(cookies))
    covered = own + other + ordered + state.offer + state.identity[of_initiator]
    return algorithm.hmac(keys.skeyid, covered)


def _signature_is_good(keys: IsakmpKeys, state: Phase1, of_initiator: bool, payloads: tuple[Payload, ...]) -> bool:
    """Whether the signature fits the first certificate of the message; who issued that is not looked at."""
    key = _certified_key(payloads)
    signature = next(payload.body for payload in payloads if payload.kind == PayloadType.SIG)
    if key is None:
        return False
    algorithm = HASHES[METHOD_HASH.get(method_of(key), keys.hash)]
    return key.verify_bare(_digest(algorithm, keys, state, of_initiator), signature)


def _certified_key(payloads: tuple[Payload, ...]) -> PublicKey | None:
    for payload in payloads:
        if payload.kind == PayloadType.CERT and payload.body[:1] == X509_SIGNATURE:
            try:
                return Certificate.parse(payload.body[1:]).public_key
            except CryptoError:
                return None
    return None

"""The hashes of GROUPKEY-PULL (RFC 6407 section 3.2) and the messages that they cover."""

from __future__ import annotations

import hmac

from iosemu.engines.common import Event
from iosemu.engines.gdoi.events import MessageSeen
from iosemu.engines.ike.sa import ExchangeCipher, IsakmpSa
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.profile import Profile
from iosemu.wire.isakmp import HEADER_LENGTH, ExchangeType, Flag, Header, Payload, PayloadType, pack_payloads


class PullMessages:
    """Seals and opens the messages of one exchange. `nonces` is Ni_b, then Ni_b | Nr_b, as the exchange goes on."""

    def __init__(self, sa: IsakmpSa, message_id: int) -> None:
        self.sa = sa
        self.message_id = message_id
        self.nonces = b""
        self._seen: list[tuple[bool, tuple[Payload, ...]]] = []
        self._cipher: ExchangeCipher = sa.exchange_cipher(message_id)

    def seal(self, payloads: list[Payload]) -> bytes:
        """A message that begins with HASH over the rest."""
        digest = self._hash(pack_payloads(payloads))
        chain = [Payload(PayloadType.HASH, digest), *payloads]
        self._seen.append((True, tuple(payloads)))
        return self._cipher.seal(ExchangeType.GROUPKEY_PULL, self.message_id, chain)

    def open(self, header: Header, data: bytes) -> tuple[Payload, ...]:
        """The payloads behind a HASH that verifies; raises WireError, and then the exchange is as before."""
        if header.flags != Flag.ENCRYPTION:
            raise WireError(f"flags {header.flags:#x} of a registration message")
        payloads, octets = self._cipher.open(header, data)
        if len(data) - HEADER_LENGTH - len(octets) >= self.sa.cipher.block_size:
            # What follows the padding no HASH covers, and the next message would be chained to it.
            raise WireError("octets behind the last payload")
        if not payloads or payloads[0].kind != PayloadType.HASH:
            raise WireError("HASH is not the first payload")
        if not hmac.compare_digest(payloads[0].body, self._hash(octets[4 + len(payloads[0].body) :])):
            raise WireError("HASH is wrong")
        self._cipher.accept(data)
        self._seen.append((False, payloads[1:]))
        return payloads[1:]

    def take_seen(self, group: str, profile: Profile) -> list[Event]:
        """The messages that were sealed or opened since the last call."""
        seen, self._seen = self._seen, []
        peer = self.sa.remote.address
        return [MessageSeen(group, sent, False, peer, payloads, profile) for sent, payloads in seen]

    def _hash(self, octets: bytes) -> bytes:
        return self.sa.prf_a(self.message_id.to_bytes(4, "big") + self.nonces + octets)

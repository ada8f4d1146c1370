"""The initiator of GROUPKEY-PULL (RFC 6407 section 3)."""

from __future__ import annotations

from dataclasses import replace

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.gdoi.authentication import PullMessages
from iosemu.engines.gdoi.config import MemberConfig
from iosemu.engines.gdoi.download import Download, check_policy, read_download
from iosemu.engines.ike.informational import fresh_message_id
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.attributes import Attribute, pack_attributes
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyDownload, parse_sequence
from iosemu.wire.gdoi.numbers import GapAttribute
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.isakmp import Header, Payload, PayloadType, find_payload

NONCE_OCTETS = 20
NONCE_RANGE = range(8, 129)
COUNTER_MODES = (18, 19, 20, 23)


class PolicyRefusedError(Exception):
    """The key server's policy cannot be followed; it never leaves the engine."""


class PullClient:
    """One registration. `sent` is the last message, for retransmission."""

    def __init__(self, sa: IsakmpSa, config: MemberConfig, random: RandomBytes) -> None:
        self.sa = sa
        self.message_id = fresh_message_id(sa, random)
        self.messages = PullMessages(sa, self.message_id)
        self._nonce = random(NONCE_OCTETS)
        self._config = config
        self._policy: GroupSa | None = None
        self._policy_at = 0.0
        self._received = b""
        self.sequence = 0
        self.sent = self.messages.seal(
            [
                Payload(PayloadType.NONCE, self._nonce),
                Payload(PayloadType.ID, config.identity.payload(config.profile).pack()),
            ]
        )

    def receive(self, header: Header, data: bytes, now: float) -> Download | None:
        """Take message 2 or 4; the download is complete after the latter. A duplicate yields None.

        Raises WireError for a message to drop, PolicyRefusedError for a policy that cannot be followed.
        """
        if data == self._received:
            return None
        if self._policy is None:
            self._second(header, data)
            self._policy_at = now
            self._received = data
            return None
        return self._fourth(header, data, now)

    def _second(self, header: Header, data: bytes) -> None:
        self.messages.nonces = self._nonce
        payloads = self.messages.open(header, data)
        nonce = find_payload(payloads, PayloadType.NONCE)
        if len(nonce) not in NONCE_RANGE:
            raise WireError(f"nonce of {len(nonce)} octets")
        try:
            self._policy = GroupSa.parse(find_payload(payloads, PayloadType.SA), self._config.profile)
            check_policy(self._policy, self._config.restrictions)
        except WireError as error:
            raise PolicyRefusedError(str(error)) from error
        self.messages.nonces = self._nonce + nonce
        answer = []
        if any(tek.transform_id in COUNTER_MODES for tek in self._policy.teks):
            request = pack_attributes([Attribute(GapAttribute.SENDER_ID_REQUEST, 1)])
            answer.append(Payload(PayloadType.GAP, request))
        self.sent = self.messages.seal(answer)

    def _fourth(self, header: Header, data: bytes, now: float) -> Download:
        assert self._policy is not None
        payloads = self.messages.open(header, data)
        if self._policy.kek is not None:
            self.sequence = parse_sequence(find_payload(payloads, PayloadType.SEQ))
        try:
            keys = KeyDownload.parse(find_payload(payloads, PayloadType.KD))
            download = read_download(self._policy, keys, now, profile=self._config.profile)
        except (WireError, CryptoError) as error:
            raise PolicyRefusedError(str(error)) from error
        # The pseudotime came with the policy, and that is as old as the rest of the exchange.
        return replace(download, replay=download.replay.later(now - self._policy_at))

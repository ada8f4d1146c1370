"""Exchanges under a phase 1 SA: opened, their hashes verified, the keys that they hand out learnt."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from iosemu.crypto.ike_keys import phase2_iv
from iosemu.crypto.suites import HASHES, block_cipher
from iosemu.decode.group_keys import GroupKeyReader
from iosemu.decode.keys import Keys
from iosemu.decode.record import Record
from iosemu.engines.keylog import IsakmpKeys
from iosemu.wire.gdoi.key_download import KeyDownload
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.isakmp import HEADER_LENGTH, ExchangeType, Header, Payload, PayloadType, find_payload, parse_chain


@dataclass(slots=True)
class _Exchange:
    """One exchange: its CBC chain, its nonces, and the policy whose keys are still to come."""

    iv: bytes
    nonces: bytes = b""
    policy: GroupSa | None = None


class LaterReader:
    """Informational exchanges, quick mode and GROUPKEY-PULL, by cookies and message ID."""

    def __init__(self, keys: Keys, group_keys: GroupKeyReader) -> None:
        self._keys = keys
        self._group_keys = group_keys
        self._exchanges: dict[tuple[bytes, int], _Exchange] = {}

    def open(
        self, record: Record, header: Header, data: bytes, keys: IsakmpKeys, last_block: bytes, quick: bool
    ) -> tuple[Payload, ...]:
        """The payloads of a message; `last_block` ends phase 1. Raises WireError, CryptoError."""
        algorithm, cipher = HASHES[keys.hash], block_cipher(keys.encryption, keys.key_bits)
        key = header.cookies, header.message_id
        exchange = self._exchanges.get(key)
        if exchange is None:
            exchange = _Exchange(phase2_iv(algorithm, cipher, last_block, header.message_id))
        plaintext = cipher.decrypt(keys.encryption_key, exchange.iv, data[HEADER_LENGTH:])
        payloads, length = parse_chain(header.next_payload, plaintext)
        digest = find_payload(payloads, PayloadType.HASH)
        covered = plaintext[4 + len(digest) : length]
        # HASH(3) of quick mode alone has an octet in front (RFC 2409 section 5.5).
        front = b"\x00" if quick and not covered else b""
        front += header.message_id.to_bytes(4, "big")
        expected = algorithm.hmac(keys.skeyid_a, front + exchange.nonces + covered)
        record.checks["HASH"] = hmac.compare_digest(digest, expected)
        exchange.iv = data[-cipher.block_size :]
        self._exchanges[key] = exchange
        if header.exchange == ExchangeType.QUICK_MODE:
            self._follow(exchange, payloads, quick)
        return payloads

    def _follow(self, exchange: _Exchange, payloads: tuple[Payload, ...], quick: bool) -> None:
        """Nonces are covered by the hashes that follow; a pull hands out keys besides."""
        for payload in payloads:
            if payload.kind == PayloadType.NONCE:
                exchange.nonces += payload.body
            elif payload.kind == PayloadType.SA and not quick:
                exchange.policy = GroupSa.parse(payload.body, self._keys.profile)
            elif payload.kind == PayloadType.KD and exchange.policy is not None:
                self._group_keys.learn(exchange.policy, KeyDownload.parse(payload.body))

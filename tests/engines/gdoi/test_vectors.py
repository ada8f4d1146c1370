"""HASH(1) to HASH(4) and the acknowledgement against numbers computed elsewhere."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from iosemu.crypto.ike_keys import Phase1Keys
from iosemu.engines.common import Endpoint
from iosemu.engines.gdoi import acknowledgement
from iosemu.engines.gdoi.authentication import PullMessages
from iosemu.engines.gdoi.config import GroupIdentity
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.gdoi.key_download import KeyDownload
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.isakmp import Header, Payload, PayloadType, find_payload, pack_payloads, parse_payloads
from iosemu.wire.isakmp_payloads import Identity

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "computed_ike_gdoi.json").read_text())
PULL = VECTORS["gdoi_groupkey_pull_hashes"]
FIRST = (PayloadType.NONCE, PayloadType.NONCE, PayloadType.NONE, PayloadType.SEQ)


def phase1() -> IsakmpSa:
    end = Endpoint(IPv4Address("192.0.2.1"), 848)
    sa = IsakmpSa(1001, True, end, end, bytes(8), bytes(8), suite=IkePolicy(1, "aes", 128, "sha256", 1, 14))
    sa.set_keys(Phase1Keys(bytes(32), bytes(32), bytes.fromhex(PULL["skeyid_a"]), bytes(32)), bytes(16))
    return sa


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_pull_hashes(number: int) -> None:
    sa, message_id = phase1(), int(PULL["message_id"], 16)
    covered = bytes.fromhex(PULL[f"msg{number}_after_hash"])
    payloads = parse_payloads(FIRST[number - 1], covered)
    assert pack_payloads(payloads) == covered
    nonces = bytes.fromhex({1: "", 2: PULL["ni_b"]}.get(number, PULL["ni_b"] + PULL["nr_b"]))
    sealing, opening = PullMessages(sa, message_id), PullMessages(sa, message_id)
    sealing.nonces = opening.nonces = nonces
    message = sealing.seal(list(payloads))
    header = Header.parse(message)
    assert opening.open(header, message) == payloads
    plain, _ = sa.exchange_cipher(message_id).open(header, message)
    assert plain[0] == Payload(PayloadType.HASH, bytes.fromhex(PULL[f"hash{number}"]))


def test_what_the_messages_say() -> None:
    first = parse_payloads(FIRST[0], bytes.fromhex(PULL["msg1_after_hash"]))
    assert GroupIdentity(1234).matches(Identity.parse(find_payload(first, PayloadType.ID)))
    assert GroupIdentity(1234).payload().pack() == find_payload(first, PayloadType.ID)
    second = parse_payloads(FIRST[1], bytes.fromhex(PULL["msg2_after_hash"]))
    body = find_payload(second, PayloadType.SA)
    assert GroupSa.parse(body).pack() == body
    fourth = parse_payloads(FIRST[3], bytes.fromhex(PULL["msg4_after_hash"]))
    body = find_payload(fourth, PayloadType.KD)
    assert KeyDownload.parse(body).pack() == body


@pytest.mark.parametrize("case", VECTORS["groupkey_push_ack"][:2], ids=lambda case: f"L={case['L']}")
def test_acknowledgements_of_both_readings_are_genuine(case: dict[str, Any]) -> None:
    if case["type"] != "REKEY_ACK_KEK_SHA256":
        pytest.skip("another prf")
    spi, key = bytes.fromhex(case["spi"]), bytes.fromhex(case["base_key"])
    kek = Kek(spi, "aes", 256, bytes(16), key, "sha256", 86400, 86400.0, acknowledged=True)
    chain = bytes.fromhex(
        f"1200{len(case['hash']) // 2 + 4:04x}" + case["hash"] + case["seq_payload"] + case["id_payload"]
    )
    message = Header(spi[:8], spi[8:], PayloadType.HASH, 35, 0, 0, 28 + len(chain)).pack() + chain
    assert acknowledgement.verify(kek, Header.parse(message), message) == (7, IPv4Address("10.0.0.2"))
    if case["L"] == 512:
        assert acknowledgement.build(kek, 7, IPv4Address("10.0.0.2")) == message

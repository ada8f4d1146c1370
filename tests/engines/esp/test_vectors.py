"""Published ESP packets through the engine, in both directions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.crypto.suites import block_cipher
from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.sequence import SequenceNumbers
from iosemu.engines.esp.tunnel import encapsulate
from iosemu.engines.esp.verdict import Outcome
from iosemu.engines.gdoi.keys import Tek
from iosemu.wire.esp import remove_trailer

FOLDER = Path(__file__).parents[2] / "vectors"
ANY = (AclEntry(True),)


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / name).read_text())["cases"]
    return found


def plane(tek: Tek) -> GroupDataPlane:
    made = GroupDataPlane(bytes)
    made.update(GroupPolicy((), ANY, (tek,)))
    return made


@pytest.mark.parametrize("case", cases("esp_aes_cbc.json")[6:], ids=lambda case: f"case {case['case']}")
def test_rfc_3602_tunnels(case: dict[str, Any]) -> None:
    inner, _ = remove_trailer(bytes.fromhex(case["plaintext_with_trailer"]))
    tek = Tek(bytes.fromhex(case["spi"]), EspTransform("esp-aes", 128), ANY, 600, 600.0, bytes.fromhex(case["key"]))
    verdict = plane(tek).inbound(bytes.fromhex(case["packet"]), 0.0)
    assert (verdict.outcome, verdict.packet) == (Outcome.PROTECTED, inner)
    sa = EspSa(tek, numbers=SequenceNumbers(int(case["seq"], 16) - 1))
    # The SA encrypts its random block to get the IV, so go back from the IV to that block.
    block = block_cipher("aes", 128).decrypt(tek.encryption_key, bytes(16), bytes.fromhex(case["iv"]))
    sent = encapsulate(inner, sa, 0x0905, lambda _: block)
    assert sent[20:] == bytes.fromhex(case["packet"])[20:]


@pytest.mark.parametrize("case", [case for case in cases("esp_aes_gcm.json") if not case["esn"]])
def test_gcm_bodies(case: dict[str, Any]) -> None:
    # The inner packets of these are cut off or bear another next header, so they end here.
    key, plaintext = bytes.fromhex(case["key"]), bytes.fromhex(case["plaintext_with_trailer"])
    transform = EspTransform("esp-gcm", len(key) * 8)
    tek = Tek(bytes.fromhex(case["spi"]), transform, ANY, 600, 600.0, key, salt=bytes.fromhex(case["salt"]))
    packet = bytes.fromhex(case["esp_packet"])
    cipher = EspSa(tek).cipher
    assert cipher.seal(packet[:8], packet[8:16], plaintext) == packet[8:]
    assert cipher.open(packet[:8], packet[8:]) == plaintext


def test_gmac_body() -> None:
    # The rfc4543(gcm(aes)) self-test of the Linux kernel.
    key, salt = bytes.fromhex("4c80cdefbb5d10da906ac73c3613a634"), bytes.fromhex("22433c64")
    tek = Tek(bytes.fromhex("00004321"), EspTransform("esp-gmac", 128), ANY, 600, 600.0, key, salt=salt)
    plaintext = bytes.fromhex(
        "45000030da3a00008001df3bc0a80005c0a800010800c6cd020007006162636465666768696a6b6c6d6e6f707172737401020201"
    )
    body = EspSa(tek).cipher.seal(bytes.fromhex("0000432100000007"), bytes(8), plaintext)
    assert body == bytes(8) + plaintext + bytes.fromhex("f2a9a836e155106aa8dcd618e4099aaa")

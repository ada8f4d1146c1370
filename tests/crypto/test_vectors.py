"""Known answers: NIST, RFC 2409, 3526, 3602, 4106, 4543, 4868, 5114, 5903 (see tests/vectors/README.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iosemu.crypto import dh
from iosemu.crypto.errors import CryptoError, IntegrityError
from iosemu.crypto.esp_ciphers import esp_cipher
from iosemu.crypto.esp_transforms import EspTransform, from_words
from iosemu.crypto.ike_keys import derive_keys, encryption_key, skeyid_from_psk, skeyid_from_signatures
from iosemu.crypto.modp import MODP_GROUPS
from iosemu.crypto.rsa import RsaKey, RsaPublicKey
from iosemu.crypto.suites import HASHES, block_cipher

VECTORS = Path(__file__).resolve().parent.parent / "vectors"


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def octets(case: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


def hash_name(case: dict[str, Any]) -> str:
    return str(case["hash"]).lower().replace("-", "")


PSK = load("ikev1_skeyid_psk.json")["cases"]
SIG = load("ikev1_skeyid_sig.json")["cases"]


def check_keys(case: dict[str, Any], skeyid: bytes) -> None:
    cookies = bytes.fromhex(case["cky_i"] + case["cky_r"])
    keys = derive_keys(HASHES[hash_name(case)], skeyid, bytes.fromhex(case["g_xy"]), cookies)
    for name in ("skeyid", "skeyid_d", "skeyid_a", "skeyid_e"):
        assert getattr(keys, name).hex() == case[name], name


@pytest.mark.parametrize("case", PSK)
def test_nist_skeyid_with_preshared_keys(case: dict[str, Any]) -> None:
    psk = bytes.fromhex(case["psk"])
    ni, nr = octets(case, "ni", "nr")
    check_keys(case, skeyid_from_psk(HASHES[hash_name(case)], psk, ni, nr))


@pytest.mark.parametrize("case", SIG)
def test_nist_skeyid_with_signatures(case: dict[str, Any]) -> None:
    ni, nr, shared = octets(case, "ni", "nr", "g_xy")
    check_keys(case, skeyid_from_signatures(HASHES[hash_name(case)], ni, nr, shared))


@pytest.mark.parametrize("case", load("computed_ike_gdoi.json")["phase1_key_expansion"])
def test_key_expansion(case: dict[str, Any]) -> None:
    skeyid_e, expected = octets(case, "skeyid_e", "enc_key")
    assert encryption_key(HASHES[hash_name(case)], skeyid_e, len(expected)) == expected


@pytest.mark.parametrize("case", load("dh_groups_modp.json")["groups"], ids=lambda case: case["group"])
def test_modp_groups(case: dict[str, Any]) -> None:
    if case["group"] not in MODP_GROUPS:
        assert case["group"] in (17, 18)
        return
    assert MODP_GROUPS[case["group"]] == (case["p"], case["g"])


@pytest.mark.parametrize("group", [number for number in dh.GROUP_NUMBERS if number != 16])
def test_both_ends_agree(group: int) -> None:
    counter = iter(range(1, 1000))
    one, two = (dh.generate(group, lambda n: bytes(next(counter) % 251 for _ in range(n))) for _ in range(2))
    assert one.public != two.public
    assert one.shared(two.public) == two.shared(one.public)
    with pytest.raises(CryptoError):
        one.shared(bytes(len(one.public)))
    with pytest.raises(CryptoError):
        one.shared(two.public + b"\x00")


@pytest.mark.parametrize("case", load("ecdh_groups_19_20_21.json")["cases"], ids=lambda case: case["group"])
def test_rfc_5903(case: dict[str, Any]) -> None:
    pair = dh.key_pair(case["group"], int(case["private_i"], 16))
    assert pair.public.hex() == case["ke_body_i"]
    assert pair.shared(bytes.fromhex(case["ke_body_r"])).hex() == case["shared_secret"]


@pytest.mark.parametrize("case", load("esp_aes_gcm.json")["cases"], ids=lambda case: case["case"])
def test_gcm_packets(case: dict[str, Any]) -> None:
    key, salt, iv, aad, plaintext = octets(case, "key", "salt", "iv", "aad", "plaintext_with_trailer")
    cipher = esp_cipher(EspTransform("esp-gcm", len(key) * 8), key, b"", salt)
    body = cipher.seal(aad, iv, plaintext)
    expected = case.get("ciphertext_and_icv") or case.get("ciphertext_icv") or case["ciphertext"] + case.get("icv", "")
    assert body[8:].hex() == expected
    assert cipher.open(aad, body) == plaintext
    with pytest.raises(IntegrityError):
        cipher.open(aad, body[:-1] + bytes((body[-1] ^ 1,)))


def test_gmac_packet() -> None:
    """The file's key, salt and payload with the published IV of zero; the IV of the file itself is no ESP IV."""
    case = load("esp_aes_gmac.json")["cases"][0]
    key, salt, payload, header = octets(case, "key", "salt", "payload_with_trailer", "aad")
    cipher = esp_cipher(EspTransform("esp-gmac", len(key) * 8), key, b"", salt)
    body = cipher.seal(header[:8], bytes(8), payload)
    assert body == bytes(8) + payload + bytes.fromhex("f2a9a836e155106aa8dcd618e4099aaa")
    assert cipher.open(header[:8], body) == payload


@pytest.mark.parametrize(
    "case",
    [case for case in load("esp_aes_cbc.json")["cases"] if case["kind"] == "raw AES-CBC"],
    ids=lambda case: case["case"],
)
def test_rfc_3602_ciphertext(case: dict[str, Any]) -> None:
    key, iv, plaintext, ciphertext = octets(case, "key", "iv", "plaintext", "ciphertext")
    cipher = block_cipher("aes", len(key) * 8)
    assert cipher.encrypt(key, iv, plaintext) == ciphertext
    assert cipher.decrypt(key, iv, ciphertext) == plaintext


@pytest.mark.parametrize("case", load("hmac_sha2_esp_auth.json")["cases"], ids=lambda case: case["case"])
def test_rfc_4868(case: dict[str, Any]) -> None:
    key, data, prf, icv = octets(case, "key", "data", "prf", "icv")
    assert HASHES[case["hash"]].hmac(key, data) == prf
    transform = from_words(("esp-null", f"esp-{case['hash']}-hmac"))
    if len(key) == transform.integrity_key_size:
        # The ICV of an SA is the truncated HMAC of the same octets.
        assert esp_cipher(transform, b"", key).seal(data[:8], b"", data[8:])[-len(icv) :] == icv


@pytest.mark.parametrize(
    "words",
    [
        ("esp-aes", "256", "esp-sha256-hmac"),
        ("esp-aes", "esp-sha-hmac"),
        ("esp-aes", "192", "esp-sha512-hmac"),
        ("esp-3des", "esp-sha-hmac"),
        ("esp-des", "esp-md5-hmac"),
        ("esp-null", "esp-sha384-hmac"),
        ("esp-gcm", "256"),
        ("esp-gmac",),
    ],
)
def test_every_transform_opens_what_it_seals(words: tuple[str, ...]) -> None:
    transform = from_words(words)
    sizes = transform.encryption_key_size, transform.integrity_key_size
    encryption, integrity = (bytes(range(size)) for size in sizes)
    cipher = esp_cipher(transform, encryption, integrity, bytes(transform.salt_size))
    for length in (16, 64, 1424):
        plaintext = bytes(length)
        body = cipher.seal(b"HEADERxx", bytes(transform.iv_size), plaintext)
        assert cipher.open(b"HEADERxx", body) == plaintext
        with pytest.raises(IntegrityError):
            cipher.open(b"HEADERxy", body)
        with pytest.raises(CryptoError):
            cipher.open(b"HEADERxx", body[:3])
    assert transform.words() == words


@pytest.mark.parametrize("words", [("esp-gcm", "esp-sha-hmac"), ("esp-null",), ("esp-sha-hmac",), ("esp-aes", "100")])
def test_transforms_that_do_not_go_together(words: tuple[str, ...]) -> None:
    with pytest.raises(CryptoError):
        esp_cipher(from_words(words), b"")


def test_rsa_keys_repeat_with_the_random_source_and_hide_their_secrets() -> None:
    def source() -> Any:
        state = __import__("random").Random(7)
        return state.randbytes

    key = RsaKey.generate(1024, source())
    assert key.to_pem() == RsaKey.generate(1024, source()).to_pem()
    public = RsaPublicKey.from_spki(key.public_spki())
    signature = key.sign("sha256", b"data")
    assert public.verify("sha256", b"data", signature)
    assert not public.verify("sha256", b"date", signature)
    assert not public.verify("sha256", b"data", signature[:-1])
    assert "PRIVATE" not in repr(key)
    assert RsaKey.from_pem(key.to_pem()).public_spki() == key.public_spki()
    with pytest.raises(CryptoError):
        RsaKey.from_pem(b"nothing")

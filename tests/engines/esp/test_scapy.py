"""Another implementation of ESP decrypts our packets, and we decrypt its."""

from __future__ import annotations

import pytest

scapy_ipsec = pytest.importorskip("scapy.layers.ipsec")
from scapy.layers.inet import IP  # noqa: E402

from iosemu.crypto.esp_transforms import from_words  # noqa: E402
from tests.engines.esp.planes import INSIDE, plane, tek  # noqa: E402

CASES = [
    (("esp-aes", "256", "esp-sha256-hmac"), "AES-CBC", "SHA2-256-128"),
    (("esp-aes", "128", "esp-sha-hmac"), "AES-CBC", "HMAC-SHA1-96"),
    (("esp-aes", "192", "esp-sha512-hmac"), "AES-CBC", "SHA2-512-256"),
    (("esp-3des", "esp-md5-hmac"), "3DES", "HMAC-MD5-96"),
    (("esp-null", "esp-sha384-hmac"), "NULL", "SHA2-384-192"),
    (("esp-gcm", "256"), "AES-GCM", "NULL"),
]


@pytest.mark.parametrize(("words", "cipher", "integrity"), CASES, ids=lambda case: str(case))
def test_both_ways(words: tuple[str, ...], cipher: str, integrity: str) -> None:
    key = tek(from_words(words))
    association = scapy_ipsec.SecurityAssociation(
        scapy_ipsec.ESP,
        spi=0x1234,
        crypt_algo=cipher,
        crypt_key=key.encryption_key + key.salt or None,
        auth_algo=integrity,
        auth_key=key.integrity_key or None,
        tunnel_header=IP(src="10.1.0.1", dst="10.2.0.1"),
    )
    sent = plane(key).outbound(INSIDE, 0.0).packet
    assert bytes(association.decrypt(IP(sent))) == INSIDE
    theirs = bytes(association.encrypt(IP(INSIDE)))
    assert plane(key).inbound(theirs, 0.0).packet == INSIDE

"""Every ESP transform of IOS by its words, and what strongSwan calls it."""

from __future__ import annotations

from tests.interop.ike_suites import ENCRYPTION, HASH

INTEGRITY = {f"esp-{word}-hmac": proposal for word, proposal in HASH.items()}
CIPHERS = {**{f"esp-{word}": proposal for word, proposal in ENCRYPTION.items()}, "esp-null": "null"}
KEY_BITS = {"": 128, " 192": 192, " 256": 256}
# A cipher with an HMAC.
SEPARATE = {
    f"{cipher} {integrity}": f"{proposal}-{digest}"
    for cipher, proposal in CIPHERS.items()
    for integrity, digest in INTEGRITY.items()
}
# Both at once.
GCM = {f"esp-gcm{word}": f"aes{bits}gcm16" for word, bits in KEY_BITS.items()}
GMAC = {f"esp-gmac{word}": f"aes{bits}gmac" for word, bits in KEY_BITS.items()}
# IOS has them, and nobody should.
WITHOUT_HMAC = {cipher: proposal for cipher, proposal in CIPHERS.items() if cipher != "esp-null"}

"""The keys of a key log as preferences of tshark, by which it opens ESP and verifies the ICVs."""

from __future__ import annotations

import json
from pathlib import Path

ENCRYPTION = {
    "esp-des": "DES-CBC [RFC2405]",
    "esp-3des": "TripleDES-CBC [RFC2451]",
    "esp-aes": "AES-CBC [RFC3602]",
    "esp-null": "NULL",
    "esp-gcm": "AES-GCM with 16 octet ICV [RFC4106]",
}
INTEGRITY = {
    None: "NULL",
    "esp-md5-hmac": "HMAC-MD5-96 [RFC2403]",
    "esp-sha-hmac": "HMAC-SHA-1-96 [RFC2404]",
    "esp-sha256-hmac": "HMAC-SHA-256-128 [RFC4868]",
    "esp-sha384-hmac": "HMAC-SHA-384-192 [RFC4868]",
    "esp-sha512-hmac": "HMAC-SHA-512-256 [RFC4868]",
}


def esp_preferences(keys: Path) -> list[str]:
    """Options for tshark with all SAs of a key log but those with GMAC, for which it has no word."""
    options = ["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
    for sa in security_associations(keys):
        if sa["encryption"] in ENCRYPTION:
            fields = ["*", "*", f"0x{sa['spi']}"]
            fields += [ENCRYPTION[sa["encryption"]], octets(sa["encryption_key"] + sa["salt"])]
            fields += [INTEGRITY[sa["integrity"]], octets(sa["integrity_key"])]
            for family in ("IPv4", "IPv6"):
                options += ["-o", "uat:esp_sa:" + ",".join(f'"{field}"' for field in (family, *fields))]
    return options


def security_associations(keys: Path) -> list[dict[str, str]]:
    """The records of a key log that describe an ESP SA."""
    return [record for line in keys.read_text().splitlines() if (record := json.loads(line))["kind"] == "tek"]


def octets(digits: str) -> str:
    return f"0x{digits}" if digits else ""

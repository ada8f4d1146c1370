"""tshark on a capture. With the keys of a key log as preferences it opens ISAKMP and ESP, and verifies the ICVs."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.requirements import require

GDOI = ("-d", "udp.port==848,isakmp")

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


def tshark(capture: Path, *arguments: str) -> list[str]:
    """The lines that tshark prints for a capture; the test is skipped where there is no tshark."""
    require("tshark")
    result = subprocess.run(
        ["tshark", "-r", str(capture), *GDOI, *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@contextmanager
def capture(namespace: str, interface: str, path: Path) -> Iterator[None]:
    """tshark records one interface while the block runs."""
    require("tshark")
    command = ["ip", "netns", "exec", namespace, "tshark", "-q", "-i", interface, "-w", str(path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        while "Capturing on" not in (line := process.stderr.readline()):
            assert line, "tshark ended early"
        time.sleep(1)
        yield
        time.sleep(1)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)


def isakmp_preferences(keys: Path) -> list[str]:
    """Options for tshark with the phase 1 SAs of a key log."""
    options = []
    for line in keys.read_text().splitlines():
        record = json.loads(line)
        if record["kind"] == "isakmp":
            # Octets stand without quotes here.
            row = f"{record['initiator_cookie']},{record['encryption_key']}"
            options += ["-o", f"uat:ikev1_decryption_table:{row}"]
    return options


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


def security_associations(keys: Path) -> list[dict[str, Any]]:
    """The records of a key log that describe an ESP SA."""
    return [record for line in keys.read_text().splitlines() if (record := json.loads(line))["kind"] == "tek"]


def octets(digits: str) -> str:
    return f"0x{digits}" if digits else ""

"""A CA, its identities and OpenSSL's command line, for tests of certificates."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from random import Random

from iosemu.crypto.certificate import Certificate, Issuer, issue, self_sign
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.ec import EcKey
from iosemu.crypto.extensions import CA_USAGE, IDENTITY_USAGE, Extensions
from iosemu.crypto.keys import SigningKey
from iosemu.crypto.rsa import RsaKey

NOW = datetime(2026, 1, 5, 10, 0, 0, tzinfo=timezone.utc)
YEAR = timedelta(days=365)


@cache
def rsa_key(seed: int, bits: int = 1024) -> RsaKey:
    """The same key for the same seed."""
    return RsaKey.generate(bits, Random(seed).randbytes)


@cache
def ec_key(seed: int, bits: int = 256) -> EcKey:
    """The same key for the same seed."""
    return EcKey.generate(bits, Random(seed).randbytes)


def root(key: SigningKey, name: str = "cn=CA,o=Example", hash_name: str = "sha256") -> Certificate:
    """A self-signed CA certificate of ten years."""
    wanted = Extensions(is_ca=True, key_usage=CA_USAGE)
    return self_sign(Name.from_text(name), key, 1, (NOW - YEAR, NOW + 9 * YEAR), wanted, hash_name)


def identity(
    ca: Certificate, ca_key: SigningKey, key: SigningKey, name: str = "cn=GM1,ou=GETVPN,o=Example", serial: int = 2
) -> Certificate:
    """A router's certificate of one year."""
    wanted = Extensions(key_usage=IDENTITY_USAGE, dns_names=("gm1.lab",), crl_urls=("http://192.0.2.10/CA.crl",))
    validity = NOW - timedelta(days=1), NOW + YEAR
    return issue(Issuer.of(ca, ca_key), Name.from_text(name), key.public, serial, validity, wanted)


def openssl(*arguments: str | Path, data: bytes = b"") -> str:
    """What OpenSSL prints; the test fails when it fails."""
    done = subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, check=False)
    printed = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, printed
    return printed

"""Whole trustpoints leave a router as PEM or PKCS #12 and come to another one; OpenSSL reads and writes them too."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from iosemu.features.crypto_keys import store
from iosemu.features.pki.chains import authority_of, own_of
from iosemu.features.pki.config import PkiConfig
from iosemu.router.running_config import print_running_config
from tests.features.pki.authority import TERMINAL, Authority, enrolled, lines
from tests.features.typist import Typist, new_router
from tests.requirements import require

SECRET = "cisco-123"


def exporting(authority: Authority, key: str = "crypto key generate rsa label KEY modulus 1024 exportable") -> Typist:
    """An enrolled router whose key may leave it."""
    typist = new_router(TERMINAL if " rsa " in key else TERMINAL.replace("rsakeypair KEY 2048", "eckeypair KEY"))
    typist.type(key)
    enrolled(typist, authority)
    return typist


def blocks(printed: str) -> list[str]:
    found = re.finditer(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", printed, re.DOTALL)
    return [match[0] for match in found]


def pasted(text: str) -> list[str]:
    return [*text.splitlines(), "quit"]


@pytest.mark.parametrize(
    "key",
    [
        "crypto key generate rsa label KEY modulus 1024 exportable",
        "crypto key generate ec keysize 256 label KEY exportable",
    ],
)
def test_pem_on_the_terminal(authority: Authority, key: str) -> None:
    typist = exporting(authority, key)
    printed = typist.type(f"crypto pki export TP pem terminal 3des {SECRET}")
    assert printed.startswith("% CA certificate:\n-----BEGIN CERTIFICATE-----\n")
    assert "\n% Key name: KEY\n   Usage: " in printed
    ca, private, own = blocks(printed)
    other = new_router()
    other.type("configure terminal")
    printed = other.type(
        f"crypto pki import NEW pem exportable terminal password {SECRET}", *pasted(ca), *pasted(private), *pasted(own)
    )
    assert printed.startswith(
        '% Enter PEM-formatted CA certificate.\n% End with a blank line or "quit" on a line by itself.\n'
    )
    assert printed.endswith("quit\n% PEM files import succeeded.\n")
    assert own_of(other.router, "NEW") == own_of(typist.router, "TP")
    assert authority_of(other.router, "NEW") == authority.certificate
    assert store.pairs(other.router.nvram, label="NEW")[0].exportable
    assert "crypto pki trustpoint NEW" in print_running_config(other.router)
    assert "is in use" in other.type(f"crypto pki import NEW pem terminal {SECRET}")


def test_pem_in_files(authority: Authority) -> None:
    typist = exporting(authority)
    typist.type(f"crypto pki export TP pem url flash:tp 3des password {SECRET}")
    assert [entry.path for entry in typist.router.flash.entries()] == ["tp.ca", "tp.crt", "tp.prv"]
    typist.configure("no crypto pki certificate chain TP\nno crypto pki trustpoint TP")
    printed = typist.type(f"crypto pki import NEW pem url flash:tp {SECRET}")
    assert "% Importing CA certificate...\nSource filename [tp.ca]? \nReading file from flash:tp.ca\n" in printed
    assert own_of(typist.router, "NEW") is not None


def test_what_does_not_fit_is_refused(authority: Authority) -> None:
    typist = exporting(authority)
    ca, private, own = blocks(typist.type(f"crypto pki export TP pem terminal 3des {SECRET}"))
    other = new_router()
    wrong = lines(Authority("cn=OTHER").certificate)
    for answers, secret in (
        ([*wrong, *pasted(private), *pasted(own)], SECRET),
        ([*pasted(ca), *pasted(private), *pasted(own)], "another-1"),
        ([*pasted(ca), *pasted(private), *wrong], SECRET),
        (["quit", "quit", "quit"], SECRET),
    ):
        assert other.type(f"crypto pki import NEW pem terminal {secret}", *answers).endswith(
            "% PEM files import failed.\n"
        )
    assert other.router.model.block(PkiConfig) == PkiConfig()
    assert store.pairs(other.router.nvram) == []


def test_keys_that_must_stay_are_not_exported(authority: Authority) -> None:
    typist = new_router(TERMINAL)
    assert "no certificate and key" in typist.type(f"crypto pki export TP pkcs12 terminal {SECRET}")
    enrolled(typist, authority)
    for form in (f"pem terminal 3des {SECRET}", f"pkcs12 flash: {SECRET}"):
        assert "% RSA keypair KEY is not exportable." in typist.type(f"crypto pki export TP {form}")


def test_pkcs12_in_a_file_and_on_the_terminal(authority: Authority) -> None:
    typist = exporting(authority)
    printed = typist.type(f"crypto pki export TP pkcs12 flash: password {SECRET}", "tp.p12")
    assert printed == (
        "Destination filename [TP.p12]? tp.p12\nWriting file to flash:tp.p12\n"
        "CRYPTO_PKI: Exported PKCS12 file successfully.\n"
    )
    printed = typist.type(f"crypto pki import NEW pkcs12 flash:tp.p12 password {SECRET}")
    assert printed == (
        "% Importing pkcs12...\nSource filename [tp.p12]? \nReading file from flash:tp.p12\n"
        "CRYPTO_PKI: Imported PKCS12 file successfully.\n"
    )
    assert own_of(typist.router, "NEW") == own_of(typist.router, "TP")
    printed = typist.type(f"crypto pki export TP pkcs12 terminal {SECRET}")
    rows = printed.partition("Exported pkcs12 follows:\n")[2].partition("---End")[0].splitlines()
    other = new_router()
    printed = other.type(f"crypto pki import NEW pkcs12 terminal {SECRET}", *rows, "quit")
    assert printed.endswith("CRYPTO_PKI: Imported PKCS12 file successfully.\n")
    printed = other.type("crypto pki import X pkcs12 terminal wrong-pass", *rows, "quit")
    assert "bad password or corrupted PKCS12" in printed


def test_openssl_reads_our_pkcs12_and_we_read_its(authority: Authority, tmp_path: Path) -> None:
    require("openssl")
    root = Authority("cn=ROOT")
    middle = Authority("cn=SUB-CA", root)
    typist = exporting(middle)
    typist.type(f"crypto pki export TP pkcs12 flash:tp.p12 {SECRET}")
    ours = tmp_path / "ours.p12"
    ours.write_bytes(typist.router.flash.read("tp.p12"))
    text = subprocess.run(
        ["openssl", "pkcs12", "-legacy", "-in", ours, "-passin", f"pass:{SECRET}", "-nodes"],
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    assert text.count("BEGIN CERTIFICATE") == 2
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(text + root.certificate.to_pem().decode())
    for options in ([], ["-legacy"]):
        theirs = tmp_path / "theirs.p12"
        subprocess.run(
            ["openssl", "pkcs12", "-export", *options, "-in", bundle, "-out", theirs, "-passout", f"pass:{SECRET}"],
            check=True, capture_output=True,
        )  # fmt: skip
        other = new_router()
        other.router.flash.write("theirs.p12", theirs.read_bytes())
        printed = other.type(f"crypto pki import NEW pkcs12 flash:theirs.p12 {SECRET}")
        assert printed.endswith("CRYPTO_PKI: Imported PKCS12 file successfully.\n")
        assert own_of(other.router, "NEW") == own_of(typist.router, "TP")
        assert authority_of(other.router, "NEW-rrr1") == root.certificate

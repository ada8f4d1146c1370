"""Enrollment by cut and paste, and self-signed certificates: the screens, and what the running-config keeps of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from iosemu.cli import load_config
from iosemu.crypto.certificate import Certificate
from iosemu.features.assembly import build_grammar, build_router
from iosemu.features.crypto_keys import store
from iosemu.features.pki.chains import authority_of, own_of
from iosemu.features.pki.config import PkiConfig
from iosemu.features.pki.texts import fingerprint_md5, fingerprint_sha1
from iosemu.router.nvram import DirectoryNvram
from iosemu.router.running_config import print_running_config
from tests.features.pki.authority import BASE, TERMINAL, Authority, enrolled, lines, request_of, trust
from tests.features.typist import Typist, new_router, reloaded
from tests.requirements import require


def configuring(text: str) -> Typist:
    typist = new_router(text)
    typist.type("configure terminal")
    return typist


def test_the_screen_of_an_authentication(authority: Authority) -> None:
    typist = configuring(TERMINAL)
    pasted = lines(authority.certificate)
    printed = typist.type("crypto pki authenticate TP", *pasted, "yes")
    der = authority.certificate.der
    assert printed == (
        "\nEnter the base 64 encoded CA certificate.\n"
        'End with a blank line or the word "quit" on a line by itself\n\n'
        + "".join(f"{line}\n" for line in pasted)
        + "Certificate has the following attributes:\n"
        f"       Fingerprint MD5: {fingerprint_md5(der)} \n"
        f"      Fingerprint SHA1: {fingerprint_sha1(der)} \n\n"
        "% Do you accept this certificate? [yes/no]: yes\n"
        "Trustpoint CA certificate accepted.\n"
        "% Certificate successfully imported\n"
    )
    assert authority_of(typist.router, "TP") == authority.certificate
    assert "% Please delete your existing CA certificate first.\n" in typist.type("crypto pki authenticate TP")


def test_what_is_not_accepted_is_not_kept(authority: Authority) -> None:
    typist = configuring(TERMINAL)
    typist.type("crypto pki authenticate TP", *lines(authority.certificate), "no")
    assert "status = FAIL" in typist.type("crypto pki authenticate TP", "nonsense!", "")
    assert "not known" in typist.type("crypto pki authenticate OTHER")
    assert authority_of(typist.router, "TP") is None
    assert "% You must authenticate the Certificate Authority" in typist.type("crypto pki enroll TP")
    assert "% You must authenticate the Certificate Authority" in typist.type("crypto pki import TP certificate")


@pytest.mark.parametrize("hash_name", ["md5", "sha1", "sha256"])
def test_a_fingerprint_answers_the_question(authority: Authority, hash_name: str) -> None:
    digits = authority.certificate.fingerprint(hash_name).hex()
    typist = configuring(f"{TERMINAL} fingerprint {digits}\n")
    printed = typist.type("crypto pki authenticate TP", *lines(authority.certificate))
    assert "Certificate validated - fingerprints matched.\nTrustpoint CA certificate accepted.\n" in printed
    assert typist.questions == [""] * len(lines(authority.certificate))


def test_a_fingerprint_that_does_not_match_refuses(authority: Authority) -> None:
    typist = configuring(f"{TERMINAL} fingerprint 00112233445566778899AABBCCDDEEFF\n")
    printed = typist.type("crypto pki authenticate TP", *lines(authority.certificate))
    assert "fingerprints did not match.\n% Certificate rejected." in printed
    assert authority_of(typist.router, "TP") is None


def test_the_questions_of_an_enrollment(authority: Authority) -> None:
    typist = new_router(TERMINAL.replace(" serial-number none\n ip-address none\n", ""))
    trust(typist, authority)
    typist.type("configure terminal")
    answers = ("yes", "yes", "Loopback0", "yes", "no")
    printed = typist.type("crypto pki enroll TP", *answers)
    request = request_of(printed)
    head, _, tail = printed.partition("Certificate Request follows:\n\n")
    serial = request.subject.values("serialNumber")[0]
    assert head == (
        "% Start certificate enrollment .. \n\n"
        "% The subject name in the certificate will include: CN=GM1,OU=GETVPN,O=Example\n"
        "% The subject name in the certificate will include: GM1.lab.example\n"
        "% Include the router serial number in the subject name? [yes/no]: yes\n"
        f"% The serial number in the certificate will be: {serial}\n"
        "% Include an IP address in the subject name? [no]: yes\n"
        "Enter Interface name or IP Address[]: Loopback0\n"
        "Display Certificate Request to terminal? [yes/no]: yes\n"
    )
    assert tail.endswith(
        "\n---End - This line not part of the certificate request---\n\nRedisplay enrollment request? [yes/no]: no\n"
    )
    assert request.signed
    assert request.extensions.dns_names == ("GM1.lab.example",)
    assert [str(address) for address in request.extensions.addresses] == ["10.7.7.1"]
    assert {"hostname=GM1.lab.example", "ipaddress=10.7.7.1"} <= set("+".join(request.subject.lines()).split("+"))
    assert "%CRYPTO-6-AUTOGEN: Generated new 2048 bit key pair" in typist.type("do show logging")


def test_a_request_in_pem_that_openssl_verifies(authority: Authority) -> None:
    require("openssl")
    for kind, key in (("rsa", "rsakeypair KEY 1024"), ("ec", "eckeypair KEY")):
        typist = new_router(TERMINAL.replace("terminal\n", "terminal pem\n").replace("rsakeypair KEY 2048", key))
        if kind == "ec":
            typist.type("crypto key generate ec keysize 384 label KEY")
        trust(typist, authority)
        typist.type("configure terminal")
        printed = typist.type("crypto pki enroll TP", "yes", "no")
        text = printed.partition("follows:\n\n")[2].partition("\n---End")[0]
        done = subprocess.run(
            ["openssl", "req", "-verify", "-noout", "-subject"], input=text, capture_output=True, text=True, check=True
        )
        assert "verify OK" in done.stderr + done.stdout
        assert "OU = GETVPN" in done.stdout


def test_the_screen_of_an_import_and_its_refusals(authority: Authority) -> None:
    typist = new_router(TERMINAL)
    enrolled(typist, authority)
    assert own_of(typist.router, "TP") is not None
    typist.type("configure terminal")
    before = print_running_config(typist.router)
    other = Authority("cn=OTHER")
    asked = request_of(typist.type("crypto pki enroll TP", "yes", "yes", "no"))
    failed = "% Failed to parse or verify imported certificate\n"
    assert failed in typist.type("crypto pki import TP certificate", *lines(other.sign(asked)))
    assert failed in typist.type("crypto pki import TP certificate", "nonsense", "")
    typist.type("crypto key generate rsa label KEY modulus 1024", "yes")
    assert failed in typist.type("crypto pki import TP certificate", *lines(authority.sign(asked)))
    assert print_running_config(typist.router) == before


def test_an_enrolled_router_asks_before_it_enrolls_again(authority: Authority) -> None:
    typist = new_router(TERMINAL)
    enrolled(typist, authority)
    typist.type("configure terminal")
    printed = typist.type("crypto pki enroll TP", "no")
    assert printed.endswith("% Do you want to continue with re-enrollment? [yes/no]: no\n")


def test_certificates_are_printed_and_loaded_and_removed(authority: Authority) -> None:
    typist = new_router(TERMINAL)
    certificate = enrolled(typist, authority)
    rows = typist.section("crypto pki certificate chain")
    assert rows[:2] == ["crypto pki certificate chain TP", f" certificate {certificate.serial:02X}"]
    assert rows[2] == rows[2].rstrip() + " "
    assert rows.count("  \tquit") == 2
    assert " certificate ca 01" in rows
    again = reloaded(typist)
    assert again.model == typist.router.model
    assert print_running_config(again) == print_running_config(typist.router)
    assert (authority_of(again, "TP"), own_of(again, "TP")) == (authority.certificate, certificate)
    typist.configure(f"crypto pki certificate chain TP\nno certificate {certificate.serial:02X}")
    assert own_of(typist.router, "TP") is None
    typist.configure("no crypto pki certificate chain TP")
    assert typist.section("crypto pki certificate chain") == []


def test_a_body_that_is_no_certificate_is_kept_as_it_stands() -> None:
    text = (
        "crypto pki certificate chain TP\n certificate 02 nvram:TP#2.cer\n"
        " certificate ca 01\n  30820212 0F0F\n  \tquit\n"
    )
    typist = new_router(f"crypto pki trustpoint TP\n revocation-check crl\n{text}")
    shown = typist.section("crypto pki certificate chain")
    assert shown == text.splitlines()
    assert authority_of(typist.router, "TP") is None
    assert reloaded(typist).model == typist.router.model


def test_removing_a_trustpoint_that_has_certificates_asks(authority: Authority) -> None:
    typist = new_router(TERMINAL)
    enrolled(typist, authority)
    typist.type("configure terminal")
    printed = typist.type("no crypto pki trustpoint TP", "no")
    assert printed == (
        "% Removing an enrolled trustpoint will destroy all certificates\n"
        " received from the related Certificate Authority.\n\n"
        "Are you sure you want to do this? [yes/no]: no\n"
    )
    assert "TP" in typist.router.model.block(PkiConfig).trustpoints
    assert "% Be sure to ask the CA administrator to revoke your certificates.\n" in typist.type(
        "no crypto pki trustpoint TP", "yes"
    )
    assert typist.router.model.block(PkiConfig) == PkiConfig()


def test_everything_survives_a_reload(authority: Authority, tmp_path: Path) -> None:
    clock = new_router().clock
    first = Typist(build_router(clock, DirectoryNvram(tmp_path)), clock)
    assert load_config(first.router, build_grammar(), TERMINAL) == []
    certificate = enrolled(first, authority)
    first.type("write memory")
    second = build_router(clock, DirectoryNvram(tmp_path))
    text = second.nvram.read("startup-config")
    assert text is not None
    assert load_config(second, build_grammar(), text.decode()) == []
    assert own_of(second, "TP") == certificate
    pair = store.pair(second.nvram, "KEY")
    assert pair is not None
    assert pair.key.public.spki == certificate.public_key.spki


def test_a_router_signs_its_own_certificate() -> None:
    require("openssl")
    typist = configuring(f"{BASE}crypto pki trustpoint SELF\n enrollment selfsigned\n subject-name cn=GM1\n")
    printed = typist.type("crypto pki enroll SELF", "no", "no", "yes")
    assert printed == (
        "% The subject name in the certificate will include: cn=GM1\n"
        "% The subject name in the certificate will include: GM1.lab.example\n"
        "% Include the router serial number in the subject name? [yes/no]: no\n"
        "% Include an IP address in the subject name? [no]: no\n"
        "Generate Self Signed Router Certificate? [yes/no]: yes\n\n"
        "Router Self Signed Certificate successfully created\n\n"
    )
    certificate = own_of(typist.router, "SELF")
    assert certificate is not None
    assert certificate.is_signed_by(certificate.public_key)
    typist.type("end")
    assert " certificate self-signed 01" in typist.section("crypto pki certificate chain")
    assert reloaded(typist).model == typist.router.model
    assert "Router Self-Signed Certificate\n" in typist.type("show crypto pki certificates")
    done = subprocess.run(
        ["openssl", "x509", "-noout", "-text"], input=certificate.to_pem(), capture_output=True, check=True
    )
    assert b"DNS:GM1.lab.example" in done.stdout


def test_the_same_seed_makes_the_same_self_signed_certificate() -> None:
    def made() -> Certificate | None:
        typist = configuring(f"{BASE}crypto pki trustpoint SELF\n enrollment selfsigned\n eckeypair EC\n")
        typist.type("crypto pki enroll SELF", "no", "no", "yes")
        return own_of(typist.router, "SELF")

    assert made() == made()
    assert made() is not None

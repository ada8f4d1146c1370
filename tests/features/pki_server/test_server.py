"""crypto pki server, typed and asked over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from iosemu.cli import load_config
from iosemu.crypto import pkcs12
from iosemu.crypto.crl import Crl
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.extensions import Extensions
from iosemu.crypto.request import build_request
from iosemu.engines.pki.states import EnrollmentState
from iosemu.features.assembly import build_grammar, build_router
from iosemu.features.http.messages import Response
from iosemu.features.pki.chains import authority_of
from iosemu.features.pki_server.service import CertificateServerService
from iosemu.router.clock import VirtualClock
from iosemu.router.nvram import DirectoryNvram
from iosemu.router.running_config import print_running_config
from tests.crypto.pki_material import openssl, rsa_key
from tests.features.pki_server.laboratory import CA, PASSWORD, SERVER, URL, Client, logged, new_ca, reloaded, start
from tests.features.typist import Typist, boot, new_router
from tests.requirements import require

SHOW = "show crypto pki server"
KEPT = "iosemu: kept and printed, without effect here\n"


def test_first_start_asks_for_a_passphrase_and_makes_a_ca() -> None:
    typist = boot(VirtualClock(seed=1), CA + SERVER)
    assert "Status: disabled" in typist.type(SHOW)
    assert start(typist, "short", PASSWORD, "other-123", PASSWORD, PASSWORD) == (
        "%Some server settings cannot be changed after CA certificate generation.\n"
        "% Please enter a passphrase to protect the private key\n% or type Return to exit\n"
        "Password: \n% Password must be more than 7 characters. Try again\n% or type Return to exit\n"
        "Password: \n\nRe-enter password: \n\n% Passwords do not match. Try again\n% or type Return to exit\n"
        "Password: \n\nRe-enter password: \n\n"
        "% Generating 1024 bit RSA keys, keys will be non-exportable...\n[OK] (elapsed time was 0 seconds)\n\n"
        "% Exporting Certificate Server signing certificate and keys...\n\n"
        "% Certificate Server enabled.\n"
    )
    assert logged(typist, "CS_ENABLED") == 1
    assert typist.section("crypto pki trustpoint GET-CA") == [
        "crypto pki trustpoint GET-CA",
        " revocation-check crl",
        " rsakeypair GET-CA",
    ]
    ca = authority_of(typist.router, "GET-CA")
    assert ca is not None
    assert str(ca.subject) == "cn=GET-CA.lab.example,o=Example"
    assert ca.not_after - ca.not_before == timedelta(days=1095)
    files = typist.type("dir nvram:")
    for name in ("GET-CA.ser", "GET-CA.crl", "GET-CA_00001.p12"):
        assert name in files
    assert typist.type("more nvram:GET-CA.ser") == "db_version = 1\nlast_serial = 0x1\n"
    bundle = pkcs12.parse(typist.router.nvram.read("nvram/GET-CA_00001.p12") or b"", PASSWORD)
    assert bundle.certificate == ca


def test_return_leaves_the_dialog() -> None:
    typist = boot(VirtualClock(seed=1), CA + SERVER)
    assert "enabled" not in start(typist, "")
    assert authority_of(typist.router, "GET-CA") is None


def test_show() -> None:
    typist = new_ca(" grant auto\n database level complete\n auto-rollover 90\n")
    shown = re.sub(r"fingerprint: [0-9A-F ]+", "fingerprint: X", typist.type(SHOW))
    assert shown == (
        "Certificate Server GET-CA:\n"
        "    Status: enabled\n"
        "    State: enabled\n"
        '    Server\'s configuration is locked  (enter "shut" to unlock it)\n'
        "    Issuer name: CN=GET-CA.lab.example,O=Example\n"
        "    CA cert fingerprint: X\n"
        "    Granting mode is: auto\n"
        "    Last certificate issued serial number (hex): 1\n"
        "    CA certificate expiration timer: 10:00:00 UTC Jan 4 2029\n"
        "    CRL NextUpdate timer: 10:00:00 UTC Jan 12 2026\n"
        "    Current primary storage dir: nvram:\n"
        "    Database Level: Complete - all issued certs written as <serialnum>.cer\n"
        "    Auto-Rollover configured, overlap period 90 days\n"
        "    Autorollover timer: 10:00:00 UTC Oct 6 2028\n"
    )
    assert new_router().type(SHOW) == ""
    assert "'X' is not known" in typist.type(f"{SHOW} X")


def test_genie_reads_the_shows() -> None:
    require("module:genie")
    from genie.libs.parser.iosxe.show_crypto import ShowCryptoPkiServer, ShowCryptoPkiServerCrl
    from genie.libs.parser.iosxe.show_crypto import ShowCryptoPkiServerRequests as Requests

    ca = new_ca(" grant auto\n")
    client = Client(ca)
    client.enroll()
    parsed = ShowCryptoPkiServer(device=None).cli(output=ca.type(SHOW))["server"]["GET-CA"]
    assert (parsed["status"], parsed["grant_mode"], parsed["last_serial_num"]) == ("enabled", "auto", "2")
    requests = Requests(device=None).cli(output=ca.type(f"{SHOW} GET-CA requests"))["request"]
    assert requests["router"]["1"]["state"] == "granted"
    ca.type("crypto pki server GET-CA revoke 2")
    crl = ShowCryptoPkiServerCrl(device=None).cli(output=ca.type(f"{SHOW} GET-CA crl"))["crl"]
    assert crl["number_of_crl_entries"] == 1
    assert crl["revoked_certificates"][0]["serial_number_in_hex"] == "02"


@pytest.mark.parametrize("post", [True, False])
def test_a_router_enrolls_over_http(post: bool) -> None:
    ca = new_ca(" grant auto\n database level complete\n cdp-url http://192.0.2.10/GET-CA.crl\n")
    client = Client(ca)
    enrollment = client.enroll(post=post)
    certificate = enrollment.certificate
    assert certificate is not None
    assert certificate.extensions.crl_urls == ("http://192.0.2.10/GET-CA.crl",)
    assert ca.type("more nvram:2.cnm") == "subjectname_str = cn=GM1,o=Example\nexpiration = 10:00:05 UTC Jan 5 2027\n"
    assert ca.router.nvram.read("nvram/2.cer") == certificate.der
    assert "last_serial = 0x2" in ca.type("more nvram:GET-CA.ser")
    assert "2       10:00:05 UTC Jan 5 2026   10:00:05 UTC Jan 5 2027   cn=GM1,o=Example" in ca.type(
        f"{SHOW} GET-CA certificates"
    )


def test_granting_by_hand() -> None:
    ca = new_ca()
    client = Client(ca)
    first, second = client.enroll(), client.enroll(11, name="cn=GM2")
    assert first.state is EnrollmentState.PENDING
    shown = ca.type(f"{SHOW} GET-CA requests")
    assert re.search(r"^1      pending    [0-9A-F]{32} cn=GM1,o=Example$", shown, re.MULTILINE)
    assert re.search(r"^2      pending    [0-9A-F]{32} cn=GM2$", shown, re.MULTILINE)
    assert shown == ca.type("crypto pki server GET-CA info requests")
    assert ca.type("crypto pki server GET-CA grant 1") == ""
    assert ca.type("crypto pki server GET-CA reject all") == ""
    assert ca.type("crypto pki server GET-CA grant 2") == "% There is no pending request with the id 2\n"
    client.poll(first)
    client.poll(second)
    assert (first.state, second.state) == (EnrollmentState.GRANTED, EnrollmentState.REFUSED)
    assert "rejected" in ca.type(f"{SHOW} GET-CA requests")
    ca.type("crypto pki server GET-CA remove all")
    assert "GM" not in ca.type(f"{SHOW} GET-CA requests")


def test_one_time_password() -> None:
    ca = new_ca()
    printed = ca.type("crypto pki server GET-CA password generate 10")
    match = re.fullmatch(r"% New password is ([0-9A-F]{16}), valid for 10 minutes\n", printed)
    assert match is not None
    assert Client(ca).enroll(challenge=match[1]).state is EnrollmentState.GRANTED


def test_revoking_is_seen_in_the_list() -> None:
    ca = new_ca(" grant auto\n")
    client = Client(ca)
    client.enroll()
    assert ca.type("crypto pki server GET-CA revoke 0x2") == "% Certificate 02 successfully revoked.\n"
    for serial in ("2", "1", "9", "0"):
        assert "cannot be revoked" in ca.type(f"crypto pki server GET-CA revoke {serial}")
    assert "^" in ca.type("crypto pki server GET-CA revoke x")
    for url in (f"{URL}?operation=GetCRL", "http://192.0.2.10/GET-CA.crl"):
        answer = client.fetch(url)
        assert isinstance(answer, Response)
        assert list(Crl.parse(answer.body).entries) == [2]
    shown = ca.type("crypto pki server GET-CA info crl")
    assert "    Serial Number (hex): 02\n" in shown
    assert ca.type("crypto pki server GET-CA unrevoke 2") == "% Certificate 02 successfully unrevoked.\n"
    assert "Revoked" not in ca.type(f"{SHOW} GET-CA crl")


def test_a_stopped_server_answers_no_more() -> None:
    ca = new_ca(" grant auto\n")
    client = Client(ca)
    ca.configure("crypto pki server GET-CA\nshutdown")
    assert logged(ca, "CS_DISABLED") == 1
    answer = client.fetch(f"{URL}?operation=GetCACert&message=GET-CA")
    assert isinstance(answer, Response)
    assert answer.status != 200
    assert " shutdown" in ca.section("crypto pki server")
    assert start(ca) == "% Certificate Server enabled.\n"
    assert client.enroll().state is EnrollmentState.GRANTED
    ca.type("crypto pki server GET-CA stop")
    assert "Status: disabled" in ca.type(SHOW)
    assert ca.type("crypto pki server GET-CA start") == "% Certificate Server enabled.\n"


def test_without_http_there_is_no_server() -> None:
    ca = new_ca()
    ca.configure("no ip http server")
    assert "State: check failed; HTTP Server is disabled" in ca.type(SHOW)
    ca.configure("ip http server")
    assert "State: enabled" in ca.type(SHOW)


def test_a_running_server_is_locked() -> None:
    ca = new_ca()
    assert "locked" in ca.configure("crypto pki server GET-CA\nlifetime crl 24")
    assert ca.configure("crypto pki server GET-CA\nshutdown\nlifetime crl 24\nno grant") == ""
    assert " lifetime crl 24" in ca.section("crypto pki server")


def test_removing_destroys_all() -> None:
    ca = new_ca()
    ca.type("configure terminal")
    ca.type("no crypto pki server GET-CA", "no")
    assert ca.section("crypto pki server") != []
    ca.type("configure terminal")
    ca.type("no crypto pki server GET-CA", "yes")
    ca.type("end")
    assert ca.section("crypto pki") == []
    assert "GET-CA" not in ca.type("show crypto key mypubkey rsa")
    assert "GET-CA.ser" not in ca.type("dir nvram:")
    assert "not known" in ca.configure("no crypto pki server GET-CA")


def test_there_is_one_server() -> None:
    ca = new_ca()
    assert "there can be one only" in ca.configure("crypto pki server OTHER")


def test_lines_round_trip() -> None:
    text = """\
crypto pki server GET-CA
 database level names
 database archive pem password 7 045802150C2E1D1C5A
 issuer-name CN=CA,O=Example
 grant none
 grant auto rollover ca-cert
 hash sha384
 lifetime crl 24 30
 lifetime certificate 730 1 2
 lifetime ca-certificate 3650
 lifetime enrollment-request 48
 cdp-url http://192.0.2.10/cgi-bin/pkiclient.exe?operation=GetCRL
 auto-rollover 90 0 30
 eku server-auth client-auth
 mode sub-cs
 redundancy
 shutdown
 database url flash:/ca
 database url crl publish flash:/crls"""
    typist = new_router(text)
    assert "\n".join(typist.section("crypto pki server")) == text
    typist.type("configure terminal")
    typist.type("crypto pki server GET-CA")
    for line in text.splitlines()[1:]:
        assert typist.type(f"default {line.strip()}") in ("", KEPT), line
    typist.type("end")
    assert typist.section("crypto pki server") == ["crypto pki server GET-CA"]


@pytest.mark.parametrize(
    "line",
    [
        "issuer-name nonsense",
        "lifetime crl 0",
        "lifetime certificate 8000",
        "eku nonsense",
        "eku server-auth nonsense",
        "database archive pem password short",
        "hash sha224",
    ],
)
def test_refused_lines(line: str) -> None:
    typist = boot(VirtualClock(seed=1), SERVER)
    before = typist.section("crypto pki server")
    assert typist.configure(f"crypto pki server GET-CA\n{line}") != ""
    assert typist.section("crypto pki server") == before


def test_files_on_flash() -> None:
    typist = boot(VirtualClock(seed=1), f"{CA}{SERVER} database url flash:/ca\n")
    assert "not accessible" in start(typist)
    typist.type("mkdir flash:/ca", "")
    assert start(typist).endswith("% Certificate Server enabled.\n")
    assert "GET-CA.crl" in typist.type("dir flash:/ca")
    assert "Current primary storage dir: flash:/ca" in typist.type(SHOW)


def test_a_storage_that_goes_away_stops_the_server() -> None:
    ca = boot(VirtualClock(seed=1), f"{CA}{SERVER} database url flash:/ca\n grant auto\n lifetime crl 1\n")
    ca.type("mkdir flash:/ca", "")
    start(ca)
    ca.type("delete /force /recursive flash:/ca")
    ca.wait(3700)
    assert logged(ca, "CS_CRIT_STORAGE") == 1
    ca.router.commit()
    assert "State: check failed; storage flash:/ca is inaccessible" in ca.type(SHOW)


@pytest.mark.parametrize("place", ["tftp://10.0.0.1/ca", "nvram:/a/b", "flash:/../x", "nothing", "flash:/no\u00fc"])
def test_places_that_cannot_be_used(place: str) -> None:
    ca = boot(VirtualClock(seed=1), f"{CA}{SERVER} database url {place}\n")
    assert f"% The storage {place} is not accessible.\n" in start(ca)
    assert "Status: disabled" in ca.type(SHOW)
    other = new_ca()
    other.configure(f"crypto pki server GET-CA\nshutdown\ndatabase url {place}")
    start(other)
    assert logged(other, "CS_CRIT_STORAGE") == 1
    assert f"storage {place} is inaccessible" in other.type(SHOW)
    other.configure("crypto pki server GET-CA\nshutdown\nno database url")
    assert start(other).endswith("% Certificate Server enabled.\n")


def test_reload_keeps_serial_numbers_and_revocations(tmp_path: Path) -> None:
    clock = VirtualClock(seed=1)
    router = build_router(clock, DirectoryNvram(tmp_path), "CA1")
    assert load_config(router, build_grammar(), f"{CA}{SERVER} grant auto\n database level complete\n") == []
    ca = Typist(router, clock)
    start(ca)
    client = Client(ca)
    client.enroll()
    ca.type("crypto pki server GET-CA revoke 2")
    ca.type("write memory")
    ca.router.stop()
    again = reloaded(ca, tmp_path)
    assert logged(again, "CS_ENABLED") == 1
    assert "02" in again.type(f"{SHOW} GET-CA crl")
    assert "GM1" in again.type(f"{SHOW} GET-CA certificates")
    other = Client(again)
    certificate = other.enroll(11).certificate
    assert certificate is not None
    assert certificate.serial == 3


def test_rollover_in_due_time() -> None:
    ca = new_ca(" grant auto\n lifetime ca-certificate 365\n auto-rollover 30\n")
    first = authority_of(ca.router, "GET-CA")
    ca.wait(336 * 86400)
    assert logged(ca, "CS_CACERT_ROLLOVER") == 1
    assert "Rollover CA certificate becomes active: 10:00:00 UTC Jan 5 2027" in ca.type(SHOW)
    assert " certificate rollover-ca 02" in ca.type("show running-config").splitlines()
    ca.wait(30 * 86400)
    second = authority_of(ca.router, "GET-CA")
    assert logged(ca, "CS_ROLLED_OVER") == 1
    assert second is not None
    assert second != first
    assert Client(ca).enroll().state is EnrollmentState.GRANTED
    ca.router.commit()
    running = ca.router.service(CertificateServerService).running("GET-CA")
    assert running is not None
    assert running.authority.owner.certificate == second


def test_requests_on_paper(tmp_path: Path) -> None:
    require("openssl")
    ca = new_ca(" grant auto\n")
    files = {name: tmp_path / name for name in ("key", "csr", "crt", "ca")}
    openssl(
        "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", files["key"], "-out", files["csr"], "-subj", "/CN=x"
    )
    command = "crypto pki server GET-CA request pkcs10"
    printed = ca.type(f"{command} terminal pem", *files["csr"].read_text().splitlines(), "quit")
    assert "% Granted certificate:\n-----BEGIN CERTIFICATE-----" in printed
    files["crt"].write_text(printed[printed.index("-----BEGIN") :])
    found = authority_of(ca.router, "GET-CA")
    assert found is not None
    files["ca"].write_bytes(found.to_pem())
    at = str(int(ca.router.calendar.utc().timestamp()))
    openssl("verify", "-auth_level", "0", "-x509_strict", "-attime", at, "-CAfile", files["ca"], files["crt"])
    assert "Failed to parse" in ca.type(f"{command} terminal", "nonsense", "quit")
    ca.configure("crypto pki server GET-CA\nshutdown\nno grant auto")
    start(ca)
    other = build_request(Name.from_text("cn=y"), rsa_key(11), "sha256", Extensions())
    ca.router.flash.write("y.csr", other.to_pem())
    assert ca.type(f"{command} flash:y.csr") == "% Enrollment request pending, reqId=1\n"
    assert "% Granted certificate:\nMII" in ca.type("crypto pki server GET-CA grant 1")


def test_a_foreign_ca_certificate_is_in_the_way() -> None:
    ca = new_ca()
    other = boot(VirtualClock(seed=2), print_running_config(ca.router))
    assert "Please delete your existing CA certificate first." in start(other)
    # Without its key the certificate is worth nothing: no server.
    assert "Status: disabled" in other.type(SHOW)


def test_same_seed_same_files() -> None:
    def files() -> list[bytes | None]:
        ca = new_ca(" grant auto\n database level complete\n")
        Client(ca).enroll()
        return [ca.router.nvram.read(f"nvram/{name}") for name in ("GET-CA.crl", "GET-CA_00001.p12", "2.cer")]

    assert files() == files()


def test_debug() -> None:
    ca = new_ca(" grant auto\n")
    assert ca.type("debug crypto pki server") == "Crypto PKI Certificate Server debugging is on\n"
    Client(ca).enroll()
    texts = [message.text for message in ca.router.syslog.buffer]
    assert "CRYPTO_CS: received PKIOperation from 192.0.2.1" in texts
    assert "CRYPTO_CS: certificate 2 is issued: cn=GM1,o=Example" in texts

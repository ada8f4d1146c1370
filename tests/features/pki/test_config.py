"""The lines of trustpoints and certificate maps: typed, printed in the order of IOS, taken back, spelt the old way."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from iosemu.features.pki.config import PkiConfig
from iosemu.features.pki.maps import Condition, MapEntry, Matchable, matches
from iosemu.router.running_config import print_running_config
from tests.features.typist import Typist, new_router, reloaded

TRUSTPOINT = """\
crypto pki trustpoint TP
 enrollment retry count 5
 enrollment retry period 2
 enrollment mode ra
 enrollment url http://192.0.2.10:80
 enrollment http-proxy p 8080
 usage ike
 serial-number none
 fqdn gm1.lab.example
 ip-address none
 password 7 02050D480809
 fingerprint 0123456789ABCDEF0123456789ABCDEF
 vrf RED
 subject-name CN=GM1.lab.example,OU=GETVPN,O=Example
 subject-alt-name gm1.lab.example
 revocation-check crl none
 ocsp url http://10.0.0.1
 crl query ldap://10.0.0.1
 crl cache delete-after 60
 source interface Loopback0
 rsakeypair GET-PKI 2048 2048
 eckeypair EC
 regenerate
 auto-enroll 80 regenerate
 auto-trigger
 match certificate M allow expired-certificate
 match certificate N skip revocation-check
 chain-validation continue ROOT
 hash sha256
 eku request server-auth
 primary
 storage nvram:
 authorization list L
"""
PRELUDE = "vrf definition RED\n"
NOW = datetime(2026, 1, 5, 10, 0, 0, tzinfo=timezone.utc)
SUBJECT = "hostname=gm1.lab.example,cn=GM1,ou=GETVPN,o=Example"


def block(typist: Typist) -> str:
    return "".join(f"{line}\n" for line in typist.section("crypto pki trustpoint"))


def test_every_line_of_a_trustpoint_is_printed_in_its_place_and_loaded_again() -> None:
    typist = new_router(PRELUDE + TRUSTPOINT)
    assert block(typist) == TRUSTPOINT
    again = reloaded(typist)
    assert again.model == typist.router.model
    assert print_running_config(again) == print_running_config(typist.router)


def test_every_line_of_a_trustpoint_can_be_taken_back() -> None:
    typist = new_router(PRELUDE + TRUSTPOINT)
    lines = TRUSTPOINT.splitlines()
    typist.configure("\n".join([lines[0], *(f"no {line.strip()}" for line in lines[1:])]))
    assert block(typist) == "crypto pki trustpoint TP\n revocation-check crl\n"


def test_the_old_spelling_means_the_same_and_is_not_listed() -> None:
    typist = new_router(TRUSTPOINT.replace("crypto pki", "crypto ca").replace(" vrf RED\n", ""))
    assert "crypto pki trustpoint TP" in block(typist)
    typist.type("configure terminal")
    assert "\n  ca " not in typist.session.help("crypto ")
    assert "pki" in typist.session.help("crypto ")
    typist.type("no crypto ca trustpoint TP")
    typist.type("end")
    assert block(typist) == ""


def test_a_password_is_never_printed_in_the_clear() -> None:
    typist = new_router("crypto pki trustpoint TP\n password 0 secretsecret\n")
    assert "secret" not in block(typist)
    secret = typist.router.model.block(PkiConfig).trustpoints["TP"].password
    assert secret is not None
    assert secret.verify("secretsecret")
    assert "secret" not in repr(typist.router.model.block(PkiConfig))


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("subject-name nonsense", "% nonsense is not a valid subject name"),
        ("fingerprint XYZ", "% Invalid fingerprint"),
        ("password 7 zz", "Invalid encrypted password: zz"),
        ("vrf NOWHERE", "% VRF NOWHERE does not exist"),
    ],
)
def test_lines_that_make_no_sense_are_refused(line: str, error: str) -> None:
    assert error in new_router().configure(f"crypto pki trustpoint TP\n{line}")


def test_the_last_way_of_enrollment_holds() -> None:
    typist = new_router("crypto pki trustpoint TP\n enrollment url http://a\n")
    typist.configure("crypto pki trustpoint TP\nenrollment terminal pem\nno enrollment selfsigned")
    assert block(typist) == "crypto pki trustpoint TP\n enrollment terminal pem\n revocation-check crl\n"


def test_removing_what_is_not_there() -> None:
    assert "% CA trustpoint is not known" in new_router().configure("no crypto pki trustpoint TP")


MAP = """\
crypto pki certificate map M 10
 issuer-name co cn=lab-ca
 subject-name co ou = getvpn
crypto pki certificate map M 20
 expires-on lt jan 01 2026 00:00:00
"""


def test_maps_are_printed_loaded_and_edited() -> None:
    typist = new_router(MAP)
    assert "".join(f"{line}\n" for line in typist.section("crypto pki certificate map")) == MAP
    assert reloaded(typist).model == typist.router.model
    typist.configure("crypto pki certificate map M 10\nno subject-name\nno crypto pki certificate map M 20")
    assert typist.section("crypto pki certificate map") == [
        "crypto pki certificate map M 10", " issuer-name co cn=lab-ca",
    ]  # fmt: skip
    assert "^" in typist.configure("crypto pki certificate map M 10\nvalid-start ge someday")
    typist.configure("no crypto pki certificate map M")
    assert typist.router.model.block(PkiConfig).maps == {}


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("subject-name", "co", "OU=getvpn", True),
        ("subject-name", "co", "ou = getvpn, o = example", True),
        ("subject-name", "nc", "ou=other", True),
        ("subject-name", "eq", "cn=GM1", False),
        ("subject-name", "eq", SUBJECT.upper(), True),
        ("subject-name", "ne", "cn=GM1", True),
        ("issuer-name", "co", "cn=lab-ca", True),
        ("unstructured-subject-name", "eq", "GM1.lab.example", True),
        ("alt-subject-name", "co", "198.51.100", True),
        ("alt-subject-name", "nc", "198.51.100", False),
        ("name", "co", "gm1.lab", True),
        ("serial-number", "eq", "5", True),
        ("serial-number", "eq", "05", True),
        ("serial-number", "ne", "05", False),
        ("valid-start", "lt", "jan 05 2026 12:00:00", True),
        ("valid-start", "ge", "jan 05 2026 11:00:00", True),
        ("expires-on", "ge", "jan 05 2027", True),
        ("expires-on", "eq", "05 jan 2027 11:00:00", True),
        ("expires-on", "ne", "05 jan 2027 11:00:00", False),
    ],
)
def test_each_condition(field: str, operator: str, value: str, expected: bool) -> None:
    certificate = Matchable(
        SUBJECT, "cn=LAB-CA", "gm1.lab.example", ("198.51.100.2",), "05", NOW, NOW + timedelta(days=365)
    )
    entries = {10: MapEntry([Condition(field, operator, value)])}
    assert matches(entries, certificate, timedelta(hours=1)) is expected


def test_all_conditions_of_an_entry_and_any_entry_of_a_map() -> None:
    certificate = Matchable(SUBJECT, "cn=LAB-CA", "", (), "05", NOW, NOW)
    good, bad = Condition("subject-name", "co", "getvpn"), Condition("issuer-name", "eq", "cn=x")
    assert not matches({10: MapEntry([good, bad])}, certificate)
    assert matches({10: MapEntry([bad]), 20: MapEntry([good])}, certificate)
    assert matches({10: MapEntry()}, certificate)

"""Two routers and their certificates: phase 1 with RSA and elliptic curves, maps, clocks, and lists that are fetched in
the middle of an exchange."""

from __future__ import annotations

from datetime import timedelta

import pytest

from iosemu.features.http.messages import Request, Response
from iosemu.features.http.service import HttpService
from iosemu.features.pki.chains import own_of
from iosemu.ports.memory import Wire
from iosemu.router.clock import VirtualClock
from iosemu.router.names import parse_name
from iosemu.router.running_config import print_running_config
from tests.features.pki.authority import Authority, enrolled
from tests.features.typist import Typist, boot, connect

URL = "http://10.0.0.3/lab.crl"
FAILED = "Certificate chain validation has failed."


def gateway(own: int, method: str, key: str, revocation: str) -> str:
    other = 3 - own
    return f"""hostname R{own}
ip domain name lab.example
crypto pki trustpoint TP
 enrollment terminal
 serial-number none
 ip-address none
 subject-name CN=R{own},OU=GETVPN
 revocation-check {revocation}
 {key}
crypto isakmp policy 10
 encr aes 256
 hash sha256
 authentication {method}
 group 14
crypto isakmp identity dn
crypto ipsec transform-set TS esp-aes 256 esp-sha256-hmac
 mode tunnel
crypto map M 10 ipsec-isakmp
 set peer 10.0.0.{other}
 set transform-set TS
 match address ACL
interface GigabitEthernet0/0
 ip address 10.0.0.{own} 255.255.255.0
 crypto map M
interface Loopback0
 ip address 10.{own}.0.1 255.255.255.0
ip route 10.{other}.0.0 255.255.255.0 10.0.0.{other}
ip access-list extended ACL
 permit ip 10.{own}.0.0 0.0.0.255 10.{other}.0.0 0.0.0.255
"""


def pair(
    authority: Authority,
    method: str = "rsa-sig",
    key: str = "rsakeypair KEY 1024",
    revocation: str = "none",
    crl_url: str = "",
) -> tuple[Typist, Typist]:
    clock = VirtualClock(seed=1)
    found = []
    for own in (1, 2):
        typist = boot(clock, gateway(own, method, key, revocation), f"R{own}")
        if key.startswith("ec"):
            typist.type("crypto key generate ec keysize 256 label KEY")
        enrolled(typist, authority, crl_url=crl_url)
        found.append(typist)
    one, two = found
    connect(one, "g0/0", two, "g0/0")
    return one, two


def reaches(one: Typist) -> bool:
    return "!!" in one.type("ping 10.2.0.1 source Loopback0 repeat 10")


@pytest.mark.parametrize(("method", "key"), [("rsa-sig", "rsakeypair KEY 1024"), ("ecdsa-sig", "eckeypair KEY")])
def test_a_tunnel_with_certificates(authority: Authority, method: str, key: str) -> None:
    one, two = pair(authority, method, key)
    assert reaches(one)
    assert "QM_IDLE" in one.type("show crypto isakmp sa")
    assert "QM_IDLE" in two.type("show crypto isakmp sa")


def test_certificates_of_different_authorities(authority: Authority) -> None:
    one, two = pair(authority)
    two.type("configure terminal")
    two.type("no crypto pki certificate chain TP")
    two.type("end")
    enrolled(two, Authority("cn=OTHER"))
    assert not reaches(one)
    assert "%CRYPTO-5-IKMP_INVAL_CERT: Certificate received from 10.0.0.1 is bad" in two.log()


@pytest.mark.parametrize(("date", "mnemonic"), [("1 jan 2000", "NOT_YET_VALID"), ("1 mar 2027", "EXPIRED")])
def test_a_clock_that_is_wrong(authority: Authority, date: str, mnemonic: str) -> None:
    one, two = pair(authority)
    two.type(f"clock set 10:00:00 {date}")
    assert not reaches(one)
    assert f"%PKI-3-CERTIFICATE_INVALID_{mnemonic}: {FAILED}" in two.log()
    two.type("clock set 10:00:00 5 jan 2026")
    assert reaches(one)


def test_a_certificate_that_has_expired(authority: Authority) -> None:
    one, two = pair(authority)
    enrolled_until(one, authority, timedelta(hours=1))
    one.wait(7200)
    assert not reaches(one)
    serial = own_serial(one)
    assert f"%PKI-3-CERTIFICATE_INVALID_EXPIRED: {FAILED}  The certificate (SN: {serial}) has expired" in two.log()


def enrolled_until(typist: Typist, authority: Authority, lifetime: timedelta) -> None:
    """Another certificate, which ends soon."""
    typist.configure("no crypto pki certificate chain TP")
    enrolled(typist, authority, end=typist.router.calendar.utc() + lifetime)


def own_serial(typist: Typist) -> str:
    certificate = own_of(typist.router, "TP")
    assert certificate is not None
    return f"{certificate.serial:02X}"


def test_a_certificate_whose_key_is_on_another_router(authority: Authority) -> None:
    one, first = pair(authority)
    two = boot(one.clock, print_running_config(first.router), "R2")
    connect(one, "g0/0", two, "g0/0")
    assert not reaches(one)
    assert not reaches(one)
    assert two.log().count("%CRYPTO-3-IKMP_QUERY_KEY: Querying key pair failed.") == 1
    assert "IKMP_QUERY_KEY" not in one.log()


def test_a_certificate_map_of_the_trustpoint(authority: Authority) -> None:
    one, two = pair(authority)
    two.configure(
        "crypto pki certificate map MEMBERS 10\nsubject-name co ou=other\n"
        "crypto pki trustpoint TP\nmatch certificate MEMBERS"
    )
    assert not reaches(one)
    assert "%PKI-3-CERTIFICATE_INVALID_UNAUTHORIZED" in two.log()
    two.configure("crypto pki certificate map MEMBERS 20\nsubject-name co ou = getvpn")
    assert reaches(one)


@pytest.mark.parametrize("revoked", [False, True])
def test_the_exchange_waits_for_the_list(authority: Authority, revoked: bool) -> None:
    one, two = pair(authority, revocation="crl", crl_url=URL)
    certificate = own_of(one.router, "TP")
    assert certificate is not None
    asked = []

    def answer(request: Request) -> Response:
        asked.append(str(request.remote.address))
        now = one.router.calendar.utc()
        crl = authority.crl(*([certificate.serial] if revoked else [99]), end=now + timedelta(days=1))
        return Response(200, crl.der, "application/pkix-crl")

    three = boot(one.clock, _WEB, "WEB")
    _segment(one, two, three)
    three.router.service(HttpService).server.register("/lab.crl", answer)
    assert reaches(one) != revoked
    assert set(asked) == {"10.0.0.1", "10.0.0.2"} if not revoked else {"10.0.0.2"}
    if revoked:
        assert f"%PKI-3-CERTIFICATE_REVOKED: {FAILED}  The certificate (SN: {certificate.serial:02X})" in two.log()


_WEB = "hostname WEB\ninterface GigabitEthernet0/0\n ip address 10.0.0.3 255.255.255.0\nip http server\n"


def _segment(*typists: Typist) -> None:
    """All on one wire, instead of the one they had."""
    name = parse_name("g0/0")
    assert name is not None
    wire = Wire(typists[0].clock)
    for typist in typists:
        typist.router.attach(name, wire.end())

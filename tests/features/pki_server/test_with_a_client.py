"""A router enrolls with a router: a trustpoint, `crypto pki authenticate` and `enroll` here, the CA there."""

from __future__ import annotations

from iosemu.engines.ike.credentials import CertificatePending, CertificateRefused, PeerCertificate
from iosemu.features.isakmp.service import IsakmpService
from iosemu.features.pki.chains import authority_of, own_of
from tests.features.pki_server.laboratory import logged, new_ca
from tests.features.typist import Typist, boot, connect

CDP = " cdp-url http://192.0.2.10/cgi-bin/pkiclient.exe?operation=GetCRL\n"
MEMBER = """
hostname GM1
ip domain name lab.example
interface GigabitEthernet0/0
 ip address 192.0.2.1 255.255.255.0
crypto pki trustpoint GET-CA
 enrollment url http://192.0.2.10:80
 serial-number none
 ip-address none
 subject-name CN=GM1.lab.example,OU=GETVPN,O=Example
 revocation-check crl
 rsakeypair GET-PKI 1024
"""


def member(ca: Typist, extra: str = "") -> Typist:
    """A router beside the CA that believes it and has asked for a certificate."""
    typist = boot(ca.clock, MEMBER + extra, "GM1")
    connect(ca, "g0/0", typist, "g0/0")
    ca.wait(5)
    typist.type("configure terminal")
    assert "accepted" in typist.type("crypto pki authenticate GET-CA", "yes")
    typist.type("crypto pki enroll GET-CA", "secret", "secret", "yes")
    typist.type("end")
    ca.wait(5)
    return typist


def test_granted_automatically_then_revoked() -> None:
    ca = new_ca(f" grant auto\n{CDP}")
    typist = member(ca)
    own = own_of(typist.router, "GET-CA")
    assert own is not None
    assert str(own.subject) == "hostname=GM1.lab.example,cn=GM1.lab.example,ou=GETVPN,o=Example"
    assert authority_of(typist.router, "GET-CA") == authority_of(ca.router, "GET-CA")
    assert logged(typist, "CERTRET") == 1
    assert "granted" in ca.type("show crypto pki server GET-CA requests")
    store = typist.router.service(IsakmpService).certificates
    assert store is not None
    verify, clock = store.verify, ca.clock

    def verdict() -> object:
        found = verify((own.der,), clock.now(), None)
        if isinstance(found, CertificatePending):
            clock.run_until(clock.now() + 5)
            found = verify((own.der,), clock.now(), None)
        return found

    assert isinstance(verdict(), PeerCertificate)
    ca.type(f"crypto pki server GET-CA revoke {own.serial}")
    # The list that is at hand counts until its end.
    assert isinstance(verdict(), PeerCertificate)
    clock.run_until(clock.now() + 169 * 3600)
    assert isinstance(verdict(), CertificateRefused)
    assert logged(typist, "CERTIFICATE_REVOKED") == 1


def test_granted_by_hand() -> None:
    ca = new_ca()
    typist = member(ca)
    assert own_of(typist.router, "GET-CA") is None
    assert "pending" in ca.type("show crypto pki server GET-CA requests")
    ca.type("crypto pki server GET-CA grant all")
    ca.wait(120)
    assert own_of(typist.router, "GET-CA") is not None


def test_the_ca_rolls_over_and_its_client_follows() -> None:
    ca = new_ca(" grant auto\n lifetime ca-certificate 100\n lifetime certificate 30\n auto-rollover 20\n")
    typist = member(ca, " auto-enroll 80 regenerate\n")
    first = authority_of(typist.router, "GET-CA")
    ca.wait(102 * 86400)
    second = authority_of(typist.router, "GET-CA")
    assert second == authority_of(ca.router, "GET-CA")
    assert second != first
    own = own_of(typist.router, "GET-CA")
    assert own is not None
    assert second is not None
    assert own.is_signed_by(second.public_key)
    assert own.is_valid_at(typist.router.calendar.utc())


def test_a_one_time_password_in_the_trustpoint() -> None:
    ca = new_ca()
    password = ca.type("crypto pki server GET-CA password generate").split()[4].rstrip(",")
    typist = boot(ca.clock, f"{MEMBER} password {password}\n", "GM1")
    connect(ca, "g0/0", typist, "g0/0")
    typist.type("configure terminal")
    typist.type("crypto pki authenticate GET-CA", "yes")
    typist.type("crypto pki enroll GET-CA", "yes")
    ca.wait(10)
    assert own_of(typist.router, "GET-CA") is not None

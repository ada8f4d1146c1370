"""A CA that tests sign with, without a router."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from iosemu.crypto import extensions
from iosemu.crypto.certificate import Certificate, Issuer, issue, self_sign
from iosemu.crypto.crl import Crl, Revocation, build_crl
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.extensions import Extensions
from iosemu.crypto.keys import SigningKey
from iosemu.crypto.request import CertificateRequest
from iosemu.crypto.rsa import RsaKey
from tests.features.typist import Typist

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
END = START + timedelta(days=365)
LATER = START + timedelta(days=3650)
# A router, and one with a trustpoint for cut and paste.
BASE = "hostname GM1\nip domain name lab.example\ninterface Loopback0\n ip address 10.7.7.1 255.255.255.255\n"
TERMINAL = f"""{BASE}crypto pki trustpoint TP
 enrollment terminal
 serial-number none
 ip-address none
 subject-name CN=GM1,OU=GETVPN,O=Example
 revocation-check none
 rsakeypair KEY 2048
"""


class Authority:
    """`issuer` is the CA above, none for a root."""

    def __init__(self, name: str = "cn=LAB-CA,o=Example", issuer: Authority | None = None) -> None:
        self.key: SigningKey = RsaKey.generate(2048)
        self.serial = 1
        wanted = Extensions(is_ca=True, key_usage=extensions.CA_USAGE)
        subject = Name.from_text(name)
        if issuer is None:
            self.certificate = self_sign(subject, self.key, 1, (START, LATER), wanted, "sha256")
        else:
            issuer.serial += 1
            validity = (START, LATER)
            self.certificate = issue(issuer.signer, subject, self.key.public, issuer.serial, validity, wanted)

    @property
    def signer(self) -> Issuer:
        return Issuer.of(self.certificate, self.key)

    def sign(
        self, request: CertificateRequest, *, start: datetime = START, end: datetime = END, crl_url: str = ""
    ) -> Certificate:
        """Grant a request."""
        self.serial += 1
        asked = request.extensions
        wanted = Extensions(
            key_usage=asked.key_usage,
            dns_names=asked.dns_names,
            addresses=asked.addresses,
            crl_urls=(crl_url,) if crl_url else (),
        )
        return issue(self.signer, request.subject, request.public_key, self.serial, (start, end), wanted)

    def crl(self, *serials: int, start: datetime = START, end: datetime = END) -> Crl:
        """A list that revokes some certificates."""
        return build_crl(self.signer, 1, (start, end), [Revocation(serial, start) for serial in serials])


def lines(certificate: Certificate) -> list[str]:
    """What somebody pastes."""
    return [*certificate.to_pem().decode().splitlines(), "quit"]


def trust(typist: Typist, authority: Authority, name: str = "TP") -> None:
    """Paste the CA's certificate into a trustpoint with terminal enrollment."""
    typist.type("configure terminal")
    assert "accepted" in typist.type(f"crypto pki authenticate {name}", *lines(authority.certificate), "yes")
    typist.type("end")


def request_of(printed: str) -> CertificateRequest:
    """The request on a screen."""
    body = printed.partition("Certificate Request follows:\n\n")[2].partition("---End")[0].strip()
    if not body.startswith("-----BEGIN"):
        body = f"-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----"
    return CertificateRequest.parse_pem(f"{body}\n".encode())


def enrolled(
    typist: Typist, authority: Authority, name: str = "TP", *, end: datetime = END, crl_url: str = ""
) -> Certificate:
    """Enroll by the terminal; the trustpoint settles serial number and address."""
    trust(typist, authority, name)
    typist.type("configure terminal")
    request = request_of(typist.type(f"crypto pki enroll {name}", "yes", "no"))
    certificate = authority.sign(request, end=end, crl_url=crl_url)
    printed = typist.type(f"crypto pki import {name} certificate", *lines(certificate))
    assert printed.endswith("% Router Certificate successfully imported\n\n")
    typist.type("end")
    return certificate

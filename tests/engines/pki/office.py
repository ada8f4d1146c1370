"""A CA with its SCEP server, and clients that talk to it without a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from iosemu.crypto.certificate import Certificate, self_sign
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.extensions import IDENTITY_USAGE, Extensions
from iosemu.crypto.keys import SigningKey
from iosemu.crypto.request import CertificateRequest, build_request
from iosemu.engines.pki.authority import CertificateAuthority, make_root
from iosemu.engines.pki.capabilities import SERVER, Capabilities
from iosemu.engines.pki.messages import Owner
from iosemu.engines.pki.scep_client import EnrollmentSettings, ScepEnrollment
from iosemu.engines.pki.scep_server import ScepServer
from iosemu.engines.pki.settings import AuthoritySettings
from tests.crypto.pki_material import NOW, rsa_key

CRL_URL = "http://192.0.2.10/cgi-bin/pkiclient.exe?operation=GetCRL"


class Office:
    """The CA side; `now` is its wall clock."""

    def __init__(
        self, settings: AuthoritySettings | None = None, key: SigningKey | None = None, now: datetime = NOW
    ) -> None:
        self.settings = settings or AuthoritySettings(crl_urls=(CRL_URL,))
        self.now = now
        key = key or rsa_key(1)
        root = make_root(Name.from_text("cn=GET-CA,o=Example"), key, self.settings, now)
        self.authority = CertificateAuthority(Owner(root, key), self.settings, now)
        self.server = ScepServer(self.authority, Random(5).randbytes)

    @property
    def ca(self) -> Certificate:
        return self.authority.owner.certificate

    def pass_time(self, **units: float) -> None:
        self.now += timedelta(**units)
        self.authority.handle_timer(self.now)


class Applicant:
    """The client side; `clock` is what its engine calls now."""

    def __init__(
        self,
        office: Office,
        seed: int = 10,
        *,
        capabilities: Capabilities = SERVER,
        settings: EnrollmentSettings | None = None,
        ca: Certificate | None = None,
        sender: Owner | None = None,
        challenge: str | None = None,
        name: str = "cn=GM1,o=Example",
    ) -> None:
        self.office = office
        self.clock = 0.0
        self.key = rsa_key(seed)
        wanted = Extensions(key_usage=IDENTITY_USAGE, dns_names=("gm1.lab",))
        self.request: CertificateRequest = build_request(Name.from_text(name), self.key, "sha256", wanted, challenge)
        self.sender = sender or Owner(own_certificate(self.key, name, office.now), self.key)
        settings = settings or EnrollmentSettings(retries=3)
        self.enrollment = ScepEnrollment(
            self.request, self.sender, ca or office.ca, capabilities, settings, Random(seed).randbytes
        )

    def start(self) -> None:
        self.enrollment.start(self.clock)
        self.deliver()

    def deliver(self) -> None:
        for request in self.enrollment.take_requests():
            answer = self.office.server.answer(request.operation, request.message, self.office.now)
            if answer.status == 200:
                self.enrollment.receive(answer.body, self.clock)
            else:
                self.enrollment.lost(self.clock)

    def wait(self) -> None:
        """Until the engine's timer, and what follows."""
        due = self.enrollment.next_timer()
        assert due is not None
        self.office.pass_time(seconds=due - self.clock)
        self.clock = due
        self.enrollment.handle_timer(due)
        self.deliver()


def own_certificate(key: SigningKey, name: str, now: datetime) -> Certificate:
    """The self-signed certificate that signs a first request."""
    validity = now - timedelta(days=1), now + timedelta(days=1)
    return self_sign(Name.from_text(name), key, 1, validity, Extensions(), "sha256")


def with_settings(**changes: Any) -> AuthoritySettings:
    return replace(AuthoritySettings(crl_urls=(CRL_URL,)), **changes)

"""A router that is a CA, and another one at the other end of a wire that asks it over HTTP."""

from __future__ import annotations

from pathlib import Path
from random import Random

from iosemu.cli import load_config
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.extensions import IDENTITY_USAGE, Extensions
from iosemu.crypto.request import build_request
from iosemu.engines.pki.capabilities import Capabilities
from iosemu.engines.pki.messages import Owner
from iosemu.engines.pki.scep_client import EnrollmentSettings, ScepEnrollment
from iosemu.engines.pki.scep_exchange import ScepRequest, read_ca_answer
from iosemu.features.assembly import build_grammar, build_router
from iosemu.features.http.messages import HttpFailure, Response
from iosemu.features.http.service import HttpService
from iosemu.router.clock import VirtualClock
from iosemu.router.nvram import DirectoryNvram
from tests.crypto.pki_material import rsa_key
from tests.engines.pki.office import own_certificate
from tests.features.typist import Typist, boot, connect

PASSWORD = "cisco-123"
CA = """
hostname CA1
ip domain name lab.example
interface GigabitEthernet0/0
 ip address 192.0.2.10 255.255.255.0
ip http server
"""
SERVER = """
crypto pki server GET-CA
 issuer-name CN=GET-CA.lab.example,O=Example
 hash sha256
"""
CLIENT = """
hostname GM1
interface GigabitEthernet0/0
 ip address 192.0.2.1 255.255.255.0
"""
URL = "http://192.0.2.10/cgi-bin/pkiclient.exe"


def new_ca(extra: str = "", clock: VirtualClock | None = None) -> Typist:
    """A CA that has been started by hand."""
    typist = boot(clock or VirtualClock(seed=1), f"{CA}{SERVER}{extra}", "CA1")
    printed = start(typist)
    assert printed.endswith("% Certificate Server enabled.\n"), printed
    return typist


def start(typist: Typist, *answers: str) -> str:
    """`no shutdown`, with what it prints."""
    typist.type("configure terminal")
    typist.type("crypto pki server GET-CA")
    printed = typist.type("no shutdown", *(answers or (PASSWORD, PASSWORD)))
    typist.type("end")
    return printed


def reloaded(typist: Typist, folder: Path) -> Typist:
    """Another router that starts with what is saved in a folder."""
    router = build_router(typist.clock, DirectoryNvram(folder), "CA1")
    text = (router.nvram.read("startup-config") or b"").decode()
    assert load_config(router, build_grammar(), text) == []
    return Typist(router, typist.clock)


def logged(typist: Typist, mnemonic: str) -> int:
    """How often a message stands in the log."""
    return sum(f"-{mnemonic}:" in message.text for message in typist.router.syslog.buffer)


class Client:
    """Asks a CA over HTTP from a router of its own."""

    def __init__(self, ca: Typist) -> None:
        self.typist = boot(ca.clock, CLIENT, "GM1")
        connect(ca, "g0/0", self.typist, "g0/0")
        ca.wait(5)

    def fetch(self, url: str, body: bytes | None = None) -> Response | HttpFailure:
        found: list[Response | HttpFailure] = []
        client = self.typist.router.service(HttpService).client
        if body is None:
            client.get(url, found.append)
        else:
            client.post(url, body, "application/x-pki-message", found.append)
        clock = self.typist.clock
        clock.run_until(clock.now() + 60, lambda: bool(found))
        return found[0]

    def ask(self, request: ScepRequest) -> Response:
        answer = self.fetch(f"{URL}?{request.query}", request.body)
        assert isinstance(answer, Response), answer
        return answer

    def enroll(
        self, seed: int = 10, *, post: bool = True, challenge: str | None = None, name: str = "cn=GM1,o=Example"
    ) -> ScepEnrollment:
        """One transaction up to the first answer."""
        capabilities = Capabilities.parse(self.ask(ScepRequest("GetCACaps", b"GET-CA")).body)
        if not post:
            capabilities = Capabilities(capabilities.words - {"POSTPKIOperation", "SCEPStandard"})
        ca = read_ca_answer(self.ask(ScepRequest("GetCACert", b"GET-CA")).body)[0]
        key, now = rsa_key(seed), self.typist.router.calendar.utc()
        request = build_request(Name.from_text(name), key, "sha256", Extensions(key_usage=IDENTITY_USAGE), challenge)
        sender = Owner(own_certificate(key, name, now), key)
        settings = EnrollmentSettings()
        enrollment = ScepEnrollment(request, sender, ca, capabilities, settings, Random(seed).randbytes)
        enrollment.start(self.typist.clock.now())
        self.deliver(enrollment)
        return enrollment

    def deliver(self, enrollment: ScepEnrollment) -> None:
        for request in enrollment.take_requests():
            enrollment.receive(self.ask(request).body, self.typist.clock.now())

    def poll(self, enrollment: ScepEnrollment) -> None:
        due = enrollment.next_timer()
        assert due is not None
        self.typist.clock.run_until(due)
        enrollment.handle_timer(due)
        self.deliver(enrollment)

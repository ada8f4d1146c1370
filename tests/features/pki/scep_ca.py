"""A CA on a router's HTTP server, and a router that enrolls with it; both in one virtual time."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from datetime import timedelta

from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.rsa import RsaKey
from iosemu.engines.pki.authority import CertificateAuthority, make_root
from iosemu.engines.pki.messages import Owner
from iosemu.engines.pki.scep_server import ScepServer
from iosemu.engines.pki.settings import AuthoritySettings
from iosemu.features.http.messages import Request, Response
from iosemu.features.http.service import HttpService
from iosemu.router.clock import VirtualClock
from tests.features.typist import Typist, boot, connect

DAY = 86400.0
PROGRAM = "/cgi-bin/pkiclient.exe"
CLIENT = """hostname GM1
ip domain name lab.example
interface GigabitEthernet0/0
 ip address 10.0.0.1 255.255.255.0
crypto pki trustpoint CA
 enrollment url http://10.0.0.2:80
 serial-number none
 ip-address none
 subject-name CN=GM1,OU=GETVPN
 revocation-check crl
 rsakeypair KEY 1024
"""
SERVER = "hostname CA\ninterface GigabitEthernet0/0\n ip address 10.0.0.2 255.255.255.0\nip http server\n"


@dataclass
class Net:
    """`asked` are the operations that came in; `deaf` makes the CA answer nothing of use."""

    client: Typist
    server: Typist
    authority: CertificateAuthority
    scep: ScepServer
    asked: list[str]
    deaf: bool = False

    def answer(self, request: Request) -> Response:
        operation = request.parameters["operation"]
        self.asked.append(operation)
        if self.deaf:
            return Response(503)
        message = request.body or request.parameters.get("message", "").encode()
        if request.method == "GET" and operation == "PKIOperation":
            message = b64decode(message)
        found = self.scep.answer(operation, message, self.server.router.calendar.utc())
        return Response(found.status, found.body, found.content_type)

    def run(self, seconds: float) -> None:
        """Let time pass; the CA does what is due."""
        clock = self.client.clock
        end = clock.now() + seconds
        while clock.now() < end:
            clock.run_until(min(clock.now() + DAY, end))
            self.authority.handle_timer(self.server.router.calendar.utc())

    def authenticate(self) -> None:
        self.client.type("configure terminal")
        assert "accepted" in self.client.type("crypto pki authenticate CA", "yes")
        self.client.type("end")

    def enroll(self, *answers: str) -> str:
        self.client.type("configure terminal")
        printed = self.client.type("crypto pki enroll CA", *(answers or ("secret", "secret", "yes")))
        self.client.type("end")
        self.run(5)
        return printed


def net(client: str = CLIENT, settings: AuthoritySettings | None = None, seed: int = 1) -> Net:
    clock = VirtualClock(seed=seed)
    wanted = settings or AuthoritySettings(grant_auto=True)
    one, two = boot(clock, client, "GM1"), boot(clock, SERVER, "CA")
    connect(one, "g0/0", two, "g0/0")
    now = clock.wall().replace(microsecond=0) - timedelta(hours=1)
    key = RsaKey.generate(1024, clock.random_bytes)
    root = make_root(Name.from_text("cn=LAB-CA,o=Example"), key, wanted, now)
    authority = CertificateAuthority(Owner(root, key), wanted, now)
    found = Net(one, two, authority, ScepServer(authority, clock.random_bytes), [])
    two.router.service(HttpService).server.register(PROGRAM, found.answer)
    return found

"""SCEP with another implementation, micromdm's: its client enrolls with our CA, our client with its server."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.extensions import IDENTITY_USAGE, Extensions
from iosemu.crypto.request import build_request
from iosemu.engines.pki.capabilities import Capabilities
from iosemu.engines.pki.events import CertificateIssued
from iosemu.engines.pki.messages import Owner
from iosemu.engines.pki.scep_client import EnrollmentSettings, ScepEnrollment
from iosemu.engines.pki.scep_exchange import ScepRequest, read_ca_answer
from iosemu.engines.pki.scep_server import ScepServer
from tests.crypto.pki_material import openssl, rsa_key
from tests.engines.pki.office import Office, own_certificate, with_settings
from tests.requirements import require

SIZE = 2048


@contextmanager
def served(server: ScepServer) -> Iterator[str]:
    """Our engine behind an HTTP server on this host; gives the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            parameters = parse_qs(urlsplit(self.path).query)
            answer = server.answer(parameters["operation"][0], body, datetime.now(timezone.utc))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Nothing on the screen."""

    host = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=host.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{host.server_port}/cgi-bin/pkiclient.exe"
    finally:
        host.shutdown()
        host.server_close()


def scepclient(folder: Path, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["scepclient", "-server-url", url, "-private-key", "client.key", "-certificate", "client.pem", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_its_client_enrolls_with_our_ca(tmp_path: Path) -> None:
    require("scepclient", "openssl")
    office = Office(with_settings(grant_auto=True), rsa_key(21, SIZE), datetime.now(timezone.utc))
    with served(office.server) as url:
        done = scepclient(tmp_path, url, "-cn", "GM7", "-organization", "Example")
    assert done.returncode == 0, done.stdout + done.stderr
    certificate = Certificate.parse_pem((tmp_path / "client.pem").read_bytes())
    issued = [event.certificate for event in office.authority.take_events() if isinstance(event, CertificateIssued)]
    assert issued == [certificate]
    assert certificate.subject.values("cn") == ["GM7"]
    assert office.server.refused == {}
    (tmp_path / "ca.pem").write_bytes(office.ca.to_pem())
    openssl("verify", "-x509_strict", "-CAfile", tmp_path / "ca.pem", tmp_path / "client.pem")


def test_its_client_is_refused_with_a_reason(tmp_path: Path) -> None:
    require("scepclient")
    long_ago = datetime.now(timezone.utc) - timedelta(days=2)
    settings = with_settings(grant_auto=True, ca_lifetime=timedelta(days=1))
    office = Office(settings, rsa_key(21, SIZE), long_ago)
    with served(office.server) as url:
        done = scepclient(tmp_path, url, "-cn", "GM7")
    assert done.returncode != 0
    assert "badTime" in done.stdout + done.stderr


@pytest.fixture
def their_server(tmp_path: Path) -> Iterator[str]:
    """Its server with a new CA."""
    require("scepserver")
    subprocess.run(["scepserver", "ca", "-init", "-keySize", str(SIZE)], cwd=tmp_path, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        ["scepserver", "-port", str(port), "-challenge", "secret"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/scep"
    finally:
        process.terminate()
        process.wait()


def ask(url: str, request: ScepRequest) -> bytes:
    whole = f"{url}?{request.query}"
    headers = {"Content-Type": "application/x-pki-message"}
    with urllib.request.urlopen(urllib.request.Request(whole, request.body, headers), timeout=30) as answer:
        body: bytes = answer.read()
        return body


@pytest.mark.parametrize("post", [True, False])
def test_our_client_enrolls_with_its_server(their_server: str, tmp_path: Path, post: bool) -> None:
    capabilities = Capabilities.parse(ask(their_server, ScepRequest("GetCACaps", b"ca")))
    assert capabilities.post
    if not post:
        capabilities = Capabilities(capabilities.words - {"POSTPKIOperation", "SCEPStandard"})
    ca = read_ca_answer(ask(their_server, ScepRequest("GetCACert", b"ca")))[0]
    key = rsa_key(22, SIZE)
    wanted = Extensions(key_usage=IDENTITY_USAGE, dns_names=("gm1.lab",))
    now = datetime.now(timezone.utc)
    for password, granted in (("wrong", False), ("secret", True)):
        request = build_request(Name.from_text("cn=GM1,o=Example"), key, "sha256", wanted, password)
        sender = Owner(own_certificate(key, "cn=GM1,o=Example", now), key)
        client = ScepEnrollment(request, sender, ca, capabilities, EnrollmentSettings(), Random(1).randbytes)
        client.start(0)
        [message] = client.take_requests()
        assert message.post is post
        try:
            client.receive(ask(their_server, message), 0)
        except urllib.error.HTTPError:
            assert not granted
        assert (client.certificate is not None) is granted, client.take_events()
    assert client.certificate is not None
    assert client.certificate.is_signed_by(ca.public_key)
    (tmp_path / "ca.pem").write_bytes(ca.to_pem())
    (tmp_path / "client.pem").write_bytes(client.certificate.to_pem())
    openssl("verify", "-CAfile", tmp_path / "ca.pem", tmp_path / "client.pem")

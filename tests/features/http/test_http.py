"""Routers fetch from each other over their own TCP."""

from __future__ import annotations

import base64
from functools import partial

import pytest

from iosemu.features.http.messages import HttpFailure, Request, Response
from iosemu.features.http.service import HttpService
from iosemu.features.http.transfer import Options, Outcome
from iosemu.router.names import InterfaceName
from tests.engines.tcp.network import A, B
from tests.features.three_routers import Row, build_row
from tests.features.typist import Typist, new_router, reloaded

SERVER = "http://10.9.9.9"


def service(typist: Typist) -> HttpService:
    return typist.router.service(HttpService)


def served_row(*lines: str) -> Row:
    row = build_row()
    row.d.configure("\n".join(("ip http server", *lines)))
    return row


def fetch(row: Row, url: str, options: Options | None = None, body: bytes | None = None) -> Outcome:
    """What A gets."""
    found: list[Outcome] = []
    client, clock = service(row.a).client, row.a.clock
    if body is None:
        client.get(url, found.append, options)
    else:
        client.post(url, body, "application/x-pki-message", found.append, options)
    clock.run_until(clock.now() + 300, lambda: bool(found))
    assert len(found) == 1
    return found[0]


def test_a_registered_handler_gets_what_was_asked() -> None:
    row = served_row()
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(200, b"certificate", "application/x-x509-ca-cert")

    service(row.d).server.register("/cgi-bin/pkiclient.exe", answer)
    got = fetch(row, f"{SERVER}/cgi-bin/pkiclient.exe?operation=GetCACert&message=a%2Bb")
    assert isinstance(got, Response)
    assert (got.status, got.body, got.content_type) == (200, b"certificate", "application/x-x509-ca-cert")
    assert asked[0].parameters == {"operation": "GetCACert", "message": "a+b"}
    assert (str(asked[0].remote.address), str(asked[0].local)) == ("10.0.0.1", "10.9.9.9/80")
    assert asked[0].header("Host") == "10.9.9.9"

    body = bytes(range(256)) * 20
    posted = fetch(row, f"{SERVER}/cgi-bin/pkiclient.exe?operation=PKIOperation", body=body)
    assert isinstance(posted, Response)
    assert (asked[1].method, asked[1].body) == ("POST", body)


def answer_with(text: str, _: Request) -> Response:
    return Response(body=text.encode())


def test_the_longest_prefix_answers() -> None:
    row = served_row()
    server = service(row.d).server
    for prefix in ("/crl", "/crl/new"):
        server.register(prefix, partial(answer_with, prefix))
    bodies = [fetch(row, f"{SERVER}{path}") for path in ("/crl", "/crl/a", "/crl/new/b?c=d")]
    assert [item.body for item in bodies if isinstance(item, Response)] == [b"/crl", b"/crl", b"/crl/new"]
    other = fetch(row, f"{SERVER}/crlx")
    assert isinstance(other, Response)
    assert other.status == 401


def test_without_a_password_there_is_no_page() -> None:
    got = fetch(served_row("enable secret S3cret"), f"{SERVER}/")
    assert isinstance(got, Response)
    assert got.status == 401
    assert got.header("WWW-Authenticate") == 'Basic realm="level_15_access"'
    assert got.header("server") == "cisco-IOS"


@pytest.mark.parametrize(
    ("lines", "credentials", "status"),
    [
        (("enable secret S3cret",), "anybody:S3cret", 200),
        (("enable secret S3cret",), "anybody:other", 401),
        (("username u privilege 15 password 0 pw", "ip http authentication local"), "u:pw", 200),
        (("username u password 0 pw", "ip http authentication local"), "u:pw", 401),
    ],
)
def test_who_may_see_pages(lines: tuple[str, ...], credentials: str, status: int) -> None:
    row = served_row(*lines)
    header = f"Basic {base64.b64encode(credentials.encode()).decode()}"
    request = Request("GET", "/", "", (("authorization", header),), b"", A, B, "")
    assert service(row.d).server.answer(request).status == status


def test_failures_have_a_reason() -> None:
    row = served_row()
    service(row.d).server.register("/big", lambda request: Response(body=bytes(100_000)))
    assert fetch(row, f"{SERVER}:81/") is HttpFailure.REFUSED
    assert fetch(row, "http://10.77.0.1/") is HttpFailure.UNREACHABLE
    assert fetch(row, "http://10.0.0.99/") is HttpFailure.TIMED_OUT
    assert fetch(row, "http://nowhere/") is HttpFailure.UNKNOWN_HOST
    assert fetch(row, f"{SERVER}/big", Options(maximum=1000)) is HttpFailure.TOO_LARGE
    assert fetch(row, f"{SERVER}/", Options(source=InterfaceName("Loopback", "7"))) is HttpFailure.NO_SOURCE
    for url in ("https://10.9.9.9/", "http:///x", "http://10.9.9.9:99999/", "nonsense", "http://10.9.9.9/\n"):
        assert fetch(row, url) is HttpFailure.BAD_URL


def test_names_and_source_interface() -> None:
    row = served_row()
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        return Response()

    service(row.d).server.register("/x", answer)
    row.a.configure("ip host ca.lab 10.9.9.9\nip http client source-interface Loopback0")
    assert isinstance(fetch(row, "http://ca.lab/x"), Response)
    assert str(seen[0].remote.address) == "10.255.0.1"
    assert seen[0].header("host") == "ca.lab"


def test_the_server_follows_the_configuration() -> None:
    row = build_row()
    assert fetch(row, f"{SERVER}/") is HttpFailure.REFUSED
    row.d.configure("ip http server\nip http port 8080")
    assert isinstance(fetch(row, f"{SERVER}:8080/"), Response)
    assert fetch(row, f"{SERVER}/") is HttpFailure.REFUSED
    row.d.configure("no ip http server")
    assert fetch(row, f"{SERVER}:8080/") is HttpFailure.REFUSED


def test_lines_round_trip_and_status() -> None:
    lines = "ip http server\nip http port 8080\nip http access-class 23\nno ip http secure-server\n"
    lines += "ip http authentication local\nip http client source-interface GigabitEthernet0/0\nip ftp passive\n"
    router = new_router(f"interface GigabitEthernet0/0\n{lines}")
    shown = router.type("show running-config | include ^(no )?ip (http|ftp)")
    assert sorted(shown.splitlines()) == sorted(lines.splitlines())
    assert reloaded(router).model == router.router.model
    status = router.type("show ip http server status")
    for row in ("HTTP server status: Enabled", "HTTP server port: 8080", "HTTP server access class: 23"):
        assert f"{row}\n" in status

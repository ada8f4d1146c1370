"""Whatever comes over a connection, the server answers or hangs up, and the client is told how it ended."""

from __future__ import annotations

import random

import pytest

from iosemu.features.http.messages import HttpFailure, Response
from iosemu.features.http.service import HttpService
from iosemu.features.http.transfer import Options, Outcome
from iosemu.router.tcp_socket import TcpSocket
from tests.features.three_routers import build_row
from tests.features.typist import address

REQUEST = (
    b"POST /cgi-bin/x?operation=PKIOperation HTTP/1.1\r\nHost: 10.9.9.9\r\nContent-Length: 11\r\n"
    b"Authorization: Basic YTpi\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


def damaged(rng: random.Random, data: bytes) -> bytes:
    octets = bytearray(data)
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(octets))
        octets[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
    return bytes(octets[: rng.randrange(1, len(octets) + 1)] if rng.random() < 0.3 else octets)


def test_the_server_survives_damaged_requests() -> None:
    row, rng = build_row(), random.Random(5)
    row.d.configure("ip http server\nip http max-connections 16\nenable secret S3cret\nip http path flash:")
    server = row.d.router.service(HttpService).server
    statuses: set[bytes] = set()
    for _ in range(150):
        received = bytearray()
        socket = row.a.router.tcp.connect(address("10.9.9.9"), 80)
        socket.data = received.extend
        request = damaged(rng, REQUEST) if rng.random() < 0.9 else rng.randbytes(300)
        half = rng.randrange(len(request) + 1)
        socket.write(request[:half])
        row.a.wait(0.1)
        socket.write(request[half:])
        socket.close()
        row.a.wait(0.3)
        statuses.add(bytes(received[9:12]))
        assert not received or received.startswith(b"HTTP/1.1 ")
    row.a.wait(200)
    assert server.open_connections == 0
    assert {b"400", b"401"} <= statuses


def test_heads_and_bodies_are_bounded_and_nobody_keeps_a_place() -> None:
    row = build_row()
    row.d.configure("ip http server")
    server = row.d.router.service(HttpService).server
    asked: list[int] = []

    def answer(request: object) -> Response:
        asked.append(1)
        return Response()

    server.register("/x", answer)
    for head, body in (
        (b"GET /x HTTP/1.1\r\nHost: a\r\n" + b"X-Long: y\r\n" * 2000, b""),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", bytes(100_000)),
    ):
        received = bytearray()
        socket = row.a.router.tcp.connect(address("10.9.9.9"), 80)
        socket.data = received.extend
        socket.write(head + body)
        row.a.wait(5)
        assert bytes(received[9:12]) in (b"431", b"413")
    assert asked == []
    idle = [row.a.router.tcp.connect(address("10.9.9.9"), 80) for _ in range(5)]
    row.a.wait(5)
    assert server.open_connections == 5
    found: list[Outcome] = []
    row.a.router.service(HttpService).client.get("http://10.9.9.9/x", found.append)
    row.a.wait(5)
    assert found == [HttpFailure.RESET]
    row.a.wait(180)
    assert server.open_connections == 0
    assert not any(socket.writable for socket in idle)


@pytest.mark.parametrize("seed", range(3))
def test_the_client_tells_an_outcome_whatever_is_answered(seed: int) -> None:
    row, rng = build_row(), random.Random(seed)

    def answer(socket: TcpSocket) -> None:
        def data(_: bytes) -> None:
            socket.write(damaged(rng, ANSWER) if rng.random() < 0.9 else rng.randbytes(200))
            rng.choice((socket.close, socket.close, socket.abort, lambda: None))()

        socket.data = data

    row.d.router.tcp.listen(80, answer)
    kinds: set[object] = set()
    for _ in range(60):
        found: list[Outcome] = []
        row.a.router.service(HttpService).client.get("http://10.9.9.9/", found.append, Options(timeout=10))
        row.a.wait(30)
        assert len(found) == 1
        kinds.add(found[0] if isinstance(found[0], HttpFailure) else found[0].status)
    assert {HttpFailure.PROTOCOL, HttpFailure.TIMED_OUT, 200} <= kinds

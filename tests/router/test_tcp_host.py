"""The TCP hosts of routers: over their wires, in virtual time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from iosemu.engines.common import Endpoint
from iosemu.engines.tcp.events import Failure
from iosemu.engines.tcp.states import State
from iosemu.router.interfaces import Interface
from iosemu.router.names import InterfaceName
from iosemu.router.tcp_host import MAXIMUM_CONNECTIONS, MAXIMUM_HALF_OPEN
from iosemu.router.tcp_socket import TcpSocket
from iosemu.wire.ipv4 import TCP, Packet
from iosemu.wire.tcp import ACK, RST, SYN, Segment
from tests.features.three_routers import Row, build_row
from tests.features.typist import Typist, address, boot, connect

SERVER = address("10.9.9.9")
LAN = InterfaceName("GigabitEthernet", "0/0")


@dataclass
class Talk:
    """What happened to a socket."""

    socket: TcpSocket
    events: list[str] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray)
    failure: Failure | None = None

    def __post_init__(self) -> None:
        socket = self.socket
        socket.connected = lambda: self.events.append("connected")
        socket.peer_closed = lambda: self.events.append("peer closed")
        socket.closed = lambda: self.events.append("closed")
        socket.data = self.received.extend
        socket.failed = self._failed

    def _failed(self, reason: Failure) -> None:
        self.events.append("failed")
        self.failure = reason


def wait(row: Row, seconds: float = 5) -> None:
    row.a.wait(seconds)


def serve(row: Row, port: int = 80) -> list[Talk]:
    """D takes what comes."""
    accepted: list[Talk] = []
    row.d.router.tcp.listen(port, lambda socket: accepted.append(Talk(socket)))
    return accepted


def dial(row: Row, port: int = 80) -> Talk:
    return Talk(row.a.router.tcp.connect(SERVER, port))


def test_both_sides_talk_and_close() -> None:
    row = build_row()
    accepted = serve(row)
    client = dial(row)
    client.socket.write(b"question" * 20_000)
    client.socket.close()
    wait(row)
    (server,) = accepted
    assert bytes(server.received) == b"question" * 20_000
    assert server.events == ["peer closed"]
    server.socket.write(b"answer" * 20_000)
    server.socket.close()
    wait(row)
    assert bytes(client.received) == b"answer" * 20_000
    assert client.events == ["connected", "peer closed", "closed"]
    assert server.events == ["peer closed", "closed"]
    assert (client.socket.octets_in, client.socket.octets_out) == (120_000, 160_000)
    assert not client.socket.writable
    wait(row, 61)
    assert row.a.router.tcp.sockets == row.d.router.tcp.sockets == []


def test_reasons_of_failure() -> None:
    row = build_row()
    refused, silent = dial(row, 81), Talk(row.a.router.tcp.connect(address("10.0.0.99"), 80))
    away = Talk(row.a.router.tcp.connect(address("10.7.7.7"), 80))
    wait(row, 40)
    assert [talk.failure for talk in (refused, silent, away)] == [
        Failure.REFUSED,
        Failure.TIMED_OUT,
        Failure.UNREACHABLE,
    ]
    lonely = boot(row.a.clock, "interface Loopback0\n ip address 10.1.1.1 255.255.255.255\n")
    nowhere = Talk(lonely.router.tcp.connect(SERVER, 80))
    assert nowhere.events == []
    wait(row)
    assert nowhere.failure is Failure.UNREACHABLE


def test_a_router_talks_to_itself() -> None:
    row = build_row()
    accepted = serve(row)
    client = Talk(row.d.router.tcp.connect(SERVER, 80))
    client.socket.write(b"hello")
    wait(row)
    assert bytes(accepted[0].received) == b"hello"


def test_abort_resets_the_peer_and_tells_nobody() -> None:
    row = build_row()
    accepted = serve(row)
    client = dial(row)
    wait(row)
    client.socket.abort()
    wait(row)
    assert client.events == ["connected"]
    assert accepted[0].failure is Failure.RESET
    assert row.a.router.tcp.sockets == row.d.router.tcp.sockets == []
    early = dial(row)
    early.socket.abort()
    wait(row)
    assert early.events == []


def test_a_paused_reader_makes_the_writer_wait() -> None:
    row = build_row()
    accepted: list[Talk] = []

    def take(socket: TcpSocket) -> None:
        accepted.append(Talk(socket))
        socket.pause()

    row.d.router.tcp.listen(80, take)
    client = dial(row)
    client.socket.write(bytes(300_000))
    client.socket.close()
    wait(row, 30)
    (server,) = accepted
    assert server.received == b""
    assert client.socket.unsent > 200_000
    server.socket.resume()
    wait(row, 70)
    assert len(server.received) == 300_000
    assert server.events == ["peer closed"]


def test_what_comes_behind_a_pause_is_told_in_order() -> None:
    row = build_row()
    accepted = serve(row)
    client = dial(row)
    wait(row)
    accepted[0].socket.pause()
    client.socket.write(b"last words")
    client.socket.close()
    wait(row)
    assert accepted[0].events == []
    accepted[0].socket.resume()
    assert bytes(accepted[0].received) == b"last words"
    assert accepted[0].events == ["peer closed"]


def test_instances_are_apart() -> None:
    clock = build_row().a.clock
    definition = "vrf definition {0}\n address-family ipv4\n exit-address-family\n"
    lines = "".join(definition.format(name) for name in ("RED", "BLUE"))
    for number, name in ((0, "RED"), (1, "BLUE")):
        lines += f"interface GigabitEthernet0/{number}\n vrf forwarding {name}\n"
        lines += " ip address 10.0.0.{0} 255.255.255.0\n"
    left, right = boot(clock, lines.format(1), "L"), boot(clock, lines.format(2), "R")
    for port in ("g0/0", "g0/1"):
        connect(left, port, right, port)
    clock.run_until(clock.now() + 2)
    heard: list[str] = []
    right.router.tcp.listen(80, lambda socket: heard.append(f"red {socket.vrf}"), vrf="RED")
    right.router.tcp.listen(81, lambda socket: heard.append(f"any {socket.vrf}"))
    failed: list[Failure] = []
    for vrf in ("RED", "BLUE"):
        for number in (80, 81):
            socket = left.router.tcp.connect(address("10.0.0.2"), number, vrf=vrf)
            socket.failed = failed.append
    clock.run_until(clock.now() + 5)
    assert heard == ["red RED", "any RED", "any BLUE"]
    assert failed == [Failure.REFUSED]


def test_segment_sizes() -> None:
    row = build_row()
    serve(row)
    seen: list[int] = []
    row.d.router.tcp.segment_observers.append(lambda ours, segment: seen.append(segment.mss or 0))
    dial(row)
    wait(row)
    assert seen[:2] == [536, 536]
    seen.clear()
    row.b.router.tcp.connect(address("10.1.0.2"), 80)
    wait(row)
    assert seen[:2] == [1460, 1460]


# What strangers send


def lan_of(typist: Typist) -> Interface:
    found = typist.router.interfaces.get(LAN)
    assert found is not None
    return found


def inject(typist: Typist, segment: Segment, source: str, destination: str) -> None:
    ends = address(source), address(destination)
    packet = Packet(*ends, TCP, segment.pack(*ends)).pack()
    typist.router.link.receive(lan_of(typist).mac + bytes(6) + b"\x08\x00" + packet, lan_of(typist))


def test_closed_ports_answer_with_a_reset() -> None:
    row = build_row()
    sent: list[Segment] = []
    row.d.router.tcp.segment_observers.append(lambda ours, segment: sent.append(segment) if ours else None)
    inject(row.d, Segment(5, 99, 1000, 0, SYN, 100), "10.0.0.1", "10.9.9.9")
    inject(row.d, Segment(5, 99, 1000, 77, ACK, 100), "10.0.0.1", "10.9.9.9")
    inject(row.d, Segment(5, 99, 1000, 77, RST, 100), "10.0.0.1", "10.9.9.9")
    assert [(item.flags, item.sequence, item.acknowledgement) for item in sent] == [
        (RST | ACK, 0, 1001),
        (RST, 77, 0),
    ]
    sent.clear()
    # Nobody is answered in the name of a network.
    inject(row.d, Segment(5, 99, 1000, 0, SYN, 100), "10.0.0.1", "10.9.9.255")
    inject(row.d, Segment(5, 99, 1000, 0, SYN, 100), "224.0.0.5", "10.9.9.9")
    assert sent == []


def test_half_open_connections_are_few_and_do_not_keep_others_out() -> None:
    row = build_row()
    accepted = serve(row)
    for number in range(500):
        inject(row.d, Segment(1000 + number, 80, 5, 0, SYN, 100), "10.0.0.77", "10.9.9.9")
    assert len(row.d.router.tcp.sockets) == MAXIMUM_HALF_OPEN
    client = dial(row)
    wait(row)
    assert len(accepted) == 1
    assert client.events == ["connected"]
    wait(row, 60)
    assert [item.connection.state for item in row.d.router.tcp.sockets] == [State.ESTABLISHED]


def test_connections_are_bounded() -> None:
    row = build_row()
    accepted = serve(row)
    for _ in range(MAXIMUM_CONNECTIONS + 20):
        dial(row)
        wait(row, 0.01)
    assert len(accepted) == len(row.d.router.tcp.sockets) == MAXIMUM_CONNECTIONS
    assert len(row.a.router.tcp.sockets) == MAXIMUM_CONNECTIONS


def test_a_new_connection_takes_the_place_of_one_that_waits_for_its_end() -> None:
    row = build_row()
    accepted = serve(row)
    client = dial(row)
    wait(row)
    accepted[0].socket.close()
    wait(row)
    client.socket.close()
    wait(row)
    (old,) = row.d.router.tcp.sockets
    assert old.connection.state is State.TIME_WAIT
    receiver = old.connection._in
    assert receiver is not None
    ours = client.socket.local.port
    inject(row.d, Segment(ours, 80, receiver.nxt - 1000 & 0xFFFFFFFF, 0, SYN, 100), "10.0.0.1", "10.9.9.9")
    assert row.d.router.tcp.sockets == [old]
    inject(row.d, Segment(ours, 80, receiver.nxt + 1000 & 0xFFFFFFFF, 0, SYN, 100), "10.0.0.1", "10.9.9.9")
    (new,) = row.d.router.tcp.sockets
    assert (new.remote, new.connection.state) == (Endpoint(address("10.0.0.1"), ours), State.SYN_RECEIVED)


@pytest.mark.parametrize("seed", range(4))
def test_hostile_segments_do_not_stop_a_transfer(seed: int) -> None:
    row = build_row()
    accepted = serve(row)
    client = dial(row)
    sent = random.Random(seed).randbytes(200_000)
    client.socket.write(sent)
    client.socket.close()
    rng = random.Random(seed)
    for _ in range(400):
        wait(row, 0.00005)
        flags, size = rng.randrange(64), rng.choice((0, 1, 500))
        numbers = rng.randrange(1 << 32), rng.randrange(1 << 32)
        port = rng.choice((client.socket.local.port, 80, rng.randrange(1 << 16)))
        segment = Segment(port, rng.choice((80, 81)), *numbers, flags, rng.randrange(1 << 16), rng.randbytes(size))
        inject(row.d, segment, rng.choice(("10.0.0.1", "10.9.9.9", "0.0.0.0", "255.255.255.255")), "10.9.9.9")
        noise = Packet(address("10.0.0.1"), SERVER, TCP, rng.randbytes(rng.randrange(60))).pack()
        row.d.router.link.receive(lan_of(row.d).mac + bytes(6) + b"\x08\x00" + noise, lan_of(row.d))
    wait(row, 60)
    assert sent in [bytes(talk.received) for talk in accepted]
    assert lan_of(row.d).counters.input_errors > 300

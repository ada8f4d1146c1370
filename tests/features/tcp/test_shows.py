"""What shows and debug say of connections."""

from __future__ import annotations

from tests.features.three_routers import Row, build_row
from tests.features.typist import address


def connected() -> Row:
    row = build_row()
    row.d.configure("ip http server\ncrypto isakmp policy 10\n group 14")
    row.a.type("debug ip tcp transactions")
    row.a.router.tcp.connect(address("10.9.9.9"), 80)
    row.a.wait(2)
    return row


def test_show_tcp_brief() -> None:
    row = connected()
    header, line = row.d.type("show tcp brief").splitlines()
    assert header == "TCB       Local Address               Foreign Address             (state)"
    port = row.a.router.tcp.sockets[0].local.port
    assert line[10:] == f"{'10.9.9.9.80':<28}{f'10.0.0.1.{port}':<28}ESTAB"
    assert row.d.type("show tcp brief all").splitlines()[-1][10:] == f"{'*.80':<28}{'*.*':<28}LISTEN"
    assert row.b.type("show tcp brief") == ""


def test_show_tcp() -> None:
    row = connected()
    text = row.a.type("show tcp")
    assert "Stand-alone TCP connection to host 10.9.9.9\nConnection state is ESTAB, " in text
    assert "max data segment is 536 bytes" in text
    assert "connection from host 10.0.0.1" in row.d.type("show tcp")


def test_show_open_ports() -> None:
    row = connected()
    rows = row.d.type("show control-plane host open-ports").splitlines()
    assert rows[0] == "Active internet connections (servers and established)"
    listening = [line.split() for line in rows[2:] if "LISTEN" in line]
    assert listening[0] == ["tcp", "*:80", "*:0", "HTTP", "CORE", "LISTEN"]
    assert ["udp", "*:848", "*:0", "GDOI", "LISTEN"] in listening
    assert [len(line) for line in rows[2:4]] == [94, 94]


def test_debug_ip_tcp_transactions() -> None:
    row = connected()
    lines = [message.text for message in row.a.router.syslog.buffer]
    port = row.a.router.tcp.sockets[0].local.port
    assert f"TCP0: state was CLOSED -> SYNSENT [{port} -> 10.9.9.9(80)]" in lines
    assert f"TCP0: state was SYNSENT -> ESTAB [{port} -> 10.9.9.9(80)]" in lines
    assert sum(line.startswith("TCP: sending SYN, seq ") for line in lines) == 1
    assert row.d.router.syslog.buffer[-1].text.startswith("%") or "TCP" not in row.d.router.syslog.buffer[-1].text
    assert "TCP special event debugging is on" in row.a.type("show debugging")

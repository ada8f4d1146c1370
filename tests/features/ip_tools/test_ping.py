"""ping and traceroute over wires."""

from __future__ import annotations

import pytest

from tests.features.three_routers import Row
from tests.features.typist import cut


def test_five_echoes_are_answered(row: Row) -> None:
    assert row.a.type("ping 10.9.9.9").splitlines() == [
        "Type escape sequence to abort.",
        "Sending 5, 100-byte ICMP Echos to 10.9.9.9, timeout is 2 seconds:",
        "!!!!!",
        "Success rate is 100 percent (5/5), round-trip min/avg/max = 1/1/1 ms",
    ]


def test_a_neighbour_that_is_silent_costs_two_seconds_each(row: Row) -> None:
    started = row.a.clock.now()
    assert row.a.type("ping 10.0.0.99").splitlines()[2:] == [".....", "Success rate is 0 percent (0/5)"]
    assert row.a.clock.now() - started == pytest.approx(10.0)


def test_a_destination_that_nobody_knows_is_unreachable(row: Row) -> None:
    assert "U" in row.a.type("ping 10.44.0.1 repeat 2").splitlines()[2]


def test_options_in_one_line(row: Row) -> None:
    lines = row.a.type("ping 10.9.9.9 size 1500 repeat 3 source lo0 df-bit timeout 1 data 1234").splitlines()
    assert lines[1:6] == [
        "Sending 3, 1500-byte ICMP Echos to 10.9.9.9, timeout is 1 seconds:",
        "Packet sent with a source address of 10.255.0.1 ",
        "Packet sent with the DF bit set",
        "Packet has data pattern 0x1234",
        "!!!",
    ]


def test_marks_for_what_does_not_fit_and_what_is_forbidden(row: Row) -> None:
    row.b.configure("interface gi0/1\nip mtu 1000")
    assert row.a.type("ping 10.9.9.9 size 1200 df-bit repeat 2 timeout 1").splitlines()[3] == "MM"
    assert "!!!!!" in row.a.type("ping 10.9.9.9 size 1200")
    row.b.configure("access-list 150 deny icmp any any echo\ninterface gi0/0\nip access-group 150 in")
    assert "A" in row.a.type("ping 10.9.9.9 repeat 2 timeout 1").splitlines()[2]


def test_rows_of_seventy_marks(row: Row) -> None:
    marks = row.a.type("ping 10.9.9.9 repeat 71").splitlines()[2:4]
    assert [len(line) for line in marks] == [70, 1]


def test_sources_that_are_not_ours(row: Row) -> None:
    assert row.a.type("ping 10.9.9.9 source 10.0.0.77").startswith("% Invalid source address-")
    assert row.a.type("ping 10.9.9.9 source lo55").startswith("% Invalid source interface")
    assert row.a.type("ping nobody") == "% Unrecognized host or address, or protocol not running.\n"


def test_the_dialog_asks_everything(row: Row) -> None:
    answers = ["", "10.9.9.9", "2", "200", "1", "y", "9.9.9.9", "lo0", "", "y", "", "0xFFFF", "", "y", "100", "102", ""]
    text = row.a.type("ping", *answers)
    assert row.a.questions == [
        "Protocol [ip]: ",
        "Target IP address: ",
        "Repeat count [5]: ",
        "Datagram size [100]: ",
        "Timeout in seconds [2]: ",
        "Extended commands [n]: ",
        "Source address or interface: ",
        "Source address or interface: ",
        "Type of service [0]: ",
        "Set DF bit in IP header? [no]: ",
        "Validate reply data? [no]: ",
        "Data pattern [0xABCD]: ",
        "Loose, Strict, Record, Timestamp, Verbose[none]: ",
        "Sweep range of sizes [n]: ",
        "Sweep min size [36]: ",
        "Sweep max size [18024]: ",
        "Sweep interval [1]: ",
    ]
    assert "% Invalid source\n" in text
    assert "Sending 6, [100..102]-byte ICMP Echos to 10.9.9.9, timeout is 1 seconds:" in text
    assert "!!!!!!\nSuccess rate is 100 percent (6/6)" in text


def test_the_dialog_gives_up_on_a_wrong_target(row: Row) -> None:
    assert row.a.type("ping", "ip", "").endswith("% Bad IP address\n")
    assert row.a.type("ping", "ipx").splitlines()[-1].startswith('% Unknown protocol - "ipx"')
    row.a.type("disable")
    row.a.questions.clear()
    row.a.type("ping", "", "10.9.9.9")
    assert "Extended commands [n]: " not in row.a.questions


def test_leaving_a_ping_leaves_nothing_behind(row: Row) -> None:
    before = len(row.a.router.ip.icmp._listeners)
    interaction = row.a.session.execute("ping 10.0.0.99")
    for _ in range(3):
        next(interaction)
    assert len(row.a.router.ip.icmp._listeners) == before + 1
    interaction.close()
    assert len(row.a.router.ip.icmp._listeners) == before


def test_traceroute_names_every_hop(row: Row) -> None:
    lines = row.a.type("traceroute 10.9.9.9").splitlines()
    assert lines[:3] == [
        "Type escape sequence to abort.",
        "Tracing the route to 10.9.9.9",
        "VRF info: (vrf in name/id, vrf out name/id)",
    ]
    assert lines[3] == "  1 10.0.0.2 1 msec 1 msec 1 msec"
    # Unreachables are rate limited: the probe after an answer is not answered.
    assert lines[4] == "  2 10.9.9.9 1 msec *  1 msec"


def test_traceroute_shows_stars_and_unreachables(row: Row) -> None:
    cut(row.d, "gi0/0")
    row.b.configure("ip route 10.9.0.0 255.255.0.0 10.0.0.99")
    lines = row.a.type("traceroute 10.9.9.9 timeout 1 ttl 1 3 probe 2").splitlines()
    assert lines[4:] == ["  2  *  * ", "  3  *  * "]
    assert "!H" in row.a.type("traceroute 10.44.0.1 ttl 1 3 timeout 1") or "!A" in lines
    assert row.a.type("traceroute 10.9.9.9 source 1.2.3.4") == "% Invalid source\n"


def test_the_traceroute_dialog(row: Row) -> None:
    text = row.a.type("traceroute", "", "10.9.9.9", "lo0", "", "1", "1", "2", "2", "", "")
    assert text.splitlines()[-1] == "  2 10.9.9.9 1 msec"
    assert len(row.a.questions) == 10

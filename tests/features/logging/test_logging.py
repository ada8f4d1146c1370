"""Where messages go and how they are stamped, typed and on the wire."""

from __future__ import annotations

import pytest

from iosemu.router.clock import VirtualClock
from iosemu.router.router import Router
from iosemu.router.running_config import print_running_config
from iosemu.router.udp_host import UdpMessage
from tests.features.typist import Typist, boot, connect, new_router, reloaded

NETWORK = "interface GigabitEthernet0/0\n ip address 10.0.0.{} 255.255.255.0\n"


def last(typist: Typist) -> str:
    return typist.type("show logging").splitlines()[-1]


@pytest.mark.parametrize(
    ("line", "stamp"),
    [
        ("service timestamps log datetime msec", "*Jan  5 10:00:31.250: "),
        ("service timestamps log datetime", "*Jan  5 10:00:31: "),
        ("service timestamps log datetime msec year", "*Jan  5 2026 10:00:31.250: "),
        ("service timestamps log datetime localtime show-timezone", "*Jan  5 11:00:31 CET: "),
        ("service timestamps log uptime", "00:00:31: "),
        ("no service timestamps log", ""),
    ],
)
def test_messages_are_stamped_as_configured(line: str, stamp: str) -> None:
    typist = new_router("clock timezone CET 1 0\n")
    typist.clock.run_until(31.25)
    typist.configure(line)
    typist.type("send log 4 hello")
    assert last(typist) == f"{stamp}%SYS-4-USERLOG_WARNING: Message from tty0(user id: ): hello"
    assert line in typist.type("show running-config").splitlines()
    assert print_running_config(reloaded(typist)) == print_running_config(typist.router)


def test_debug_and_log_messages_have_stamps_of_their_own() -> None:
    typist = new_router("service timestamps debug uptime\nservice timestamps log datetime\n")
    typist.router.syslog.debug("a line")
    assert last(typist) == "00:00:00: a line"


def test_sequence_numbers_count_every_message() -> None:
    typist = new_router("service sequence-numbers\n")
    # Two came at the boot, before the line was read.
    typist.type("send log one")
    typist.type("send log two")
    assert last(typist).startswith("000004: *Jan  5 10:00:00.000: %SYS-7-USERLOG_DEBUG")


@pytest.mark.parametrize(
    "line",
    [
        "logging buffered 16384",
        "logging buffered 16384 warnings",
        "logging buffered errors",
        "no logging buffered",
        "no logging console",
        "logging console critical",
        "no logging monitor",
        "logging trap notifications",
        "no logging trap",
        "logging facility local3",
        "logging source-interface Loopback0",
        "logging origin-id string R-ONE",
        "logging userinfo",
        "logging host 10.0.0.2",
        "logging host 10.0.0.2 vrf MGMT transport udp port 5514",
        "no logging on",
        "service sequence-numbers",
    ],
)
def test_lines_are_printed_negated_and_loaded(line: str) -> None:
    typist = new_router()
    before = print_running_config(typist.router)
    assert typist.configure(line).count("Invalid") == 0
    assert line in print_running_config(typist.router).splitlines()
    assert print_running_config(reloaded(typist)) == print_running_config(typist.router)
    typist.configure(line.removeprefix("no ") if line.startswith("no ") else f"no {line}")
    typist.configure(f"default {line.removeprefix('no ')}")
    assert print_running_config(typist.router) == before


def test_levels_are_numbers_too() -> None:
    typist = new_router()
    typist.configure("logging buffered 3\nlogging trap 7\nlogging 10.9.9.9")
    text = print_running_config(typist.router)
    for line in ("logging buffered errors", "logging trap debugging", "logging host 10.9.9.9"):
        assert line in text.splitlines()


def listening(router: Router, port: int) -> list[str]:
    heard: list[str] = []

    def take(message: UdpMessage) -> None:
        heard.append(message.payload.decode())

    router.ip.udp.bind(port, take)
    return heard


def test_a_syslog_server_hears_what_the_trap_level_lets_through() -> None:
    clock = VirtualClock(seed=1)
    router, server = boot(clock, NETWORK.format(1), "A"), boot(clock, NETWORK.format(2), "B")
    connect(router, "Gi0/0", server, "Gi0/0")
    clock.run_until(10)
    heard, other = listening(server.router, 514), listening(server.router, 5514)
    router.configure("logging host 10.0.0.2\nlogging origin-id hostname")
    assert "%SYS-6-LOGGINGHOST_STARTSTOP: Logging to host 10.0.0.2 port 514 started - CLI initiated" in router.type(
        "show logging"
    )
    clock.run_until(20)
    heard.clear()
    router.type("send log 4 loud")
    router.type("send log 7 quiet")
    number = router.router.syslog.count - 1
    clock.run_until(30)
    # local7 is facility 23, and a warning 4: 23 * 8 + 4.
    assert heard == [
        f"<188>{number}: Router: *Jan  5 10:00:20.000: %SYS-4-USERLOG_WARNING: Message from tty0(user id: ): loud"
    ]
    router.configure("logging facility local0\nlogging host 10.0.0.2 transport udp port 5514\nno logging origin-id")
    clock.run_until(40)
    router.type("send log 3 again")
    clock.run_until(50)
    assert other[-1].startswith("<131>")
    assert "message lines logged" in router.type("show logging | section Logging to 10.0.0.2")


def test_logging_off_sends_nothing() -> None:
    clock = VirtualClock(seed=1)
    router, server = boot(clock, NETWORK.format(1), "A"), boot(clock, NETWORK.format(2), "B")
    connect(router, "Gi0/0", server, "Gi0/0")
    clock.run_until(10)
    router.configure("logging host 10.0.0.2\nno logging on")
    clock.run_until(20)
    heard = listening(server.router, 514)
    router.type("send log 0 nobody hears")
    clock.run_until(30)
    assert heard == []


def test_clear_logging_asks() -> None:
    typist = new_router()
    typist.type("send log x")
    assert typist.type("clear logging", "n") == "Clear logging buffer [confirm]n\n"
    assert "USERLOG" in typist.type("show logging")
    typist.type("clear logging")
    assert "USERLOG" not in typist.type("show logging")

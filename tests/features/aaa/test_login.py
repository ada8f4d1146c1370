"""Who gets in through which line, and with which privileges."""

from __future__ import annotations

import pytest

from iosemu.cli import Ask, Seat, Session, Wait
from iosemu.features.aaa.guard import LoginGuard
from iosemu.features.aaa.login import arrive
from iosemu.features.assembly import build_session
from tests.features.typist import Typist, new_router

USERS = "username admin privilege 15 secret 0 top\nusername joe password 0 low\nenable secret 0 root\n"
VTY = Seat("vty", 0, "10.1.1.1")
CONSOLE = Seat()


def come(typist: Typist, *answers: str, seat: Seat = VTY) -> tuple[Session, str]:
    """Come to a line and answer its questions; what was not echoed is not in the text."""
    session = build_session(typist.router, seat=seat, privilege=1)
    waiting = list(answers)
    printed = ""
    interaction = arrive(session)
    reply: str | None = None
    try:
        while True:
            step = interaction.send(reply)
            reply = None
            if isinstance(step, Ask):
                reply = waiting.pop(0) if waiting else None
                printed += step.prompt + (f"{reply}\n" if step.echo and reply else "\n")
            elif not isinstance(step, Wait):
                printed += step
    except StopIteration:
        return session, printed


def test_a_vty_without_a_password_lets_nobody_in() -> None:
    session, shown = come(new_router())
    assert session.closed
    assert shown == "\nPassword required, but none set\n"


def test_the_password_of_the_line_opens_it() -> None:
    typist = new_router("line vty 0 4\n password cisco\n login\n")
    session, shown = come(typist, "wrong", "cisco")
    assert not session.closed
    assert shown == "\nUser Access Verification\n\nPassword: \nPassword: \n"
    session, shown = come(typist, "a", "b", "c")
    assert session.closed
    assert shown.endswith("Password: \n% Bad passwords\n")


def test_local_users_come_in_with_their_privilege() -> None:
    typist = new_router(f"{USERS}line vty 0 4\n login local\n")
    session, shown = come(typist, "joe", "top", "admin", "top")
    assert shown.count("% Login invalid\n\n") == 1
    assert (session.user, session.privilege, session.prompt) == ("admin", 15, "Router#")
    session, _ = come(typist, "joe", "low")
    assert (session.user, session.privilege) == ("joe", 1)
    session, shown = come(typist, *["nobody", "x"] * 3)
    assert session.closed
    assert shown.count("% Login invalid") == 3


def test_a_name_that_does_not_come_is_not_waited_for() -> None:
    session, shown = come(new_router(f"{USERS}line vty 0 4\n login local\n"))
    assert session.closed
    assert shown.endswith("% Username:  timeout expired!\n")


def test_a_console_asks_only_when_it_is_told_to() -> None:
    assert come(new_router(USERS), seat=CONSOLE)[1] == ""
    session, shown = come(new_router(f"{USERS}line con 0\n login local\n"), "joe", "low", seat=CONSOLE)
    assert session.user == "joe"
    assert "Username: joe" in shown


@pytest.mark.parametrize(
    ("lists", "answers", "user", "privilege"),
    [
        ("", ["admin", "top"], "admin", 1),
        (
            "aaa authentication login default local\naaa authorization exec default local\n",
            ["admin", "top"],
            "admin",
            15,
        ),
        ("aaa authentication login default group radius local\n", ["joe", "low"], "joe", 1),
        ("aaa authentication login default enable\n", ["root"], None, 1),
        ("aaa authentication login default line\n", ["linepw"], None, 1),
        ("aaa authentication login default none\n", [], None, 1),
    ],
)
def test_aaa_asks_its_methods_in_order(lists: str, answers: list[str], user: str | None, privilege: int) -> None:
    typist = new_router(f"{USERS}aaa new-model\n{lists}line vty 0 4\n password linepw\n")
    session, _ = come(typist, *answers)
    assert not session.closed
    assert (session.user, session.privilege) == (user, privilege)


def test_aaa_refuses() -> None:
    wrong = "aaa new-model\naaa authentication login default local\n"
    session, shown = come(new_router(USERS + wrong), "admin", "x", "joe", "x", "who", "x")
    assert session.closed
    assert shown.count("% Authentication failed\n\n") == 3
    servers = "aaa new-model\naaa authentication login default group tacacs+\n"
    assert come(new_router(USERS + servers), "admin", "top", "admin", "top", "admin", "top")[0].closed
    named = "aaa new-model\naaa authentication login NOC none\nline vty 0 4\n login authentication NOC\n"
    assert not come(new_router(USERS + named))[0].closed
    exec_only = "aaa new-model\naaa authentication login default none\naaa authorization exec default group radius\n"
    session, shown = come(new_router(USERS + exec_only))
    assert session.closed
    assert shown == "% Authorization failed.\n"


def test_commands_are_authorized() -> None:
    text = "aaa new-model\naaa authentication login default local\naaa authorization exec default local\n"
    typist = new_router(f"{USERS}{text}aaa authorization commands 15 default group tacacs+\n")
    typist.session, _ = come(typist, "admin", "top")
    assert typist.type("show running-config") == "Command authorization failed.\n\n"
    assert "UTC" in typist.type("show clock")
    other = new_router(f"{USERS}{text}aaa authorization commands 15 default group tacacs+ local\n")
    other.session, _ = come(other, "admin", "top")
    assert "Building configuration" in other.type("show running-config")
    assert typist.type("configure terminal") == "Command authorization failed.\n\n"


def test_enable_by_method() -> None:
    typist = new_router(f"{USERS}aaa new-model\naaa authentication enable default group tacacs+ enable\n")
    typist.session.privilege = 1
    assert typist.type("enable", "a", "b", "c").endswith("% Access denied\n\n")
    typist.type("enable", "root")
    assert typist.session.privilege == 15
    bare = new_router("aaa new-model\n")
    bare.session.privilege = 1
    assert bare.type("enable") == "% Error in authentication.\n\n"


def test_aaa_replaces_the_login_lines_and_asks_before_it_goes() -> None:
    typist = new_router(f"{USERS}line vty 0 4\n login local\n transport input ssh\n")
    typist.configure("aaa new-model")
    assert typist.section("line vty") == ["line vty 0 4", " transport input ssh"]
    typist.type("configure terminal")
    assert "is not supported.\nContinue?[confirm]" in typist.type("no aaa new-model", "n")
    assert "aaa new-model" in typist.type("do show running-config")
    typist.type("no aaa new-model", "y")
    assert "no aaa new-model" in typist.type("do show running-config")
    assert typist.type("do show running-config | section line vty").splitlines() == [
        "line vty 0 4", " login local", " transport input ssh",
    ]  # fmt: skip


def test_banners_come_in_their_order() -> None:
    typist = new_router(
        f"{USERS}banner motd #Today on $(hostname)#\nbanner login #Who?#\nbanner exec #Hello line $(line)#\n"
        "line vty 0 4\n login local\nline con 0\n no motd-banner\n"
    )
    _, shown = come(typist, "joe", "low")
    assert shown == ("Today on Router\nWho?\n\nUser Access Verification\n\nUsername: joe\nPassword: \nHello line 0\n")
    assert come(typist, seat=CONSOLE)[1] == "Hello line 0\n"


def test_too_many_failures_bring_quiet() -> None:
    watch = "login block-for 60 attempts 3 within 30\nlogin on-failure log\nlogin on-success log\n"
    typist = new_router(f"{USERS}{watch}line vty 0 4\n login local\n")
    guard = typist.router.service(LoginGuard)
    typist.router.syslog.clear()
    come(typist, "joe", "low")
    come(typist, *["joe", "x"] * 3)
    log = [message.text for message in typist.router.syslog.buffer]
    assert log[0] == (
        "%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: joe] [Source: 10.1.1.1] [localport: 23]"
        " at 10:00:00 UTC Mon Jan 5 2026"
    )
    assert sum("SEC_LOGIN-4-LOGIN_FAILED" in line for line in log) == 3
    assert log[-1].startswith(
        "%SEC_LOGIN-1-QUIET_MODE_ON: Still timeleft for watching failures is 30 secs, [user: joe]"
    )
    assert guard.quiet
    assert "presently in Quiet-Mode" in typist.type("show login")
    typist.clock.run_until(61)
    assert not guard.quiet
    assert "presently in Normal-Mode" in typist.type("show login")


def test_a_wrong_password_costs_time() -> None:
    typist = new_router(f"{USERS}login delay 4\nline vty 0 4\n login local\n")
    session = build_session(typist.router, seat=VTY, privilege=1)
    waits = []
    interaction = arrive(session)
    answers = iter(["joe", "wrong", "joe", "low"])
    reply: str | None = None
    try:
        while True:
            step = interaction.send(reply)
            reply = next(answers) if isinstance(step, Ask) else None
            waits += [step.seconds] if isinstance(step, Wait) else []
    except StopIteration:
        assert waits == [4.0]
    assert session.user == "joe"

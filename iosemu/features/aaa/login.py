"""Coming to a line: its banners, and the dialog that asks who it is."""

from __future__ import annotations

from iosemu.cli import Ask, Interaction, Session, Wait
from iosemu.features.aaa.guard import LoginGuard, Visitor
from iosemu.features.aaa.methods import Attempt, admit, authenticate, login_methods, wants_name
from iosemu.features.accounts.config import Accounts
from iosemu.features.banner.config import Banners
from iosemu.features.line.service import begin, line_of

ATTEMPTS = 3
ANSWER_TIME = 30.0
TELNET_PORT, SSH_PORT = 23, 22
VERIFICATION = "\nUser Access Verification\n\n"


def arrive(session: Session) -> Interaction:
    """What somebody sees who comes to a line and has not said who they are. A session that ends here is marked as
    turned away."""
    methods = login_methods(session.router.model, line_of(session))
    yield banner(session, "motd")
    if methods == ("line",) and line_of(session).password is None:
        yield "\nPassword required, but none set\n"
        _turn_away(session)
    elif methods == ("none",):
        yield from enter(session, None)
    else:
        yield banner(session, "login")
        yield VERIFICATION
        yield from _log_in(session, methods)


def enter(session: Session, name: str | None) -> Interaction:
    """What somebody sees whose password was right."""
    begin(session)
    if admit(session, name):
        yield banner(session, "exec")
    else:
        yield "% Authorization failed.\n"
        _turn_away(session)


def verify(session: Session, name: str, password: str, port: int) -> bool:
    """Whether a name and password open the line; the guard is told."""
    model, line, guard = session.router.model, line_of(session), session.router.service(LoginGuard)
    visitor = Visitor(name, session.seat.address, port)
    right = authenticate(login_methods(model, line), Attempt(model, line, name, password))
    (guard.succeeded if right else guard.failed)(visitor)
    return right


def banner(session: Session, kind: str) -> str:
    """A banner as it is shown, empty where there is none or the line does not show it."""
    text = session.router.model.block(Banners).texts.get(kind)
    if text is None or line_of(session).switched_off(f"{kind}-banner"):
        return ""
    return session.router.model.block(Banners).shown(session.router, kind, session.seat.number)


def _log_in(session: Session, methods: tuple[str, ...]) -> Interaction:
    named = wants_name(methods)
    for _ in range(ATTEMPTS):
        name = (yield Ask("Username: ", timeout=ANSWER_TIME)) if named else ""
        if name is None:
            yield "\n% Username:  timeout expired!\n"
            break
        password = yield Ask("Password: ", echo=False, timeout=ANSWER_TIME)
        if password is None:
            yield "\n% Password:  timeout expired!\n"
            break
        if verify(session, name, password, TELNET_PORT):
            yield from enter(session, name or None)
            return
        delay = session.router.service(LoginGuard).delay
        if delay:
            yield Wait(delay)
        yield _wrong(session, named)
    else:
        if not named:
            yield "% Bad passwords\n"
    _turn_away(session)


def _wrong(session: Session, named: bool) -> str:
    if session.router.model.block(Accounts).new_model:
        return "\n% Authentication failed\n\n"
    return "% Login invalid\n\n" if named else ""


def _turn_away(session: Session) -> None:
    session.closed = session.turned_away = True

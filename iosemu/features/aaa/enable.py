"""`enable`: to a higher privilege level."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, Ask, CommandTable, Context, Interaction, Session
from iosemu.features.aaa.methods import enable_methods
from iosemu.features.accounts.config import Accounts
from iosemu.features.accounts.passwords import Secret
from iosemu.features.line.service import line_of

TABLE = CommandTable()
ATTEMPTS = 3
ANSWER_TIME = 30.0


@TABLE.command(USER_EXEC, "enable [<0-15>$level]", "Turn on privileged commands\nEnable level", level=0)
def enable(ctx: Context, level: int = 15) -> Interaction:
    session, accounts = ctx.session, ctx.router.model.block(Accounts)
    stored = accounts.level_secrets.get(level) or accounts.enable_secret or accounts.enable_password
    if level <= session.privilege:
        session.privilege = level
    elif accounts.new_model:
        yield from _by_methods(session, stored, level)
    elif stored is None:
        if session.seat.kind == "con":
            session.privilege = level
        else:
            yield "% No password set\n"
    elif not (yield from _right(stored)):
        yield "% Bad secrets\n\n" if accounts.enable_secret else "% Bad passwords\n\n"
    else:
        session.privilege = level


def _by_methods(session: Session, stored: Secret | None, level: int) -> Interaction:
    """The first method that has something to compare with decides; a group of servers never answers."""
    passwords = {"enable": stored, "line": line_of(session).password}
    for method in enable_methods(session.router.model):
        if method == "none":
            session.privilege = level
            return
        password = passwords.get(method)
        if password is not None:
            if (yield from _right(password)):
                session.privilege = level
            else:
                yield "% Access denied\n\n"
            return
    yield "% Error in authentication.\n\n"


def _right(stored: Secret) -> Interaction:
    for _ in range(ATTEMPTS):
        attempt = yield Ask("Password: ", echo=False, timeout=ANSWER_TIME)
        if attempt is None:
            yield "\n% Password:  timeout expired!\n"
            return False
        if stored.verify(attempt):
            return True
    return False

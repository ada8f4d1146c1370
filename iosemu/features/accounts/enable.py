"""`enable`: to a higher privilege level."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, Ask, CommandTable, Context, Interaction
from iosemu.features.accounts.config import Accounts

TABLE = CommandTable()
ATTEMPTS = 3


@TABLE.command(USER_EXEC, "enable [<0-15>$level]", "Turn on privileged commands\nEnable level", level=0)
def enable(ctx: Context, level: int = 15) -> Interaction:
    accounts = ctx.router.model.block(Accounts)
    stored = accounts.level_secrets.get(level) or accounts.enable_secret or accounts.enable_password
    if level <= ctx.session.privilege:
        ctx.session.privilege = level
    elif stored is None and ctx.session.line != "console":
        yield "% No password set\n"
    elif stored is None:
        ctx.session.privilege = level
    else:
        for _ in range(ATTEMPTS):
            attempt = yield Ask("Password: ", echo=False)
            if stored.verify(attempt or ""):
                ctx.session.privilege = level
                return
        yield "% Bad secrets\n\n" if accounts.enable_secret else "% Bad passwords\n\n"

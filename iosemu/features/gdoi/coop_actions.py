"""clear crypto gdoi ks coop."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.gdoi.coop_role import CoopRole

TABLE = CommandTable()
_WORDS = "[group WORD$name]"


def clear_counters(ctx: Context, name: str | None = None) -> None:
    """Count messages anew."""
    for server in ctx.router.service(CoopRole).named(name):
        server.clear_counters()


def clear_role(ctx: Context, name: str | None = None) -> None:
    """Hold an election."""
    ctx.router.service(CoopRole).clear_roles(name)


for _word in ("gdoi", "gkm"):
    _head = "Reset functions\nEncryption subsystem\nClear GDOI state\nKey server\nCooperative key servers\n"
    for _what, _help, _handler in (
        ("counters", "Counters of messages", clear_counters),
        ("role", "Roles, by a new election", clear_role),
    ):
        _text = f"{_head}{_help}\nOne group\nGroup name"
        TABLE.command(PRIV_EXEC, f"clear crypto {_word} ks coop {_what} {_WORDS}", _text)(_handler)

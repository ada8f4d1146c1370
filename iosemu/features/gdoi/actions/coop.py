"""clear crypto gdoi ks coop."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.gdoi.actions.groups import WORDS, check_group
from iosemu.features.gdoi.cooperation.role import CoopRole

TABLE = CommandTable()
_GROUP = "[group WORD$name]"


def clear_counters(ctx: Context, name: str | None = None) -> None:
    """Count messages anew."""
    check_group(ctx, name)
    for server in ctx.router.service(CoopRole).named(name):
        server.clear_counters()


def clear_role(ctx: Context, name: str | None = None) -> None:
    """Hold an election."""
    check_group(ctx, name)
    ctx.router.service(CoopRole).clear_roles(name)


for _word, _name in WORDS.items():
    _head = f"Reset functions\nEncryption subsystem\nClear {_name} state\nKey server\nCooperative key servers\n"
    for _what, _help, _handler in (
        ("counters", "Counters of messages", clear_counters),
        ("role", "Roles, by a new election", clear_role),
    ):
        _text = f"{_head}{_help}\nOne group\nGroup name"
        TABLE.command(PRIV_EXEC, f"clear crypto {_word} ks coop {_what} {_GROUP}", _text)(_handler)

"""`line`, and the settings of a line."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, USER_EXEC, CommandTable, Context, Mode
from iosemu.features.line.config import LineConfig, LinesConfig

TABLE = CommandTable()
CONFIG_LINE = Mode("line", "(config-line)", "Line configuration commands:", CONFIG)

# Leading keywords: help. Each has one value, which a later line replaces.
SETTINGS = {
    "login": "Enable password checking",
    "logging synchronous": "Synchronize log messages with typing",
    "transport input": "Define which protocols to use when connecting to the terminal server",
    "transport preferred": "Specify the preferred protocol to use",
    "exec-timeout": "Set the EXEC timeout",
    "privilege level": "Change privilege level for line",
    "length": "Set number of lines on a screen",
    "width": "Set width of the display terminal",
    "stopbits": "Set async line stop bits",
    "history size": "Set the size of the command history",
}


@TABLE.command(
    CONFIG,
    "line (con|aux|vty)$kind <0-15>$first [<1-15>$last]",
    """Configure a terminal line
    Primary terminal line
    Auxiliary line
    Virtual terminal
    First Line number
    Last Line number""",
    no="line (con|aux|vty)$kind <0-15>$first [<1-15>$last]",
)
def line(ctx: Context, kind: str, first: int, last: int | None = None) -> None:
    blocks = ctx.router.model.block(LinesConfig).blocks
    block = LineConfig(kind, first, last)
    if ctx.negated:
        blocks.pop(block.opening, None)
    else:
        ctx.enter(CONFIG_LINE, blocks.setdefault(block.opening, block))


def _setting(words: str) -> Callable[..., None]:
    def handler(ctx: Context, rest: str = "") -> None:
        settings: list[str] = ctx.target.settings
        settings[:] = [item for item in settings if item.removeprefix("no ") != words and not _starts(item, words)]
        entered = f"{words} {rest}".strip()
        if not ctx.defaulted:
            settings.append(f"no {entered}" if ctx.negated else entered)

    return handler


def _starts(item: str, words: str) -> bool:
    return item.removeprefix("no ").startswith(f"{words} ")


for _words, _text in SETTINGS.items():
    _helps = "\n".join([_text] * (len(_words.split()) + 1))
    TABLE.command(CONFIG_LINE, f"{_words} [LINE$rest]", _helps, no=ARGUMENTS_OPTIONAL)(_setting(_words))


USERS = (
    "    Line       User       Host(s)              Idle       Location",
    "*  0 con 0                idle                 00:00:00   ",
    "",
    "  Interface    User               Mode         Idle     Peer Address",
    "",
)


def show_users(ctx: Context) -> str:
    return "\n".join(USERS) + "\n"


TABLE.command(USER_EXEC, "show users", "Show running system information\nDisplay information about terminal lines")(
    show_users
)
TABLE.command(USER_EXEC, "who", "Display information about terminal lines")(show_users)

"""`line`, and the settings of a line."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, USER_EXEC, CommandTable, Context, Mode
from iosemu.features.line.config import LineConfig, LinesConfig

TABLE = CommandTable()
CONFIG_LINE = Mode("line", "(config-line)", "Line configuration commands:", CONFIG)

# Leading keywords: help. Each has one value, which a later line replaces.
SETTINGS = {
    "access-class": "Filter connections based on an IP access list",
    "absolute-timeout": "Set absolute timeout for line disconnection",
    "exec": "Configure EXEC",
    "exec-timeout": "Set the EXEC timeout",
    "flowcontrol": "Set the flow control",
    "history size": "Set the size of the command history",
    "length": "Set number of lines on a screen",
    "location": "Enter terminal location description",
    "logging synchronous": "Synchronize log messages with typing",
    "login": "Enable password checking",
    "password": "Set a password",
    "privilege level": "Change privilege level for line",
    "rotary": "Add line to a rotary group",
    "session-timeout": "Set interval for closing connection when there is no input traffic",
    "speed": "Set the transmit and receive speeds",
    "stopbits": "Set async line stop bits",
    "transport input": "Define which protocols to use when connecting to the terminal server",
    "transport output": "Define which protocols to use for outgoing connections",
    "transport preferred": "Specify the preferred protocol to use",
    "width": "Set width of the display terminal",
}
# Printed in the negated form too; for the rest `no` only removes the line.
BOTH_FORMS = ("exec", "login")


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
        same = [index for index, item in enumerate(settings) if f"{item.removeprefix('no ')} ".startswith(f"{words} ")]
        at = same[0] if same else len(settings)
        for index in reversed(same):
            del settings[index]
        entered = f"{words} {rest}".strip()
        if not ctx.negated:
            settings.insert(at, entered)
        elif not ctx.defaulted and (words in BOTH_FORMS or ctx.session.loading):
            settings.insert(at, f"no {entered}")

    return handler


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

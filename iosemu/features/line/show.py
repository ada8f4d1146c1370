"""Who is on the lines: show users, show line, show sessions."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, USER_EXEC, Ask, CommandTable, Context, Interaction
from iosemu.features.line.config import LinesConfig

TABLE = CommandTable()
_SHOW = "Show running system information\n"
# The numbers of the first line of each kind.
TTY = {"con": 0, "aux": 1, "vty": 2}


def show_users(ctx: Context) -> str:
    rows = ["    Line       User       Host(s)              Idle       Location"]
    user = ctx.session.user or ""
    rows.append(f"*  0 con 0     {user:<11}{'idle':<21}00:00:00   ")
    rows += ["", "  Interface    User               Mode         Idle     Peer Address", ""]
    return "".join(f"{row}\n" for row in rows)


TABLE.command(USER_EXEC, "show users [all]", f"{_SHOW}Display information about terminal lines\nInclude idle lines")(
    show_users
)
TABLE.command(USER_EXEC, "who", "Display information about terminal lines")(show_users)
TABLE.command(USER_EXEC, "where", "List active connections")(lambda ctx: "% No connections open\n")
TABLE.command(USER_EXEC, "show sessions", f"{_SHOW}Information about Telnet connections")(
    lambda ctx: "% No connections open\n"
)


@TABLE.command(USER_EXEC, "show line", f"{_SHOW}TTY line information")
def show_line(ctx: Context) -> str:
    rows = ["   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise  Overruns   Int"]
    for block in ctx.router.model.block(LinesConfig).ordered():
        if block.kind not in TTY:
            continue
        access = (block.setting("access-class") or ["-"])[0]
        for number in range(block.first, block.last + 1):
            tty = TTY[block.kind] + number
            here = "*" if block.kind == "con" else " "
            kind = {"con": "CTY", "aux": "AUX", "vty": "VTY"}[block.kind]
            speed = "9600/9600" if block.kind == "aux" else ""
            rows.append(
                f"{here}{tty:6} {kind:<4}{speed:>13}  -    -      -    - {access:>4}{1 if here == '*' else 0:7}"
                f"{0:8}     0/0       -"
            )
    return "".join(f"{row}\n" for row in [*rows, ""])


@TABLE.command(
    PRIV_EXEC,
    "clear line [(aux|console|tty|vty)$kind] <0-2000>$number",
    """Reset functions
    Reset a terminal line
    Auxiliary line
    Primary terminal line
    Terminal controller
    Virtual terminal
    Line number""",
)
def clear_line(ctx: Context, number: int, kind: str = "") -> Interaction:
    if (yield Ask("[confirm]", single_key=True)) in ("", "y", "Y"):
        yield " [OK]\n"
        if (kind, number) in (("console", 0), ("", 0)):
            ctx.session.closed = True

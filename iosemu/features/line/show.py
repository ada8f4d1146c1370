"""Who is on the lines: show users, show line, show sessions."""

from __future__ import annotations

from datetime import timedelta

from iosemu.cli import PRIV_EXEC, USER_EXEC, Ask, CommandTable, Context, Interaction
from iosemu.cli.interaction import affirmed
from iosemu.cli.seat import FIRST_TTY
from iosemu.features.line.config import LinesConfig
from iosemu.features.line.service import LineService

TABLE = CommandTable()
_SHOW = "Show running system information\n"


def show_users(ctx: Context) -> str:
    sessions = ctx.router.service(LineService).sessions
    if ctx.session not in sessions:
        sessions.append(ctx.session)
    rows = ["    Line       User       Host(s)              Idle       Location"]
    for session in sorted(sessions, key=lambda item: item.seat.tty):
        seat = session.seat
        idle = timedelta(seconds=int(ctx.router.clock.now() - session.last_input))
        here = "*" if session is ctx.session else " "
        rows.append(
            f"{here}{seat.tty:3} {seat.kind} {seat.number:<4}  {session.user or '':<11}{'idle':<21}0{idle}"
            f"{' ' + seat.address if seat.address else '   '}"
        )
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
    taken = {(item.seat.kind, item.seat.number) for item in [*ctx.router.service(LineService).sessions, ctx.session]}
    for block in ctx.router.model.block(LinesConfig).ordered():
        if block.kind not in FIRST_TTY:
            continue
        access = (block.setting("access-class") or ["-"])[0]
        for number in range(block.first, block.last + 1):
            tty = FIRST_TTY[block.kind] + number
            here = "*" if (block.kind, number) in taken else " "
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
    if affirmed((yield Ask("[confirm]", single_key=True))):
        yield " [OK]\n"
        cleared = _seat(kind, number)
        ctx.router.service(LineService).clear(*cleared)
        if cleared == (ctx.session.seat.kind, ctx.session.seat.number):
            ctx.session.closed = True


def _seat(kind: str, number: int) -> tuple[str, int]:
    """Kind and number of a line; without a kind the number counts all lines."""
    if kind:
        return kind[:3], number
    found = max((first, name) for name, first in FIRST_TTY.items() if first <= number)
    return found[1], number - found[0]

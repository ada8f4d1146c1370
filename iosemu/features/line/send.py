"""`send`: a message for other lines."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, Ask, CommandTable, Context, Interaction, Session
from iosemu.cli.interaction import affirmed
from iosemu.features.line.service import LineService

TABLE = CommandTable()
ENTER = "Enter message, end with CTRL/Z; abort with CTRL/C:\n"


@TABLE.command(
    PRIV_EXEC,
    "send (*$everybody|<0-2000>$number|(aux|console|vty)$kind <0-2000>$number)",
    """Send a message to other tty lines
    All tty lines
    Send a message to a specific line
    Auxiliary line
    Primary terminal line
    Virtual terminal
    Line number""",
)
def send(ctx: Context, everybody: str = "", number: int = 0, kind: str = "") -> Interaction:
    lines = ctx.router.service(LineService)

    def addressed(session: Session) -> bool:
        seat = session.seat
        if kind:
            return (seat.kind, seat.number) == (kind[:3], number)
        return bool(everybody) or seat.tty == number

    yield ENTER
    text = (yield Ask("", many=True)) or ""
    if not affirmed((yield Ask("Send message? [confirm]", single_key=True))):
        return
    for session in lines.sessions:
        if addressed(session):
            to = "all ttys" if everybody else f"tty{session.seat.tty}"
            head = f"***\n*** Message from tty{ctx.session.seat.tty} to {to}:\n***\n"
            lines.tell(session, f"\n\n{head}{text.rstrip()}\n\n")

"""`line`, and the settings of a line."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context, Mode
from iosemu.cli.kept import Kept, declare
from iosemu.features.accounts.commands import stored_password
from iosemu.features.line.config import PASSWORD_RANK, LineConfig, LinesConfig

TABLE = CommandTable()
CONFIG_LINE = Mode("line", "(config-line)", "Line configuration commands:", CONFIG)
_PROTOCOL = "lapb-ta|lat|mop|nasi|pad|rlogin|ssh|telnet|udptn|v120"
# In the order in which IOS prints them.
BEFORE_PASSWORD = """
location = LINE
session-timeout = <0-35791> [output]
access-class WORD LINE
ipv6 access-class LINE
!exec-timeout = <0-35791> [<0-2147483>]
absolute-timeout = <0-10000>
logout-warning = <0-4294967295>
!privilege level = <0-15>
"""
AFTER_PASSWORD = f"""
!authorization (exec|commands <0-15>) = WORD
accounting LINE
+activation-character
+vacant-message
!logging synchronous [LINE]
!login authentication = WORD
!*login local
!*login
!+exec-banner
!+motd-banner
refuse-message LINE
!history size = <0-256>
!length = <0-512>
!width = <0-512>
!+editing
+exec
full-help
international
notify
!monitor
rotary = <0-255>
modem LINE
autocommand = LINE
autoselect LINE
escape-character = LINE
terminal-type = WORD
flowcontrol = LINE
!transport preferred = (none|{_PROTOCOL})
!transport input = (all|none|({_PROTOCOL}) [({_PROTOCOL}) [({_PROTOCOL}) [LINE]]])
transport output = LINE
databits = <5-8>
parity = WORD
stopbits = LINE
speed = <0-4294967295>
txspeed = <0-4294967295>
rxspeed = <0-4294967295>
"""
_LINE = "line [(aux|console|tty|vty)$kind] <0-2000>$first [<1-2000>$last]"


@dataclass(slots=True)
class LineSelection:
    """The blocks that the mode is about."""

    blocks: list[LineConfig]

    @property
    def kept(self) -> list[Kept]:
        """Where their settings are."""
        return [block.kept for block in self.blocks]


@TABLE.command(
    CONFIG,
    _LINE,
    """Configure a terminal line
    Auxiliary line
    Primary terminal line
    Terminal controller
    Virtual terminal
    First Line number
    Last Line number""",
    no=_LINE,
)
def line(ctx: Context, first: int, kind: str = "", last: int | None = None) -> None:
    lines = ctx.router.model.block(LinesConfig)
    kind = "con" if kind == "console" else kind
    end = first if last is None else last
    if end < first or (kind in ("con", "aux") and end):
        raise CommandError(at=str(end if end < first else first or end))
    if ctx.negated:
        lines.remove(kind, first, end)
    else:
        ctx.enter(CONFIG_LINE, LineSelection(lines.select(kind, first, end)))


declare(TABLE, CONFIG_LINE, lambda ctx: ctx.target.kept, BEFORE_PASSWORD)
declare(TABLE, CONFIG_LINE, lambda ctx: ctx.target.kept, AFTER_PASSWORD, PASSWORD_RANK + 1)


@TABLE.command(
    CONFIG_LINE,
    "password [(0|7)$kind] LINE$text",
    """Set a password
    An UNENCRYPTED password will follow
    A HIDDEN password will follow
    The UNENCRYPTED (cleartext) line password""",
    no=ARGUMENTS_OPTIONAL,
)
def password(ctx: Context, text: str = "", kind: str = "0") -> None:
    stored = None if ctx.negated else stored_password(ctx, text, kind)
    for block in ctx.target.blocks:
        block.password = stored

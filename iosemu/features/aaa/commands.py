"""`aaa` and `login` lines."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, Ask, CommandTable, Context, Interaction
from iosemu.cli.interaction import affirmed
from iosemu.cli.kept import declare
from iosemu.features.aaa.config import AaaConfig
from iosemu.features.accounts.config import Accounts

TABLE = CommandTable()
AAA = """
aaa group server (radius|tacacs+) WORD > config-sg
 server name WORD
 server-private LINE
 server A.B.C.D
 ip vrf forwarding = WORD
 ip radius source-interface = INTERFACE
 ip tacacs source-interface = INTERFACE
 deadtime = <0-1440>
!aaa authentication (login|enable|ppp|dot1x|arap|nasi|sgbp) WORD = LINE
aaa authentication (attempts|banner|eou|fail-message|password-prompt|suppress|username-prompt) LINE
!aaa authorization (console|config-commands)
!aaa authorization commands <0-15> WORD = LINE
!aaa authorization exec WORD = LINE
aaa authorization (auth-proxy|cache|configuration|credential-download|network|reverse-access) WORD = LINE
aaa accounting LINE
aaa local LINE
aaa max-sessions = <1-65535>
aaa session-id = (common|unique)
aaa common-criteria policy WORD > config-cc-policy
 min-length = <1-127>
 max-length = <1-127>
 char-changes = <1-127>
 numeric-count = <0-127>
 upper-case = <0-127>
 lower-case = <0-127>
 special-case = <0-127>
"""
LOGIN = """
!login block-for = <1-65535> attempts <1-65535> within <1-65535>
!login delay = <1-10>
login quiet-mode LINE
!login on-failure = (log|trap) [every <1-65535>]
!login on-success = (log|trap) [every <1-65535>]
"""
QUESTION = "Changing configuration back to no aaa new-model is not supported.\nContinue?[confirm]"


@TABLE.command(
    CONFIG,
    "aaa new-model",
    "Authentication, Authorization and Accounting.\nEnable NEW access control commands and functions.",
    no=ARGUMENTS_OPTIONAL,
)
def new_model(ctx: Context) -> Interaction:
    accounts = ctx.router.model.block(Accounts)
    asked = ctx.negated and accounts.new_model and not ctx.session.loading
    if asked and not affirmed((yield Ask(QUESTION, single_key=True))):
        return
    accounts.new_model = None if ctx.defaulted else not ctx.negated


declare(TABLE, CONFIG, lambda ctx: ctx.router.model.block(AaaConfig).kept, AAA)
declare(TABLE, CONFIG, lambda ctx: ctx.router.model.block(AaaConfig).login, LOGIN)

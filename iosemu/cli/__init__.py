"""The command language: specs, matching, help, modes, sessions."""

from iosemu.cli.context import Context, Several
from iosemu.cli.errors import CommandError
from iosemu.cli.grammar import Grammar
from iosemu.cli.interaction import PASTED, Ask, Interaction, Step, Wait, pasted_text, yes_or_no
from iosemu.cli.loader import Caution, NotTextError, Refusal, load_config, read_as_text, text_of
from iosemu.cli.modes import CONFIG, PRIV_EXEC, USER_EXEC, Mode
from iosemu.cli.seat import Seat
from iosemu.cli.session import Session
from iosemu.cli.table import ARGUMENTS_OPTIONAL, CommandTable

__all__ = [
    "ARGUMENTS_OPTIONAL",
    "CONFIG",
    "PASTED",
    "PRIV_EXEC",
    "USER_EXEC",
    "Ask",
    "Caution",
    "CommandError",
    "CommandTable",
    "Context",
    "Grammar",
    "Interaction",
    "Mode",
    "NotTextError",
    "Refusal",
    "Seat",
    "Session",
    "Several",
    "Step",
    "Wait",
    "load_config",
    "pasted_text",
    "read_as_text",
    "text_of",
    "yes_or_no",
]

"""Commands that belong to the command language itself."""

from __future__ import annotations

from iosemu.cli.context import Context
from iosemu.cli.interaction import Ask, Interaction
from iosemu.cli.modes import CONFIG, PRIV_EXEC, USER_EXEC
from iosemu.cli.table import CommandTable

BUILTIN = CommandTable()

HELP = """\
Help may be requested at any point in a command by entering
a question mark '?'.  If nothing matches, the help list will
be empty and you must backup until entering a '?' shows the
available options.
Two styles of help are provided:
1. Full help is available when you are ready to enter a
   command argument (e.g. 'show ?') and describes each possible
   argument.
2. Partial help is provided when an abbreviated argument is entered
   and you want to know what arguments match the input
   (e.g. 'show pr?'.)

"""


ENTERED = "Enter configuration commands, one per line.  End with CNTL/Z.\n"


def configure_terminal(ctx: Context) -> str:
    ctx.session.enter(CONFIG)
    return ENTERED


def configure(ctx: Context) -> Interaction:
    answer = (yield Ask("Configuring from terminal, memory, or network [terminal]? ")) or "terminal"
    if "terminal".startswith(answer.lower()):
        yield configure_terminal(ctx)
    else:
        yield from ctx.session.execute(f"configure {answer}")


def leave(ctx: Context) -> None:
    ctx.session.leave()


def log_out(ctx: Context) -> None:
    ctx.session.unwind(0)
    ctx.session.closed = True


def end_configuration(ctx: Context) -> None:
    ctx.session.end()


def print_help(ctx: Context) -> str:
    return HELP


def disable(ctx: Context) -> None:
    ctx.session.privilege = 1


def terminal_length(ctx: Context, lines: int) -> None:
    ctx.session.terminal_length = lines


def terminal_width(ctx: Context, columns: int) -> None:
    ctx.session.terminal_width = columns


def show_history(ctx: Context) -> str:
    return "".join(f"  {line}\n" for line in ctx.session.history)


def show_privilege(ctx: Context) -> str:
    return f"Current privilege level is {ctx.session.privilege}\n"


def show_terminal(ctx: Context) -> Interaction:
    session = ctx.session
    yield f"Length: {session.terminal_length} lines, Width: {session.terminal_width} columns\n"
    yield f"History is enabled, history size is {session.history.maxlen}.\n"


BUILTIN.command(USER_EXEC, "exit", "Exit from the EXEC")(leave)
BUILTIN.command(USER_EXEC, "quit", "Exit from the EXEC", hidden=True)(leave)
BUILTIN.command(USER_EXEC, "logout", "Exit from the EXEC")(log_out)
BUILTIN.command(USER_EXEC, "help", "Description of the interactive help system")(print_help)
BUILTIN.command(USER_EXEC, "disable", "Turn off privileged commands")(disable)
BUILTIN.command(
    USER_EXEC,
    "terminal length <0-512>$lines",
    """Set terminal line parameters
    Set number of lines on a screen
    Number of lines on screen (0 for no pausing)""",
)(terminal_length)
BUILTIN.command(
    USER_EXEC,
    "terminal width <0-512>$columns",
    """Set terminal line parameters
    Set width of the display terminal
    Number of characters on a screen line""",
)(terminal_width)
BUILTIN.command(
    USER_EXEC,
    "show history",
    """Show running system information
    Display the session command history""",
)(show_history)
BUILTIN.command(
    USER_EXEC,
    "show privilege",
    """Show running system information
    Show current privilege level""",
)(show_privilege)
BUILTIN.command(
    USER_EXEC,
    "show terminal",
    """Show running system information
    Display terminal configuration parameters""",
)(show_terminal)

BUILTIN.command(
    PRIV_EXEC,
    "configure terminal",
    """Enter configuration mode
    Configure from the terminal""",
)(configure_terminal)
BUILTIN.command(PRIV_EXEC, "configure", "Enter configuration mode")(configure)
BUILTIN.command(CONFIG, "exit", "Exit from configure mode", in_place=True)(leave)
BUILTIN.command(CONFIG, "end", "Exit from configure mode", in_place=True)(end_configuration)

"""Commands that belong to the command language itself."""

from __future__ import annotations

from iosemu.cli.context import Context
from iosemu.cli.interaction import Ask, Interaction
from iosemu.cli.modes import CONFIG, PRIV_EXEC, USER_EXEC
from iosemu.cli.session import DEFAULT_HISTORY
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


def disable(ctx: Context, level: int = 1) -> str | None:
    if level > ctx.session.privilege:
        return "New privilege level must be less than current privilege level\n"
    ctx.session.privilege = level
    return None


def terminal_length(ctx: Context, lines: int) -> None:
    ctx.session.terminal_length = lines


def terminal_width(ctx: Context, columns: int) -> None:
    ctx.session.terminal_width = columns


def terminal_history(ctx: Context, size: int = DEFAULT_HISTORY) -> None:
    ctx.session.resize_history(size)


def terminal_no_history(ctx: Context) -> None:
    ctx.session.resize_history(0)


def terminal_editing(ctx: Context) -> None:
    ctx.session.editing = True


def terminal_no_editing(ctx: Context) -> None:
    ctx.session.editing = False


def terminal_monitor(ctx: Context) -> str | None:
    if ctx.session.seat.kind == "con":
        return "% Console already monitors\n"
    ctx.session.monitoring = True
    return None


def terminal_no_monitor(ctx: Context) -> None:
    ctx.session.monitoring = False


def show_history(ctx: Context) -> str:
    return "".join(f"  {line}\n" for line in ctx.session.history)


def show_privilege(ctx: Context) -> str:
    return f"Current privilege level is {ctx.session.privilege}\n"


def show_terminal(ctx: Context) -> str:
    session = ctx.session
    editing = "enabled" if session.editing else "disabled"
    size = session.history.maxlen
    history = f"enabled, history size is {size}" if size else "disabled"
    return (
        f'Line 0, Location: "", Type: ""\n'
        f"Length: {session.terminal_length} lines, Width: {session.terminal_width} columns\n"
        f"Status: PSI Enabled, Ready, Active, CTS On, Automore On\n"
        f"Editing is {editing}.\nHistory is {history}.\nDNS resolution in show commands is enabled\n"
        "Full user help is disabled\n"
    )


BUILTIN.command(USER_EXEC, "exit", "Exit from the EXEC", level=0)(leave)
BUILTIN.command(USER_EXEC, "quit", "Exit from the EXEC", hidden=True)(leave)
BUILTIN.command(USER_EXEC, "logout", "Exit from the EXEC", level=0)(log_out)
BUILTIN.command(USER_EXEC, "help", "Description of the interactive help system", level=0)(print_help)
BUILTIN.command(USER_EXEC, "disable [<0-15>$level]", "Turn off privileged commands\nPrivilege level to go to", level=0)(
    disable
)
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
_TERMINAL = "Set terminal line parameters\n"
for _spec, _helps, _handler in (
    ("terminal history", "Enable and control the command history function", terminal_history),
    (
        "terminal history size <0-256>$size",
        "Enable and control the command history function\nSet history buffer size\nSize of history buffer",
        terminal_history,
    ),
    ("terminal no history", "Negate a command or set its defaults\nDisable the history function", terminal_no_history),
    ("terminal editing", "Enable command line editing", terminal_editing),
    ("terminal no editing", "Negate a command or set its defaults\nDisable line editing", terminal_no_editing),
    ("terminal monitor", "Copy debug output to the current terminal line", terminal_monitor),
    ("terminal no monitor", "Negate a command or set its defaults\nNo debug output here", terminal_no_monitor),
):
    BUILTIN.command(USER_EXEC, _spec, f"{_TERMINAL}{_helps}")(_handler)
BUILTIN.command(USER_EXEC, "no terminal monitor", f"Negate a command\n{_TERMINAL}Copy debug output", hidden=True)(
    terminal_no_monitor
)
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
BUILTIN.command(CONFIG, "exit", "Exit from this configuration mode", in_place=True)(leave)
BUILTIN.command(CONFIG, "end", "Exit from configure mode", in_place=True)(end_configuration)

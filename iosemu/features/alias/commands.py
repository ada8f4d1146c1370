"""alias, privilege, show aliases."""

from __future__ import annotations

from iosemu.cli import CONFIG, PRIV_EXEC, USER_EXEC, CommandTable, Context
from iosemu.cli.aliases import BUILT_IN, Aliases
from iosemu.cli.privilege import PrivilegeLevels
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
# What the modes are called in these commands: the name of the mode.
MODES = {"exec": "exec", "configure": "configure", "interface": "config-if", "line": "line"}
_MODE = f"({'|'.join(MODES)})$mode"
_MODE_HELP = "Exec mode\nGlobal configuration mode\nInterface configuration mode\nLine configuration mode"


@TABLE.command(
    CONFIG,
    f"alias {_MODE} WORD$name LINE$text",
    f"Create command alias\n{_MODE_HELP}\nAlias name\nCommand alias line",
    no=f"alias {_MODE} [WORD$name]",
)
def alias(ctx: Context, mode: str, name: str | None = None, text: str = "") -> None:
    entries = ctx.router.model.block(Aliases).entries
    if not ctx.negated and name is not None:
        entries[MODES[mode], name] = text
        return
    for key in [key for key in entries if key[0] == MODES[mode] and name in (None, key[1])]:
        del entries[key]


@TABLE.command(
    CONFIG,
    f"privilege {_MODE} [all] level <0-15>$level LINE$words",
    f"""Command privilege parameters
    {_MODE_HELP}
    All suboption will be set to the same privilege level
    Set privilege level of command
    Privilege level
    Initial keywords of the command to modify""",
    no=f"privilege {_MODE} [all] level <0-15>$level LINE$words",
)
def privilege(ctx: Context, mode: str, level: int, words: str) -> None:
    rules = ctx.router.model.block(PrivilegeLevels).rules
    if ctx.negated:
        rules.pop((MODES[mode], words), None)
    else:
        rules[MODES[mode], words] = level


@TABLE.command(
    CONFIG,
    f"privilege {_MODE} reset LINE$words",
    f"Command privilege parameters\n{_MODE_HELP}\nReset privilege level of command\nInitial keywords of the command",
)
def privilege_reset(ctx: Context, mode: str, words: str) -> None:
    ctx.router.model.block(PrivilegeLevels).rules.pop((MODES[mode], words), None)


@TABLE.command(USER_EXEC, "show aliases", "Show running system information\nDisplay alias commands")
def show_aliases(ctx: Context) -> str:
    rows = ["Exec mode aliases:"]
    own = ctx.router.model.block(Aliases).of(PRIV_EXEC)
    rows += [f"  {name:<22}{text}" for name, text in sorted((BUILT_IN | own).items())]
    for title, mode in (("Global configuration mode aliases:", "configure"), ("Interface mode aliases:", "config-if")):
        found = {name: text for (where, name), text in ctx.router.model.block(Aliases).entries.items() if where == mode}
        rows += ["", title, *(f"  {name:<22}{text}" for name, text in found.items())] if found else []
    return "".join(f"{row}\n" for row in [*rows, ""])


def _word(name: str) -> str:
    return next(word for word, mode in MODES.items() if mode == name)


def _aliases(router: Router) -> list[Lines]:
    entries = router.model.block(Aliases).entries
    return [[f"alias {_word(mode)} {name} {text}" for (mode, name), text in entries.items()]]


def _privileges(router: Router) -> list[Lines]:
    rules = router.model.block(PrivilegeLevels).rules
    return [[f"privilege {_word(mode)} level {level} {words}" for (mode, words), level in rules.items()]]


SECTIONS = (Section(Place.PRIVILEGE, _privileges), Section(Place.ALIAS, _aliases))

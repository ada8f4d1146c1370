"""Parser views: a set of commands of its own, whatever the privilege level."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli import (
    ARGUMENTS_OPTIONAL,
    CONFIG,
    USER_EXEC,
    Ask,
    CommandError,
    CommandTable,
    Context,
    Interaction,
    Mode,
)
from iosemu.cli.grammar import Access
from iosemu.cli.modes import PRIV_EXEC
from iosemu.cli.privilege import ALL
from iosemu.cli.table import Command
from iosemu.features.accounts.commands import SECRET_HELP, SECRET_SPEC, stored_secret
from iosemu.features.accounts.config import Accounts, stored_text
from iosemu.features.accounts.passwords import Secret
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
CONFIG_VIEW = Mode("view", "(config-view)", "View commands:", CONFIG)
ROOT = "root"
# What every view has.
ALWAYS = ("enable", "exit", "logout", "end", "quit", "show parser view")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of a parser view, `commands MODE KIND [all] WORDS`: KIND is include, include-exclusive or exclude."""

    mode: str
    kind: str
    whole: bool
    words: str

    def line(self) -> str:
        """Its line in the running-config."""
        return f"commands {self.mode} {self.kind} {'all ' if self.whole else ''}{self.words}"

    def covers(self, command: Command) -> bool:
        """Whether the rule is about a command."""
        mode = PRIV_EXEC.name if command.mode.name == USER_EXEC.name else command.mode.name
        mine, others = tuple(self.words.split()), command.keywords
        if mode != self.mode:
            return False
        # A command that leads to what is included may be typed up to there.
        return others[: len(mine)] == mine and (self.whole or len(others) == len(mine) or len(mine) > 1)


@dataclass
class View:
    """One view."""

    name: str
    secret: Secret | None = None
    rules: list[Rule] = field(default_factory=list)

    def allows(self, command: Command) -> bool:
        """Whether a command belongs to the view."""
        if " ".join(command.keywords).startswith(ALWAYS):
            return True
        kinds = [rule.kind for rule in self.rules if rule.covers(command)]
        return bool(kinds) and "exclude" not in kinds


@dataclass
class Views:
    """All views by name."""

    views: dict[str, View] = field(default_factory=dict)


@TABLE.command(
    CONFIG,
    "parser view WORD$name",
    "Configure parser\nView commands\nview name",
    no=ARGUMENTS_OPTIONAL,
)
def parser_view(ctx: Context, name: str = "") -> None:
    views = ctx.router.model.block(Views).views
    if ctx.negated:
        if name:
            views.pop(name, None)
        return
    if not ctx.router.model.block(Accounts).new_model:
        raise CommandError("%  AAA must be configured.")
    ctx.enter(CONFIG_VIEW, views.setdefault(name, View(name)))


@TABLE.command(
    CONFIG_VIEW, f"secret {SECRET_SPEC}", f"Set a secret for the current view\n{SECRET_HELP}", no=ARGUMENTS_OPTIONAL
)
def view_secret(ctx: Context, text: str = "", kind: str = "0") -> None:
    ctx.target.secret = None if ctx.negated else stored_secret(ctx, text, kind)


@TABLE.command(
    CONFIG_VIEW,
    "commands (exec|configure|interface|line)$mode (include|include-exclusive|exclude)$kind [all$whole] LINE$words",
    """Configure commands for a view
    Exec mode
    Global configuration mode
    Interface configuration mode
    Line configuration mode
    Add command to the view
    Include in this view but exclude from others
    Exclude command from the view
    wild card support
    Keywords of the command""",
    no=ARGUMENTS_OPTIONAL,
)
def commands(ctx: Context, mode: str = "", kind: str = "", words: str = "", whole: str | None = None) -> None:
    if ctx.target.secret is None and not ctx.negated:
        raise CommandError("%Password not set for the view " + ctx.target.name)
    rule = Rule(mode, kind, bool(whole), " ".join(words.lower().split()))
    ctx.target.rules = [item for item in ctx.target.rules if item != rule]
    if not ctx.negated:
        ctx.target.rules.append(rule)


@TABLE.command(
    USER_EXEC, "enable view [WORD$name]", "Turn on privileged commands\nSet into the existing view\nView name"
)
def enable_view(ctx: Context, name: str = ROOT) -> Interaction:
    session = ctx.session
    accounts = ctx.router.model.block(Accounts)
    view = ctx.router.model.block(Views).views.get(name)
    stored = view.secret if view is not None else None
    if name == ROOT:
        stored = accounts.enable_secret or accounts.enable_password
    answer = yield Ask("Password: ", echo=False)
    if stored is None or not stored.verify(answer or ""):
        yield "% Authentication failed\n\n"
        return
    session.privilege = ALL
    session.view = None if view is None or name == ROOT else Access(("view", name, tuple(view.rules)), view.allows)
    session.view_name = name
    ctx.router.syslog.log("PARSER", 6, "VIEW_SWITCH", f"successfully set to view '{name}'.")


@TABLE.command(
    USER_EXEC, "show parser view", "Show running system information\nDisplay parser information\nShow parser views"
)
def show_view(ctx: Context) -> str:
    name = ctx.session.view_name
    if name is None:
        return "No view is active ! Currently in Privilege Level Context\n"
    return f"Current view is '{name}'\n"


def _paragraphs(router: Router) -> list[Lines]:
    found = []
    for view in router.model.block(Views).views.values():
        secret = [f" secret {stored_text(view.secret)}"] if view.secret else []
        found.append([f"parser view {view.name}", *secret, *(f" {rule.line()}" for rule in view.rules)])
    return found


VIEW_SECTION = Section(Place.PRIVILEGE, _paragraphs, 40)

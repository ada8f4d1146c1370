"""Lists of methods: which ways to find out who somebody is a line has, and what they find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.cli import Session
from iosemu.cli.table import Command
from iosemu.features.aaa.config import AaaConfig
from iosemu.features.accounts.config import Accounts
from iosemu.features.accounts.passwords import Secret
from iosemu.features.line.config import LineConfig
from iosemu.features.line.service import line_of
from iosemu.router.model import Model

DEFAULT = "default"
NAMED = ("local", "local-case", "group")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who wants in through a line."""

    model: Model
    line: LineConfig
    name: str
    password: str


# True and False are an answer, None that the method cannot tell: then the next one is asked.
Verdict = bool | None


def _local(attempt: Attempt) -> Verdict:
    users = attempt.model.block(Accounts).users
    if not users:
        return None
    user = users.get(attempt.name)
    if user is None:
        return False
    return user.password.verify(attempt.password) if user.password else attempt.password == ""


def _line(attempt: Attempt) -> Verdict:
    return _matches(attempt.line.password, attempt.password)


def _enable(attempt: Attempt) -> Verdict:
    accounts = attempt.model.block(Accounts)
    return _matches(accounts.enable_secret or accounts.enable_password, attempt.password)


def _none(attempt: Attempt) -> Verdict:
    return True


def _matches(stored: Secret | None, password: str) -> Verdict:
    return None if stored is None else stored.verify(password)


# A group of servers is not emulated: as if none of them answered.
_METHODS: dict[str, Callable[[Attempt], Verdict]] = {
    "local": _local,
    "local-case": _local,
    "line": _line,
    "enable": _enable,
    "none": _none,
}


def login_methods(model: Model, line: LineConfig) -> tuple[str, ...]:
    """The methods of a line's login; empty when nobody gets in."""
    config = model.block(AaaConfig)
    if model.block(Accounts).new_model:
        chosen = line.setting("login authentication")
        found = config.methods("authentication login", chosen[0] if chosen else DEFAULT)
        if found is None and chosen is None:
            return ("local",) if line.kind == "vty" else ("none",)
        return found or ()
    if line.setting("login local") is not None:
        return ("local",)
    if line.setting("login") is not None or (line.kind == "vty" and not line.switched_off("login")):
        return ("line",)
    return ("none",)


def authenticate(methods: tuple[str, ...], attempt: Attempt) -> bool:
    """Ask the methods in their order; the first that can tell decides."""
    for method in methods:
        check = _METHODS.get(method)
        verdict = check(attempt) if check is not None else None
        if verdict is not None:
            return verdict
    return False


def wants_name(methods: tuple[str, ...]) -> bool:
    """Whether a user name is asked for."""
    return any(method.split()[0] in NAMED for method in methods)


def admit(session: Session, name: str | None) -> bool:
    """Let somebody in whose password was right, with the privileges that are theirs; False when they may not have an
    EXEC."""
    level = granted(session, name)
    session.user = name
    session.authorizer = _may_run if session.router.model.block(Accounts).new_model else None
    if level is not None:
        session.privilege = level
    return level is not None


def granted(session: Session, name: str | None) -> int | None:
    """The privilege level that somebody begins with on the line of a session; None for somebody who has no EXEC."""
    model, line = session.router.model, line_of(session)
    config = model.block(AaaConfig)
    own = int((line.setting("privilege level") or ["1"])[0])
    user = model.block(Accounts).users.get(name or "")
    if not model.block(Accounts).new_model:
        return user.privilege if user is not None and user.privilege != 1 else max(own, session.privilege)
    if line.kind == "con" and not config.on("authorization console"):
        return max(own, session.privilege)
    chosen = line.setting("authorization exec")
    methods = config.methods("authorization exec", chosen[0] if chosen else DEFAULT)
    if methods is None:
        return own
    for method in methods:
        if method == "local":
            return user.privilege if user is not None else None
        if method in ("none", "if-authenticated"):
            return own if method == "none" or name is not None else None
    return None


def _may_run(session: Session, command: Command) -> bool:
    """Command authorization. What is local needs no server: the privilege level has decided already."""
    config = session.router.model.block(AaaConfig)
    line = line_of(session)
    if line.kind == "con" and not config.on("authorization console"):
        return True
    if command.mode.is_config and not config.on("authorization config-commands"):
        return True
    level = 15 if command.level > 1 else command.level
    chosen = line.setting(f"authorization commands {level}")
    methods = config.methods(f"authorization commands {level}", chosen[0] if chosen else DEFAULT)
    if methods is None:
        return True
    answers = {"local": True, "none": True, "if-authenticated": session.user is not None}
    return next((answers[method] for method in methods if method in answers), False)


def enable_methods(model: Model) -> tuple[str, ...]:
    """The methods behind `enable`; without a list the enable secret alone."""
    return model.block(AaaConfig).methods("authentication enable", DEFAULT) or ("enable",)

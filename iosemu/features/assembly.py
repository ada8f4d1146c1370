"""Putting features, kernel and command language together."""

from __future__ import annotations

from functools import cache

from iosemu.cli.builtin import BUILTIN
from iosemu.cli.grammar import Grammar
from iosemu.cli.seat import CONSOLE, Seat
from iosemu.cli.session import Session
from iosemu.features.feature import discover
from iosemu.features.line.service import begin
from iosemu.router.clock import Clock
from iosemu.router.nvram import Nvram
from iosemu.router.plugins import Plugins
from iosemu.router.router import Router


@cache
def build_grammar() -> Grammar:
    """The grammar of all features; one serves every session of the process."""
    return Grammar([BUILTIN, *(table for feature in discover() for table in feature.tables)])


@cache
def _plugins() -> Plugins:
    found = discover()
    return Plugins(
        tuple(section for feature in found for section in feature.sections),
        tuple(contribution for feature in found for contribution in feature.contributions),
        tuple(default for feature in found for default in feature.defaults),
        tuple(service for feature in found for service in feature.services),
    )


def build_router(clock: Clock, nvram: Nvram | None = None, identity: str = "Router") -> Router:
    """A router with all features and an empty configuration."""
    return Router(clock, _plugins(), nvram, identity)


def build_session(router: Router, *, seat: Seat = CONSOLE, privilege: int = 1) -> Session:
    """Somebody on a line of a router."""
    session = Session(router, build_grammar(), seat=seat, privilege=privilege)
    begin(session)
    return session

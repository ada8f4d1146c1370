"""Roles that follow the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from iosemu.router.router import Router


class Service(Protocol):
    """Makes running roles match the model."""

    def reconcile(self) -> None:
        """Compare and change; with an unchanged model nothing happens."""

    def stop(self) -> None:
        """End all roles: the router is switched off."""


ServiceFactory = Callable[["Router"], Service]

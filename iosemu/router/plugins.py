"""What features plug into the kernel."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.router.running_config import Contribution, Default, Section
from iosemu.router.services import ServiceFactory


@dataclass(frozen=True, slots=True)
class Plugins:
    """Collected from all features; services reconcile in this order."""

    sections: tuple[Section, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    defaults: tuple[Default, ...] = ()
    services: tuple[ServiceFactory, ...] = ()

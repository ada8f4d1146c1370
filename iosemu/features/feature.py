"""What a feature package offers, and how the packages are found."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache

from iosemu import features
from iosemu.cli.table import CommandTable
from iosemu.router.running_config import Contribution, Default, Section
from iosemu.router.services import ServiceFactory


@dataclass(frozen=True, slots=True)
class Feature:
    """What a feature package adds to a router: commands (`tables`), lines of the running-config (`sections`,
    `contributions`, and the `defaults` that `show running-config all` adds), and `services` that make it run. `order`
    ranks the services: a lower one reconciles earlier, because later ones build on it."""

    name: str
    order: int = 50
    tables: tuple[CommandTable, ...] = ()
    sections: tuple[Section, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    defaults: tuple[Default, ...] = ()
    services: tuple[ServiceFactory, ...] = ()


@cache
def discover() -> tuple[Feature, ...]:
    """The FEATURE of every package in this folder. Removing a folder removes the feature."""
    found = [
        importlib.import_module(f"{features.__name__}.{module.name}").FEATURE
        for module in pkgutil.iter_modules(features.__path__)
        if module.ispkg
    ]
    return tuple(sorted(found, key=lambda feature: (feature.order, feature.name)))

"""Host name and version line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

DEFAULT_HOSTNAME = "Router"
DEFAULT_VERSION = "15.9"


@dataclass
class SystemConfig:
    """What is configured about the router as a whole."""

    hostname: str = DEFAULT_HOSTNAME
    version: str = DEFAULT_VERSION

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers: what is printed differs between releases."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:2])


def _version(router: Router) -> list[Lines]:
    return [[f"version {router.model.block(SystemConfig).version}"]]


def _hostname(router: Router) -> list[Lines]:
    return [[f"hostname {router.model.block(SystemConfig).hostname}"]]


SECTIONS = (
    Section(Place.VERSION, _version),
    Section(Place.HOSTNAME, _hostname),
)

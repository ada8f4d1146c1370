"""Host name and version line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from iosemu.cli.prompting import PromptStyle
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


def _prompt_service(router: Router) -> list[Lines]:
    shown = router.model.block(PromptStyle).config
    return [] if shown is None else [[f"{'' if shown else 'no '}service prompt config"]]


def _prompt(router: Router) -> list[Lines]:
    text = router.model.block(PromptStyle).text
    return [] if text is None else [[f"prompt {text}"]]


def _hostname(router: Router) -> list[Lines]:
    return [[f"hostname {router.model.block(SystemConfig).hostname}"]]


SECTIONS = (
    Section(Place.VERSION, _version),
    Section(Place.VERSION, _prompt_service, 56),
    Section(Place.HOSTNAME, _hostname),
    Section(Place.ALIAS, _prompt, 60),
)

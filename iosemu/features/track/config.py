"""`track N stub-object` as it is configured."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode

CONFIG_STUB = Mode("config-track-stub", "(config-track)", "Tracking instance configuration commands:", CONFIG)


@dataclass
class StubObject:
    """An object whose state something else decides; `kept` holds what has no effect."""

    number: int
    default_up: bool = False
    kept: Kept = field(default_factory=Kept)


@dataclass
class StubObjects:
    """All of them by number."""

    objects: dict[int, StubObject] = field(default_factory=dict)

"""`track N ...` as it is configured."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName

CONFIG_STUB = Mode("config-track-stub", "(config-track)", "Tracking instance configuration commands:", CONFIG)
CONFIG_INTERFACE = Mode("config-track-if", "(config-track)", "Tracking instance configuration commands:", CONFIG)

# What else can be tracked: these objects are not watched, and are taken to be up.
UNWATCHED = """
track <1-1000> ip = LINE > config-track
 delay = LINE
track <1-1000> list = LINE > config-track
 object LINE
 delay = LINE
 threshold LINE
track timer LINE
track resolution LINE
"""


@dataclass
class StubObject:
    """An object whose state something else decides; `kept` holds what has no effect."""

    number: int
    default_up: bool = False
    kept: Kept = field(default_factory=Kept)

    @property
    def words(self) -> str:
        """What stands behind the number."""
        return "stub-object"


@dataclass
class InterfaceObject:
    """An object that is up while the line protocol of an interface is, with `routing` while it has an address too."""

    number: int
    interface: InterfaceName
    routing: bool = False
    kept: Kept = field(default_factory=Kept)

    @property
    def words(self) -> str:
        """What stands behind the number."""
        return f"interface {self.interface} {'ip routing' if self.routing else 'line-protocol'}"


@dataclass
class TrackObjects:
    """All of them by number; `kept` has the lines of those that are not watched."""

    objects: dict[int, StubObject | InterfaceObject] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)

    def unwatched(self) -> dict[int, str]:
        """Their numbers with what stands behind."""
        lines = (item.line.split(maxsplit=2) for item in self.kept.items.values())
        return {int(words[1]): words[2] for words in lines if words[1].isdigit()}


def objects_of(model: Model) -> TrackObjects:
    """The tracked objects of a router."""
    return model.block(TrackObjects)

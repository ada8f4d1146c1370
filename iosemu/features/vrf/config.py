"""`vrf definition` and `ip vrf` blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from iosemu.cli import CommandError
from iosemu.cli.kept import Kept
from iosemu.features.interface.config import Interfaces
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Place, Section


@dataclass
class VrfConfig:
    """A VRF. `old` tells that it was made by `ip vrf`, and serves IPv4 alone. `kept` has the lines of the block:
    nothing but its name counts here."""

    name: str
    old: bool = False
    kept: Kept = field(default_factory=Kept)

    @property
    def opening(self) -> str:
        """The line that opens the block."""
        return f"{'ip vrf' if self.old else 'vrf definition'} {self.name}"


@dataclass
class Vrfs:
    """All VRFs by name."""

    by_name: dict[str, VrfConfig] = field(default_factory=dict)


@runtime_checkable
class PerVrf(Protocol):
    """A block of another feature that keeps something for VRFs."""

    def forget_vrf(self, name: str) -> None:
        """The VRF was removed."""


@runtime_checkable
class InVrf(Protocol):
    """A block of another feature that keeps addresses of interfaces."""

    def leave_vrf(self, interface: InterfaceName) -> str:
        """The interface goes into another VRF, without its addresses. Returns the family where there were some."""


def check_vrf(model: Model, name: str) -> None:
    """Raises CommandError for a VRF that is not there; the empty name is the global table."""
    if name and name not in model.block(Vrfs).by_name:
        raise CommandError(f"% VRF {name} does not exist or does not have a RD.")


def _paragraphs(router: Router) -> list[Lines]:
    vrfs = router.model.block(Vrfs).by_name
    ordered = sorted(vrfs.values(), key=lambda vrf: (vrf.old, vrf.name))
    return [[vrf.opening, *vrf.kept.lines(" ")] for vrf in ordered]


def _interface(model: Model, name: str) -> Lines:
    parsed = parse_name(name)
    config = model.block(Interfaces).by_name.get(parsed) if parsed else None
    vrf = model.block(Vrfs).by_name.get(config.vrf) if config is not None else None
    return [] if vrf is None else [f" {'ip ' if vrf.old else ''}vrf forwarding {vrf.name}"]


SECTION = Section(Place.VRF, _paragraphs)
INTERFACE_LINE = Contribution("interface", 5, _interface)

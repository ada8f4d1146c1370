"""`crypto map` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.modes import CONFIG, Mode
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Place, Section

CRYPTO_MAP = Mode("config-crypto-map", "(config-crypto-map)", "Crypto Map configuration commands:", CONFIG)


@dataclass
class MapEntry:
    """One `gdoi` entry; `local_acl` names the member's own deny list."""

    sequence: int
    group: str | None = None
    local_acl: str | None = None
    description: str | None = None


@dataclass
class CryptoMap:
    """A named map."""

    name: str
    entries: dict[int, MapEntry] = field(default_factory=dict)
    local_address: InterfaceName | None = None


@dataclass
class CryptoMaps:
    """All maps, and where they are applied (interface: map)."""

    maps: dict[str, CryptoMap] = field(default_factory=dict)
    applied: dict[InterfaceName, str] = field(default_factory=dict)

    def forget_interface(self, name: InterfaceName) -> None:
        """No map is applied to an interface that was removed."""
        self.applied.pop(name, None)

    def interfaces(self, name: str) -> list[InterfaceName]:
        """Where a map is applied."""
        return sorted((item for item, used in self.applied.items() if used == name), key=lambda item: item.sort_key())


def _paragraphs(router: Router) -> list[Lines]:
    return [_lines(item) for item in router.model.block(CryptoMaps).maps.values()]


def _lines(item: CryptoMap) -> Lines:
    lines = [f"crypto map {item.name} local-address {item.local_address}"] if item.local_address else []
    for sequence in sorted(item.entries):
        entry = item.entries[sequence]
        lines.append(f"crypto map {item.name} {sequence} gdoi ")
        lines += [f" description {entry.description}"] if entry.description else []
        lines += [f" set group {entry.group}"] if entry.group else []
        lines += [f" match address {entry.local_acl}"] if entry.local_acl else []
    return lines


def _interface_lines(model: Model, interface: str) -> list[str]:
    applied = model.block(CryptoMaps).applied
    return [f" crypto map {name}" for item, name in applied.items() if str(item) == interface]


SECTION = Section(Place.CRYPTO_MAP, _paragraphs)
CONTRIBUTION = Contribution("interface", 90, _interface_lines)

"""`crypto map` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Place, Section

CRYPTO_MAP = Mode("config-crypto-map", "(config-crypto-map)", "Crypto Map configuration commands:", CONFIG)


FAIL_CLOSE = Mode("crypto-map-fail-close", "(crypto-map-fail-close)", "Crypto map fail close commands:", CONFIG)


@dataclass
class MapEntry:
    """One entry. `kind` is what stands behind the number: `gdoi`, or a form without engine such as `ipsec-isakmp`;
    `local_acl` names the member's own deny list, `kept` holds lines without effect."""

    sequence: int
    kind: str = "gdoi"
    group: str | None = None
    local_acl: str | None = None
    description: str | None = None
    kept: Kept = field(default_factory=Kept)


@dataclass
class CryptoMap:
    """A named map, for IPv4 or for IPv6. `fail_close` is its block of that name, `kept` what concerns the whole map."""

    name: str
    entries: dict[int, MapEntry] = field(default_factory=dict)
    local_address: InterfaceName | None = None
    ipv6: bool = False
    fail_close: KeptBlock | None = None
    kept: Kept = field(default_factory=Kept)

    @property
    def words(self) -> str:
        """How its lines begin."""
        return f"crypto map {'ipv6 ' if self.ipv6 else ''}{self.name}"


@dataclass
class KeptBlock:
    """A block of lines without effect."""

    kept: Kept = field(default_factory=Kept)


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
    lines = [f"{item.words} local-address {item.local_address}"] if item.local_address else []
    lines += item.kept.lines()
    if item.fail_close is not None:
        lines += [f"{item.words} gdoi fail-close", *item.fail_close.kept.lines(" ")]
    for sequence in sorted(item.entries):
        entry = item.entries[sequence]
        # IOS prints a blank behind the kind.
        lines.append(f"{item.words} {sequence} {entry.kind} ")
        lines += [f" description {entry.description}"] if entry.description else []
        lines += [f" set group {entry.group}"] if entry.group else []
        lines += entry.kept.lines(" ")
        lines += [f" match address {entry.local_acl}"] if entry.local_acl else []
    return lines


def _interface_lines(model: Model, interface: str) -> list[str]:
    applied = model.block(CryptoMaps).applied
    return [f" crypto map {name}" for item, name in applied.items() if str(item) == interface]


SECTION = Section(Place.CRYPTO_MAP, _paragraphs)
CONTRIBUTION = Contribution("interface", 90, _interface_lines)

"""`crypto map` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.features.crypto_map.tunnel import TunnelSettings, lines_before_acl, lines_behind_acl
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution, Lines, Place, Section

# The kind of an entry of a dynamic map.
DYNAMIC = "dynamic"
CRYPTO_MAP = Mode("config-crypto-map", "(config-crypto-map)", "Crypto Map configuration commands:", CONFIG)
FAIL_CLOSE = Mode("crypto-map-fail-close", "(crypto-map-fail-close)", "Crypto map fail close commands:", CONFIG)


@dataclass
class MapEntry:
    """One entry. `kind` is what stands behind the number: `gdoi`, `ipsec-isakmp`, `ipsec-isakmp dynamic NAME`, or a
    form without engine; `local_acl` names a member's own deny list, or what is protected between two peers; `kept`
    holds lines without effect."""

    sequence: int
    kind: str = "gdoi"
    group: str | None = None
    local_acl: str | None = None
    description: str | None = None
    tunnel: TunnelSettings = field(default_factory=TunnelSettings)
    kept: Kept = field(default_factory=Kept)

    @property
    def dynamic_name(self) -> str | None:
        """The dynamic map that the entry stands for."""
        words = self.kind.split()
        return words[2] if words[1:2] == ["dynamic"] else None


@dataclass
class CryptoMap:
    """A named map, for IPv4 or for IPv6. `fail_close` is its block of that name, `kept` what concerns the whole map."""

    name: str
    entries: dict[int, MapEntry] = field(default_factory=dict)
    local_address: InterfaceName | None = None
    ipv6: bool = False
    fail_close: FailClose | None = None
    kept: Kept = field(default_factory=Kept)

    @property
    def words(self) -> str:
        """How its lines begin."""
        return f"crypto map {'ipv6 ' if self.ipv6 else ''}{self.name}"


@dataclass
class FailClose:
    """`gdoi fail-close`: an extended list whose denies may pass before registration. Without `active` it is inert."""

    acl: str | None = None
    active: bool = False

    def lines(self) -> Lines:
        """What stands below its line."""
        lines = [f" match address {self.acl}"] if self.acl else []
        return [*lines, " activate"] if self.active else lines


@dataclass
class CryptoMaps:
    """All maps, the dynamic ones by name and sequence number, and where maps of IPv4 and those of IPv6 are applied
    (interface: map)."""

    maps: dict[str, CryptoMap] = field(default_factory=dict)
    dynamic: dict[str, dict[int, MapEntry]] = field(default_factory=dict)
    applied: dict[InterfaceName, str] = field(default_factory=dict)
    applied6: dict[InterfaceName, str] = field(default_factory=dict)

    def forget_interface(self, name: InterfaceName) -> None:
        """No map is applied to an interface that was removed."""
        self.applied.pop(name, None)
        self.applied6.pop(name, None)

    def of_family(self, ipv6: bool) -> dict[InterfaceName, str]:
        """Where the maps of a family are applied."""
        return self.applied6 if ipv6 else self.applied

    @property
    def placed(self) -> list[tuple[InterfaceName, str, bool]]:
        """All places of maps with the family, by interface."""
        found = [(name, item, ipv6) for ipv6 in (False, True) for name, item in self.of_family(ipv6).items()]
        return sorted(found, key=lambda place: (place[0].sort_key(), place[2]))

    def interfaces(self, name: str) -> list[InterfaceName]:
        """Where a map is applied."""
        return [place for place, used, _ in self.placed if used == name]


def _paragraphs(router: Router) -> list[Lines]:
    return [_lines(item) for item in router.model.block(CryptoMaps).maps.values()]


def _dynamic_paragraphs(router: Router) -> list[Lines]:
    return [_dynamic_lines(*item) for item in router.model.block(CryptoMaps).dynamic.items()]


def _dynamic_lines(name: str, entries: dict[int, MapEntry]) -> Lines:
    lines = []
    for sequence in sorted(entries):
        lines += [f"crypto dynamic-map {name} {sequence}", *_entry_lines(entries[sequence])]
    return lines


def _lines(item: CryptoMap) -> Lines:
    lines = [f"{item.words} local-address {item.local_address}"] if item.local_address else []
    lines += item.kept.lines()
    if item.fail_close is not None:
        lines += [f"{item.words} gdoi fail-close", *item.fail_close.lines()]
    for sequence in sorted(item.entries):
        entry = item.entries[sequence]
        # IOS prints a blank behind the kind.
        lines += [f"{item.words} {sequence} {entry.kind} ", *_entry_lines(entry)]
    return lines


def _entry_lines(entry: MapEntry) -> Lines:
    lines = [f" description {entry.description}"] if entry.description else []
    lines += [f" set group {entry.group}"] if entry.group else []
    lines += lines_before_acl(entry.tunnel)
    lines += entry.kept.lines(" ")
    lines += [f" match address {entry.local_acl}"] if entry.local_acl else []
    return lines + lines_behind_acl(entry.tunnel)


def _interface_lines(model: Model, interface: str) -> list[str]:
    placed = model.block(CryptoMaps).placed
    return [f" {ipv6 * 'ipv6 '}crypto map {name}" for item, name, ipv6 in placed if str(item) == interface]


SECTIONS = (Section(Place.CRYPTO_MAP, _dynamic_paragraphs, 40), Section(Place.CRYPTO_MAP, _paragraphs))
CONTRIBUTION = Contribution("interface", 90, _interface_lines)

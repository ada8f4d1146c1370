"""Access lists as they are configured, and how one judges a packet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from iosemu.router.model import Model
from iosemu.router.names import InterfaceName

ANY = 0xFFFFFFFF
OPERATORS = ("eq", "neq", "gt", "lt", "range")
STEP = 10


class Condition(Protocol):
    """What an entry asks of a packet beside its protocol, addresses and ports."""

    @property
    def text(self) -> str:
        """How it is printed."""

    def covers(self, packet: bytes) -> bool:
        """Whether a packet is meant."""


@dataclass(frozen=True, slots=True)
class Match:
    """One end of an entry: address, wildcard, and ports by operator ("" is any port). `group` names an object group
    that stands in the place of the address."""

    address: int = 0
    wildcard: int = ANY
    operator: str = ""
    ports: tuple[int, ...] = ()
    group: str | None = None

    def covers(self, address: int, port: int) -> bool:
        """Whether an address and a port (-1: none) are meant."""
        if (address ^ self.address) & ~self.wildcard:
            return False
        if not self.operator:
            return True
        first = self.ports[0]
        return (
            port >= 0
            and {
                "eq": port in self.ports,
                "neq": port not in self.ports,
                "gt": port > first,
                "lt": port < first,
                "range": first <= port <= self.ports[-1],
            }[self.operator]
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, or a remark when `remark` is set. `protocol` 0 is any; `icmp` is a type and a code (None: any).

    `log` is the word at its end; `service` names an object group that stands in the place of the protocol. What an
    entry with `reflect` permits is permitted in the other direction by the entry with `evaluate` of the same name, for
    `reflect_timeout` seconds.
    """

    sequence: int
    permit: bool = False
    protocol: int = 0
    source: Match = Match()
    destination: Match = Match()
    log: str = ""
    remark: str | None = None
    icmp: tuple[int, int | None] | None = None
    conditions: tuple[Condition, ...] = ()
    time_range: str | None = None
    service: str | None = None
    reflect: str | None = None
    reflect_timeout: int | None = None
    evaluate: str | None = None

    def same(self, other: Entry) -> bool:
        """Whether two entries differ in their sequence number only."""
        if self.source != other.source or self.destination != other.destination:
            return False
        return replace(self, sequence=0) == replace(other, sequence=0)

    def covers(self, packet: bytes, flow: tuple[int, int, int, int, int]) -> bool:
        """Whether a packet with this flow (protocol, source, port, destination, port) is meant."""
        protocol, source, source_port, destination, destination_port = flow
        if self.remark is not None or self.protocol not in (0, protocol):
            return False
        if not self.source.covers(source, source_port) or not self.destination.covers(destination, destination_port):
            return False
        if self.icmp is not None and not _is_message(packet, *self.icmp):
            return False
        return all(condition.covers(packet) for condition in self.conditions)


def _is_message(packet: bytes, kind: int, code: int | None) -> bool:
    """ICMP of a type, in a packet that is no later fragment."""
    start = (packet[0] & 0x0F) * 4
    if packet[6] & 0x1F or packet[7] or len(packet) < start + 2 or packet[start] != kind:
        return False
    return code is None or packet[start + 1] == code


@dataclass
class AccessList:
    """A list; the hit counters are kept by the service that applies it."""

    name: str
    extended: bool
    entries: list[Entry] = field(default_factory=list)

    @property
    def numbered(self) -> bool:
        """Whether the list was made by `access-list`."""
        return self.name.isdecimal()

    def add(self, entry: Entry) -> None:
        """Enter an entry at its place; sequence 0 means the end. An entry that is there already is not doubled."""
        if entry.remark is None and any(item.same(entry) for item in self.entries):
            return
        number = entry.sequence or (self.entries[-1].sequence + STEP if self.entries else STEP)
        placed = replace(entry, sequence=number)
        self.entries = sorted(
            [item for item in self.entries if item.sequence != number] + [placed], key=lambda item: item.sequence
        )

    def remove(self, entry: Entry) -> bool:
        """Remove an entry by its words; tells whether it was there."""
        return self._keep([item for item in self.entries if not item.same(entry)])

    def remove_sequence(self, sequence: int) -> bool:
        """Remove the entry of a number; tells whether it was there."""
        return self._keep([item for item in self.entries if item.sequence != sequence])

    def resequence(self, start: int, step: int) -> None:
        """Number the entries anew."""
        self.entries = [replace(entry, sequence=start + step * n) for n, entry in enumerate(self.entries)]

    def _keep(self, entries: list[Entry]) -> bool:
        fewer = len(entries) < len(self.entries)
        self.entries = entries
        return fewer


@dataclass
class AccessLists:
    """All lists by name, and which ones are applied to interfaces (interface: direction: list)."""

    lists: dict[str, AccessList] = field(default_factory=dict)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    reflexive_timeout: int | None = None

    def forget_interface(self, name: InterfaceName) -> None:
        """No list is applied to an interface that was removed."""
        self.groups.pop(str(name), None)

    def get(self, name: str, extended: bool) -> AccessList:
        """The list of a name, made when it is new."""
        return self.lists.setdefault(name, AccessList(name, extended))


def find(model: Model, name: str) -> AccessList | None:
    """The list of a name, None when it is not configured."""
    return model.block(AccessLists).lists.get(name)

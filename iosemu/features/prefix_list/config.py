"""`ip prefix-list` lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

# An entry without a number stands so far behind the last one.
STEP = 5


@dataclass(frozen=True, slots=True)
class PrefixEntry:
    """What is permitted or denied: a prefix, or those within it with a length of `least` to `most` bits."""

    permit: bool
    prefix: IPv4Network
    least: int | None = None
    most: int | None = None

    def __str__(self) -> str:
        words = ["permit" if self.permit else "deny", str(self.prefix)]
        words += [f"ge {self.least}"] if self.least is not None else []
        words += [f"le {self.most}"] if self.most is not None else []
        return " ".join(words)


@dataclass
class PrefixList:
    """Entries by sequence number."""

    description: str | None = None
    entries: dict[int, PrefixEntry] = field(default_factory=dict)

    def ordered(self) -> list[tuple[int, PrefixEntry]]:
        """The entries in the order in which they are asked."""
        return sorted(self.entries.items())

    def next_number(self) -> int:
        """The number of an entry that brings none."""
        return (max(self.entries, default=0) // STEP + 1) * STEP


@dataclass
class PrefixLists:
    """All lists by name. `numbered` is `ip prefix-list sequence-number`; the numbers are there anyway."""

    by_name: dict[str, PrefixList] = field(default_factory=dict)
    numbered: bool = True


def _paragraphs(router: Router) -> list[Lines]:
    lists = router.model.block(PrefixLists)
    found = [] if lists.numbered else [["no ip prefix-list sequence-number"]]
    for name, item in sorted(lists.by_name.items()):
        lines = [] if item.description is None else [f"ip prefix-list {name} description {item.description}"]
        for number, entry in item.ordered():
            lines.append(f"ip prefix-list {name} {f'seq {number} ' if lists.numbered else ''}{entry}")
        found.append(lines)
    return found


SECTION = Section(Place.PREFIX_LIST, _paragraphs)

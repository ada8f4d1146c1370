"""Interface names: `g0/0`, `Gi 0/0` and `GigabitEthernet0/0` are one."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Canonical type: short form in tables.
TYPES = {
    "GigabitEthernet": "Gi",
    "FastEthernet": "Fa",
    "Ethernet": "Et",
    "TenGigabitEthernet": "Te",
    "Serial": "Se",
    "Loopback": "Lo",
    "Tunnel": "Tu",
    "Vlan": "Vl",
    "Null": "Nu",
    "Port-channel": "Po",
}
# Found on few routers: their abbreviations count only where no type of above begins with the same letters.
RARE_TYPES = {
    "ATM": "AT",
    "Async": "As",
    "BRI": "BR",
    "BVI": "BV",
    "Cellular": "Ce",
    "Dialer": "Di",
    "Embedded-Service-Engine": "Em",
    "FortyGigabitEthernet": "Fo",
    "HundredGigE": "Hu",
    "Multilink": "Mu",
    "Service-Engine": "SE",
    "TwoGigabitEthernet": "Tw",
    "Virtual-Template": "Vi",
    "VirtualPortGroup": "Vi",
    "ucse": "uc",
}
SHORT_FORMS = TYPES | RARE_TYPES
VIRTUAL_TYPES = ("Loopback", "Tunnel", "Vlan", "Port-channel", "BVI", "Dialer", "Multilink", "Virtual-Template")
_NAME = re.compile(r"([A-Za-z-]+) *([0-9]{1,10}(?:/[0-9]{1,10}){0,3}(?:\.[0-9]{1,10})?)")


@dataclass(frozen=True, slots=True, order=True)
class InterfaceName:
    """A type and its number, such as `0/0` or `0/0.10`."""

    kind: str
    number: str

    def __str__(self) -> str:
        return f"{self.kind}{self.number}"

    @property
    def short(self) -> str:
        """The form of tables: `Gi0/0`."""
        return f"{SHORT_FORMS[self.kind]}{self.number}"

    @property
    def virtual(self) -> bool:
        """Whether the interface exists by configuration alone."""
        return self.kind in VIRTUAL_TYPES

    @property
    def self_sufficient(self) -> bool:
        """Whether the interface is up without a port."""
        return self.kind in ("Loopback", "Null")

    @property
    def is_subinterface(self) -> bool:
        """Whether the number has a dot."""
        return "." in self.number

    @property
    def parent(self) -> InterfaceName | None:
        """The interface that a sub-interface belongs to."""
        return InterfaceName(self.kind, self.number.partition(".")[0]) if self.is_subinterface else None

    @property
    def removable(self) -> bool:
        """Whether a command can make and remove the interface."""
        return self.virtual or self.is_subinterface

    def sort_key(self) -> tuple[int, tuple[int, ...], str]:
        """The order of IOS: loopbacks, tunnels, then hardware by number, then VLANs."""
        ranks = {"Loopback": 0, "Tunnel": 1, "Port-channel": 2, "Vlan": 9}
        return ranks.get(self.kind, 5), tuple(int(part) for part in re.split(r"[/.]", self.number)), self.kind


def types_of(prefix: str) -> list[str]:
    """The interface types that an abbreviation may mean; an exact name means itself alone."""
    lower = prefix.lower()
    exact = [kind for kind in SHORT_FORMS if kind.lower() == lower]
    usual = exact or [kind for kind in TYPES if kind.lower().startswith(lower)]
    return usual or [kind for kind in RARE_TYPES if kind.lower().startswith(lower)]


def parse_name(text: str) -> InterfaceName | None:
    """The interface of a name, None when it is none or ambiguous. `f`, `g`, `lo`, `e` ... suffice."""
    match = _NAME.fullmatch(text.strip())
    if match is None:
        return None
    kinds = types_of(match[1])
    return InterfaceName(kinds[0], match[2]) if len(kinds) == 1 else None

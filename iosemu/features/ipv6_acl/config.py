"""IPv6 access lists as they are configured. A list, an entry and its ends are those of IPv4 with longer numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.features.acl.config import AccessList, Entry, Match
from iosemu.router.model import Model
from iosemu.router.names import InterfaceName

ANY6 = (1 << 128) - 1
ANYWHERE = Match(0, ANY6)
PROTOCOLS6 = {"ipv6": 0, "tcp": 6, "udp": 17, "esp": 50, "ahp": 51, "icmp": 58, "pcp": 108, "sctp": 132}


@dataclass
class Ipv6AccessLists:
    """All lists by name, and which ones filter the traffic of interfaces (interface: direction: list)."""

    lists: dict[str, AccessList] = field(default_factory=dict)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)

    def forget_interface(self, name: InterfaceName) -> None:
        """No list is applied to an interface that was removed."""
        self.groups.pop(str(name), None)

    def get(self, name: str) -> AccessList:
        """The list of a name, made when it is new."""
        return self.lists.setdefault(name, AccessList(name, extended=True))


def find6(model: Model, name: str) -> list[Entry] | None:
    """The entries of the list of a name, None when it is not configured."""
    found = model.block(Ipv6AccessLists).lists.get(name)
    return found.entries if found is not None else None

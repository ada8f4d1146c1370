"""Who may join a group: by address, and by the identity of phase 1."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.gdoi.acl import AclEntry
from iosemu.wire.isakmp import Identity, IdType

NO_NAME = "Dist. name parsing failed"


@dataclass(frozen=True, slots=True)
class IdentityList:
    """`crypto identity`: the fully qualified names of members. An empty list lets nobody in."""

    names: tuple[str, ...] = ()

    def refusal(self, identity: Identity | None) -> str | None:
        """Why an identity is not admitted, None when it is: what it says, or that it says no name."""
        if not self.names or identity is None or identity.kind not in (IdType.FQDN, IdType.USER_FQDN):
            return NO_NAME
        name = identity.data.decode("ascii", "replace")
        return None if name.lower() in {item.lower() for item in self.names} else name


def admits(entries: tuple[AclEntry, ...], address: IPv4Address) -> bool:
    """Whether a standard access list lets an address in; its end refuses."""
    number = int(address)
    for entry in entries:
        if (number ^ entry.source) & ~entry.source_wildcard == 0:
            return entry.permit
    return False

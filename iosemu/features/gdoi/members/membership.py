"""One membership of a router: a group at an entry of an applied crypto map."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.gdoi.member import GroupMember
from iosemu.features.crypto_map.refusals import LOG_INTERVAL
from iosemu.router.names import InterfaceName


@dataclass(slots=True)
class Membership:
    """A member with the data plane that its downloads feed, at one interface.

    Where a map is applied to several interfaces and speaks from one address for all of them, their memberships have one
    member, one data plane and one list of `interfaces`.
    `group` is where multicast rekeys are listened for. `track` is the tracking object that tells whether there are data
    SAs. `revert` is `client fail-close revert`; `opened` tells that fail-close does not hold the member any more.
    `vrfs` are those of the key servers and of the traffic.
    """

    interface: InterfaceName
    map_name: str
    member: GroupMember
    plane: GroupDataPlane
    local_acl: tuple[AclEntry, ...]
    local_acl_name: str | None
    interfaces: list[InterfaceName] = field(default_factory=list)
    revert: bool = False
    track: int | None = None
    opened: bool = False
    vrfs: tuple[str, str] = ("", "")
    group: IPv4Address | None = None
    logged_at: float = -LOG_INTERVAL

    def feed(self, now: float) -> None:
        """Bring the data plane up to what the member holds."""
        member = self.member
        policy = GroupPolicy(
            self.local_acl,
            member.acl,
            tuple(member.teks),
            member.held.sids,
            member.held.sid_bits,
            member.held.time.clock,
            member.direction,
        )
        self.plane.update(policy, now)
        if not member.teks and self.revert:
            self.opened = False

"""What tunnels are configured with: an entry of a crypto map as the engine sees it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.tunnel import DfRule

DEFAULT_LIFETIME = 3600
DEFAULT_KILOBYTES = 4608000
DEFAULT_REPLAY_WINDOW = 64
# What tells policies apart: interface, map, sequence number, and that of the dynamic map or 0.
PolicyKey = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class TransformSet:
    """A transform and its mode. Transport mode is asked for where the traffic is that of the peers themselves, and
    tunnel mode is accepted too unless it is `required`."""

    transform: EspTransform
    transport: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class TunnelPolicy:
    """How some traffic is protected between us (`local`) and one of the peers.

    `rules` are the access list, from our side outwards; the first match decides, a deny leaves the packet to the next
    policy. A `dynamic` policy only answers: it needs neither peers nor rules. `pfs_group` 0 is none, `lifetime` and
    `idle_time` are seconds, `kilobytes` of None no limit, `replay_window` 0 no check. With `per_host` each pair of
    hosts gets SAs of its own; with `default_peer` negotiations begin with the first peer whatever happened before.
    """

    key: PolicyKey
    local: IPv4Address
    peers: tuple[IPv4Address, ...] = ()
    rules: tuple[AclEntry, ...] = ()
    transforms: tuple[TransformSet, ...] = ()
    pfs_group: int = 0
    lifetime: int = DEFAULT_LIFETIME
    kilobytes: int | None = DEFAULT_KILOBYTES
    idle_time: int | None = None
    replay_window: int = DEFAULT_REPLAY_WINDOW
    df_rule: DfRule = DfRule.COPY
    fragment_first: bool = True
    per_host: bool = False
    dynamic: bool = False
    default_peer: bool = False

    def serves(self, peer: IPv4Address) -> bool:
        """Whether the policy is for a peer."""
        return peer in self.peers or (self.dynamic and not self.peers)

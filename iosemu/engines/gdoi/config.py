"""What key servers and group members are configured with. Times are in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.crypto.keys import Kind, SigningKey
from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Endpoint
from iosemu.engines.gdoi.authorization import IdentityList
from iosemu.engines.gdoi.replay import NO_REPLAY, Replay
from iosemu.engines.gdoi.restrictions import NO_RESTRICTIONS, Restrictions
from iosemu.engines.ike.vendor import Version
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.gdoi.profile import RFC6407, Profile, group_identity
from iosemu.wire.isakmp_payloads import Identity, IdType


@dataclass(frozen=True, slots=True)
class GroupIdentity:
    """What members and key server agree on: a number or an address."""

    value: int | IPv4Address

    def payload(self, profile: Profile = RFC6407) -> Identity:
        """The ID payload of GROUPKEY-PULL (RFC 6407 section 3.2)."""
        if isinstance(self.value, int):
            return Identity(IdType.KEY_ID, group_identity(self.value, profile))
        return Identity(IdType.IPV4_ADDR, self.value.packed)

    def matches(self, identity: Identity, profile: Profile = RFC6407) -> bool:
        """Whether a member asks for this group; protocol and port are not part of the name."""
        own = self.payload(profile)
        return (identity.kind, identity.data) == (own.kind, own.data)


@dataclass(frozen=True, slots=True)
class KekPolicy:
    """The rekey SA: `rekey ...` of the local server. Cipher names as in `iosemu.crypto.suites`."""

    encryption: str = "3des"
    key_bits: int = 0
    lifetime: int = 86400
    sig_hash: str = "sha1"
    retransmit_interval: int = 10
    retransmit_attempts: int = 2
    retransmit_periodic: bool = False
    acknowledgement: str = "cisco"


@dataclass(frozen=True, slots=True)
class TekPolicy:
    """One `sa ipsec`: what is protected and how. `acl` keeps its deny entries and its order."""

    number: int
    transform: EspTransform
    lifetime: int
    acl: tuple[AclEntry, ...]
    replay: Replay = NO_REPLAY
    receive_only: bool = False

    @property
    def permits(self) -> tuple[AclEntry, ...]:
        """The entries that need an SA."""
        return tuple(entry for entry in self.acl if entry.permit)


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """A group on its key server; `authorized` and `identities` of None admit every authenticated peer.

    `address` is where unicast rekeys come from: without it there are none. `multicast` is source and destination of
    multicast rekeys, None while they are not configured. `server_ids` are the numbers (KSSIDs) that sender IDs of this
    server begin with. `lkh` asks for a hierarchy of keys (RFC 6407 section 5.6.3) when the next keys are made.
    """

    group: str
    identity: GroupIdentity
    kek: KekPolicy = KekPolicy()
    teks: tuple[TekPolicy, ...] = ()
    signing_key: SigningKey | None = field(default=None, repr=False)
    signing_label: str | None = None
    signing_kind: Kind = "rsa"
    authorized: tuple[AclEntry, ...] | None = None
    identities: IdentityList | None = None
    address: IPv4Address | None = None
    unicast: bool = True
    multicast: tuple[Endpoint, Endpoint] | None = None
    sid_bits: int = 24
    server_ids: tuple[int, ...] = ()
    profile: Profile = RFC6407
    version: Version = (1, 0, 17)
    lkh: bool = False

    @property
    def rekey_destination(self) -> IPv4Address | None:
        """The group that rekeys go to, None for unicast, 0.0.0.0 while the group is not known."""
        if self.unicast:
            return None
        return self.multicast[1].address if self.multicast is not None else NOWHERE


NOWHERE = IPv4Address(0)
# The first versions that know how to remove members and replace policies; Suite B, and lifetimes of more than a day.
GM_REMOVAL: Version = (1, 0, 2)
POLICY_REPLACE: Version = (1, 0, 2)
SUITE_B: Version = (1, 0, 4)
LONGEST_OLD_LIFETIME = 86400


def needed_version(config: ServerConfig) -> Version | None:
    """The GET VPN version that a member must have to take a policy, None when any will do."""
    lifetimes = [config.kek.lifetime, *(policy.lifetime for policy in config.teks)]
    modern = any(policy.transform.counter_mode for policy in config.teks)
    return SUITE_B if modern or max(lifetimes) > LONGEST_OLD_LIFETIME else None


@dataclass(frozen=True, slots=True)
class MemberConfig:
    """A group at a member; servers are tried in order.

    `recovery_interval` is how often at most errors of the data plane make the member register again (seconds, None:
    never). `vrf` is the VRF that the servers are reached through. `passive` takes clear packets in although the policy
    asks for ESP.
    """

    group: str
    identity: GroupIdentity
    local: IPv4Address
    servers: tuple[IPv4Address, ...]
    version: Version = (1, 0, 17)
    retry_pause: float = 20.0
    retransmit_interval: float = 10.0
    retransmit_attempts: int = 5
    restrictions: Restrictions = NO_RESTRICTIONS
    recovery_interval: int | None = None
    passive: bool = False
    vrf: str = ""
    profile: Profile = RFC6407

    @property
    def endpoint(self) -> Endpoint:
        """This member's end."""
        return Endpoint(self.local, GDOI_PORT, self.vrf)

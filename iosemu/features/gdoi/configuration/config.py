"""`crypto gdoi group` as it is configured."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.crypto.keys import Kind
from iosemu.engines.gdoi.config import GroupIdentity
from iosemu.router.names import InterfaceName
from iosemu.wire.gdoi.profile import RFC6407

if TYPE_CHECKING:
    from iosemu.features.gdoi.configuration.redundancy import Redundancy

CONFIG_GROUP = Mode("config-gkm-group", "(config-gkm-group)", "GKM group commands:", CONFIG)
LOCAL_SERVER = Mode("gkm-local-server", "(gkm-local-server)", "GKM local server commands:", CONFIG_GROUP)
SERVER_ID = Mode("gkm-local-server-id", "(gkm-local-server-id)", "GKM sender ID commands:", LOCAL_SERVER)
SA_IPSEC = Mode("gkm-sa-ipsec", "(gkm-sa-ipsec)", "GKM SA IPsec commands:", LOCAL_SERVER)

DEFAULT_REKEY_LIFETIME = 86400
DEFAULT_RETRANSMIT = (10, 2)
DEFAULT_REPLAY_WINDOW = 64
DEFAULT_TIME_WINDOW = 100


@dataclass
class SaIpsec:
    """One `sa ipsec`; `replay_window` of None is `no replay`. `replay_time` is the window in seconds where replay is
    checked by time."""

    number: int
    profile: str | None = None
    acl: str | None = None
    replay_window: int | None = DEFAULT_REPLAY_WINDOW
    replay_time: int | None = None
    acl6: str | None = None
    tag: bool = False

    @property
    def list_name(self) -> str:
        """The list of what is protected, whichever family it is of."""
        return self.acl or self.acl6 or ""


@dataclass
class LocalServer:
    """`server local`. Algorithms are in the words of IOS; a lifetime of None is the default one.

    `identifier` holds ranges of KSSIDs, first and last, None without the block. `kept` holds what has no effect yet.
    """

    address: IPv4Address | None = None
    rekey_algorithm: str = "3des-cbc"
    sig_hash: str = "sha"
    rekey_lifetime: int | None = None
    retransmit: tuple[int, int] = DEFAULT_RETRANSMIT
    retransmit_periodic: bool = False
    rekey_acl: str | None = None
    signing_label: str | None = None
    signing_kind: Kind = "rsa"
    lkh: bool = False
    unicast: bool = False
    acknowledgement: str = "cisco"
    authorization: str | None = None
    identity_list: str | None = None
    registration_interface: InterfaceName | None = None
    crl_trustpoint: str | None = None
    receive_only: bool = False
    identifier: list[tuple[int, int]] | None = None
    group_size: str | None = None
    sas: dict[int, SaIpsec] = field(default_factory=dict)
    redundancy: Redundancy | None = None
    kept: Kept = field(default_factory=Kept)


@dataclass
class GdoiGroup:
    """One group, on a key server or on a member. `profile` is how its peers write GDOI, `word` the keyword it was
    entered with, `ipv6` its family, `kept` what has no effect yet."""

    name: str
    identity: GroupIdentity | None = None
    servers: list[IPv4Address] = field(default_factory=list)
    local: LocalServer | None = None
    registration_interface: InterfaceName | None = None
    passive: bool = False
    bypass_policy: bool = False
    fail_close_revert: bool = False
    recovery_interval: int | None = None
    active_sa_track: int | None = None
    rekey_ciphers: tuple[str, ...] = ()
    rekey_hashes: tuple[str, ...] = ()
    transform_sets: tuple[str, ...] = ()
    profile: str = RFC6407.name
    word: str = "gdoi"
    ipv6: bool = False
    kept: Kept = field(default_factory=Kept)

    @property
    def active(self) -> bool:
        """Whether there is an engine for the group: registration by GDOI."""
        return not any("gikev2" in item.line for item in self.kept.items.values())

    def identity_lines(self) -> list[str]:
        """The identity line without indentation."""
        if self.identity is None:
            return []
        value = self.identity.value
        return [f"identity number {value}" if isinstance(value, int) else f"identity address ipv4 {value}"]

    def server_lines(self) -> list[str]:
        """The lines of remote servers without indentation."""
        return [f"server address ipv4 {address}" for address in self.servers]

    @property
    def family(self) -> str:
        """The family of the traffic in shows."""
        return "ipv6" if self.ipv6 else "ipv4"

    @property
    def shown_identity(self) -> str:
        """The identity in shows."""
        return str(self.identity.value) if self.identity else ""


@dataclass
class GdoiGroups:
    """All groups by name, in the order of configuration."""

    groups: dict[str, GdoiGroup] = field(default_factory=dict)

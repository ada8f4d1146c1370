"""What a cooperative key server is configured with. Times are in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.engines.ike.vendor import Version
from iosemu.wire.coop import Fingerprint
from iosemu.wire.coop_members import DatabaseForm

COOP_VERSION = (1, 0, 8)
MAXIMUM_SERVERS = 8
DEFAULT_PDU = 18024


@dataclass(frozen=True, slots=True)
class CoopTimers:
    """The pace of announcements, in seconds. `refresh` between announcements of the primary, `periodic` of its silence
    before a secondary asks, `retry` between such questions, of which `retransmits` are asked. `window` is how long
    candidates wait for others."""

    refresh: float = 20.0
    periodic: float = 30.0
    retry: float = 10.0
    retransmits: int = 2
    discovery: float = 30.0
    window: float = 8.0
    resend: float = 2.0


@dataclass(frozen=True, slots=True)
class CoopConfig:
    """One group on one of its key servers. `group` is the identity as messages carry it, `pdu` the largest message in
    octets, `replay_tolerance` by how many seconds the pseudotimes of two key servers may differ."""

    name: str
    group: tuple[int, bytes]
    local: IPv4Address
    priority: int = 1
    peers: tuple[IPv4Address, ...] = ()
    form: DatabaseForm = DatabaseForm.BASE
    pdu: int = DEFAULT_PDU
    timers: CoopTimers = field(default_factory=CoopTimers)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)
    version: Version = (1, 0, 17)
    coop_version: Version = COOP_VERSION
    time_tolerance: float = 5.0

"""What works under phase 1: group members and key servers, tunnels."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.engines.common import Datagram, Endpoint, Event
from iosemu.engines.ike.events import ExchangeMessage, NotifyReceived, SpisDeleted
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.isakmp import Header

# A flag of `debug`.
DEBUG_GDOI = "crypto gdoi"


@dataclass(frozen=True, slots=True)
class RekeySa:
    """What `show crypto isakmp sa` and the shows of the crypto engine say of a KEK; `algorithms` as in `SHA+AES256`."""

    destination: str
    source: str
    connection_id: int
    algorithms: str


def algorithms(hash_name: str, encryption: str, key_bits: int) -> str:
    """Hash and cipher as in `SHA+AES256`."""
    return f"{hash_name.upper().replace('SHA1', 'SHA')}+{encryption.upper()}{key_bits if key_bits > 128 else ''}"


class Role:
    """Something that works under phase 1: GDOI, IPsec. Messages are offered to each role until one takes them; a role
    overrides what concerns it. `DEBUG` is the flag under which its events are printed, behind `DEBUG_HEAD`."""

    DEBUG, DEBUG_HEAD = DEBUG_GDOI, "GDOI:INFRA:(0):"

    def profile(self, remote: Endpoint) -> str | None:
        """The ISAKMP profile that the role's configuration names for a peer."""
        return None

    @property
    def needs_isakmp(self) -> bool:
        """Whether the configuration gives the role something to do."""
        return False

    def phase1_established(self, sa: IsakmpSa, now: float) -> None:
        """A phase 1 SA is up."""

    def phase1_failed(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """A phase 1 SA that was asked for could not be made."""

    def phase1_deleted(self, sa: IsakmpSa, now: float) -> None:
        """A phase 1 SA is gone, whoever ended it."""

    def peer_dead(self, sa: IsakmpSa, now: float) -> None:
        """A peer no longer answers; its phase 1 SAs are gone."""

    def peer_restarted(self, sa: IsakmpSa, now: float) -> None:
        """A peer has forgotten all SAs that are older than this one."""

    def keeps_sas(self, local: Endpoint, remote: Endpoint) -> bool:
        """Whether SAs with a peer are in use, with or without phase 1."""
        return False

    def notified(self, event: NotifyReceived, now: float) -> None:
        """A notification came in."""

    def spis_deleted(self, event: SpisDeleted, now: float) -> None:
        """The peer no longer receives under some SAs."""

    def receive_exchange(self, message: ExchangeMessage, now: float) -> bool:
        """A message of quick mode or GROUPKEY-PULL; False when it is somebody else's."""
        return False

    def receive_push(self, header: Header, datagram: Datagram, now: float) -> bool:
        """A GROUPKEY-PUSH or its acknowledgement; False when its rekey SA is somebody else's."""
        return False

    def take_datagrams(self) -> list[Datagram]:
        """What must go out."""
        return []

    def take_events(self) -> list[Event]:
        """What happened."""
        return []

    def handle_event(self, event: Event, now: float) -> None:
        """Log an event of one's own and act on it."""

    def rekey_sas(self) -> list[RekeySa]:
        """Rekey SAs of groups, the newest first."""
        return []

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""
        return None

    def handle_timer(self, now: float) -> None:
        """Time has come."""

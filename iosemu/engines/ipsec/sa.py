"""A pair of SAs at work, one for each direction."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from iosemu.crypto.esp_ciphers import EspCipher, esp_cipher
from iosemu.crypto.esp_transforms import EspTransform
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Endpoint
from iosemu.engines.esp.replay_window import ReplayWindow
from iosemu.engines.esp.sequence import MAXIMUM_SEQUENCE, NonceExhaustedError
from iosemu.engines.esp.verdict import Flow
from iosemu.engines.ipsec.config import TunnelPolicy
from iosemu.engines.ipsec.identities import matches
from iosemu.engines.keylog import TekKeys

KILOBYTE = 1024
# New SAs are negotiated this much before the old ones end, as IOS does (seconds, octets); the side that answered the
# last time waits a little longer, so that both do not begin at once.
INITIATOR_MARGIN = 30.0
RESPONDER_MARGIN = 20.0
VOLUME_MARGIN = 256 * KILOBYTE


@dataclass(frozen=True, slots=True)
class EspKeys:
    """The keys of one direction."""

    spi: bytes
    transform: EspTransform
    encryption_key: bytes = field(repr=False)
    integrity_key: bytes = field(repr=False)
    salt: bytes = field(repr=False)

    def cipher(self) -> EspCipher:
        """The keys at work."""
        return esp_cipher(self.transform, self.encryption_key, self.integrity_key, self.salt)

    def record(self) -> TekKeys:
        """What a capture's reader needs."""
        transform = self.transform
        words = transform.encryption, transform.key_bits, transform.integrity
        return TekKeys(self.spi, *words, self.encryption_key, self.integrity_key, self.salt)


@dataclass(slots=True)
class OutboundSa:
    """What we send with: the SPI is the peer's choice."""

    spi: bytes
    transform: EspTransform
    cipher: EspCipher = field(repr=False)
    sequence: int = 0

    def next_header_and_iv(self, random: RandomBytes) -> tuple[bytes, bytes]:
        """SPI and the next sequence number, and an IV that never repeats; raises NonceExhaustedError at their end."""
        if self.sequence >= MAXIMUM_SEQUENCE:
            raise NonceExhaustedError("sequence numbers are used up")
        self.sequence += 1
        header = self.spi + self.sequence.to_bytes(4, "big")
        if self.transform.counter_mode:
            # We are the only sender under the key: its own number makes each nonce unique (RFC 4106 section 3.1).
            return header, self.sequence.to_bytes(8, "big")
        return header, random(self.transform.iv_size)


@dataclass(slots=True)
class InboundSa:
    """What we receive with; without a window nothing is checked for replay."""

    spi: bytes
    cipher: EspCipher = field(repr=False)
    window: ReplayWindow | None = None


@dataclass(slots=True)
class Traffic:
    """What `show crypto ipsec sa` counts for a flow, whichever SAs carried it."""

    encapsulated: int = 0
    decapsulated: int = 0
    sent_octets: int = 0
    received_octets: int = 0
    send_errors: int = 0
    receive_errors: int = 0
    no_sa: int = 0
    replayed: int = 0
    bad_icv: int = 0
    wrong_identity: int = 0


@dataclass(slots=True)
class SaPair:
    """Two SAs of one quick mode.

    `udp` tells that ESP goes in UDP, between the ports of the endpoints. `confirmed` tells that the peer has both SAs
    too, so that we may send; where we were the initiator, `switch_at` is when we take that for granted. `rekey_at` is
    None once new ones are on their way. Volumes are octets of one direction, `received` are packets. Since `worry_at`
    nothing has come back; `session_at` is when the first of all the pairs that follow each other was there.
    """

    policy: TunnelPolicy
    flow: AclEntry
    local: Endpoint
    remote: Endpoint
    inbound: InboundSa
    outbound: OutboundSa
    transport: bool
    udp: bool
    pfs_group: int
    initiator: bool
    connection_id: int
    created_at: float
    lifetime: int
    kilobytes: int | None
    expires_at: float
    rekey_at: float | None
    traffic: Traffic
    confirmed: bool = False
    switch_at: float | None = None
    received: int = 0
    received_octets: int = 0
    sent_octets: int = 0
    used_at: float = 0.0
    worry_at: float = 0.0
    session_at: float = 0.0
    mirrored: AclEntry = field(init=False, repr=False)
    soft_volume: float = inf
    hard_volume: float = inf
    _accepted: set[Flow] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self.mirrored = self.flow.mirrored()
        self.used_at = self.worry_at = self.session_at = self.created_at
        if self.kilobytes is not None:
            self.hard_volume = self.kilobytes * KILOBYTE
            self.soft_volume = self.hard_volume - min(VOLUME_MARGIN, self.hard_volume // 4)

    @property
    def transform(self) -> EspTransform:
        """What protects the packets."""
        return self.outbound.transform

    @property
    def used(self) -> bool:
        """Whether anything was sent or received."""
        return bool(self.sent_octets or self.received_octets)

    def remaining(self, now: float) -> int:
        """Seconds left."""
        return max(0, int(self.expires_at - now))

    def remaining_kilobytes(self, outbound: bool) -> int | None:
        """Of one direction."""
        if self.kilobytes is None:
            return None
        octets = self.sent_octets if outbound else self.received_octets
        return max(0, self.kilobytes - octets // KILOBYTE)

    def accepts(self, flow: Flow) -> bool:
        """Whether a packet that came out is one that the SA is for (RFC 4301 section 5.2)."""
        if flow in self._accepted:
            return True
        if not matches(self.mirrored, flow):
            return False
        if len(self._accepted) >= 1024:
            self._accepted.clear()
        self._accepted.add(flow)
        return True

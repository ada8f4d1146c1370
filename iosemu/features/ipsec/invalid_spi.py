"""`crypto isakmp invalid-spi-recovery`: telling a peer that an SPI of its is unknown here (RFC 2408 section 3.14.1)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ipsec.proposals import PROTOCOL_ESP
from iosemu.wire.isakmp import Doi, Payload, PayloadType
from iosemu.wire.isakmp_payloads import Notification, NotifyType

# A peer is told at most this often (seconds), and only so many peers are remembered.
INTERVAL = 60.0
LIMIT = 1000


class InvalidSpis:
    """What peers must be told once there is a phase 1 SA with them."""

    def __init__(self) -> None:
        self._told: dict[IPv4Address, float] = {}
        self._waiting: dict[tuple[IPv4Address, IPv4Address], bytes] = {}

    def note(self, local: IPv4Address, remote: IPv4Address, spi: bytes, now: float) -> bool:
        """A packet with an unknown SPI came; tells whether its sender should hear of it now."""
        if now < self._told.get(remote, -INTERVAL) + INTERVAL:
            return False
        if len(self._told) >= LIMIT:
            self._told.clear()
            self._waiting.clear()
        self._told[remote] = now
        self._waiting[local, remote] = spi
        return True

    def take(self, sa: IsakmpSa) -> Payload | None:
        """The notification for the peer of an SA."""
        spi = self._waiting.pop((sa.local.address, sa.remote.address), None)
        if spi is None:
            return None
        body = Notification(Doi.IPSEC, PROTOCOL_ESP, NotifyType.INVALID_SPI, spi, spi)
        return Payload(PayloadType.NOTIFY, body.pack())

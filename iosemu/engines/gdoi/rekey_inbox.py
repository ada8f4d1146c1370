"""How a member takes pushes in: which are genuine and new, and their acknowledgements (RFC 6407 section 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.crypto.errors import CryptoError
from iosemu.engines.common import Datagram
from iosemu.engines.gdoi import acknowledgement, push
from iosemu.engines.gdoi.config import MemberConfig
from iosemu.engines.gdoi.download import Download, read_download, understood
from iosemu.engines.gdoi.events import MessageSeen
from iosemu.engines.gdoi.held_keys import HeldKeys
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.gdoi.member_events import (
    AcknowledgementSent,
    RekeyOutOfSequence,
    RekeyReceived,
    RekeyRefused,
    RekeyTooOld,
)
from iosemu.engines.gdoi.output import Output
from iosemu.wire.errors import WireError
from iosemu.wire.isakmp import Header
from iosemu.wire.isakmp_payloads import Delete


@dataclass(frozen=True, slots=True)
class Rekey:
    """A push that was accepted under `kek`."""

    kek: Kek
    sequence: int
    deletes: tuple[Delete, ...]
    download: Download | None


class RekeyInbox:
    """The pushes of one group. The counters are what shows print."""

    def __init__(self, config: MemberConfig, held: HeldKeys, output: Output) -> None:
        self.config = config
        self.received = 0
        self.since_registration = 0
        self.acks_sent = 0
        self.last_from: IPv4Address | None = None
        self.last_sequence = 0
        self.last_at: float | None = None
        self._held = held
        self._output = output
        self._last: tuple[bytes, bytes] | None = None

    def receive(self, header: Header, datagram: Datagram, now: float) -> Rekey | None:
        """Take a push whose cookies are those of a KEK held. Cheap checks come first."""
        kek = next(kek for kek in self._held.keks if kek.spi == header.cookies)
        if self._last == (kek.spi, datagram.data):
            # A retransmission: the acknowledgement was lost.
            self.acknowledge(kek, kek.sequence, datagram)
            return None
        try:
            contents = push.open_push(kek, header, datagram.data, self.config.profile)
            if contents.sequence <= kek.sequence:
                self._output.events.append(RekeyOutOfSequence(self.config.group, contents.sequence, kek.sequence))
                return None
            if not push.signature_is_good(kek, contents):
                raise WireError("signature is wrong")
            download = None
            if contents.sa and contents.keys:
                download = read_download(
                    contents.sa, contents.keys, now, self.config.restrictions, held=self._held.path
                )
        except (WireError, CryptoError) as error:
            address = datagram.source.address
            self._output.events.append(RekeyRefused(self.config.group, address, self.config.local, str(error)))
            return None
        if download is not None and self._too_old(download, now):
            return None
        kek.sequence = contents.sequence
        self._last = (kek.spi, datagram.data)
        brings_kek = download is not None and download.kek is not None
        seen = MessageSeen(
            self.config.group, False, True, datagram.source.address, contents.payloads, self.config.profile
        )
        self._output.events.append(seen)
        self._count(datagram, contents.sequence, now)
        if brings_kek:
            # Numbers begin again with each KEK.
            self.last_sequence = 0
        return Rekey(kek, contents.sequence, *understood(self.config.version, contents.deletes, download))

    def acknowledge(self, kek: Kek, sequence: int, datagram: Datagram) -> None:
        """Answer a push where the key server asks for it."""
        if kek.acknowledged:
            self.acks_sent += 1
            message = acknowledgement.build(kek, sequence, self.config.local)
            self._output.events.append(AcknowledgementSent(self.config.group, datagram.source.address, sequence))
            self._output.datagrams.append(Datagram(message, datagram.destination, datagram.source))

    def _too_old(self, download: Download, now: float) -> bool:
        """Refuse a push that was recorded long ago, whatever its number."""
        replay, time = download.replay, self._held.time
        if time.clock is None or replay.pseudotime is None or time.lateness(replay, now) is None:
            return False
        allowed = float(replay.span + replay.window)
        self._output.events.append(RekeyTooOld(self.config.group, time.clock.value(now), replay.pseudotime, allowed))
        return True

    def _count(self, datagram: Datagram, sequence: int, now: float) -> None:
        self.received += 1
        self.since_registration += 1
        self.last_from = datagram.source.address
        self.last_sequence = sequence
        self.last_at = now
        to = datagram.destination.address
        to = to if to.is_multicast else self.config.local
        self._output.events.append(RekeyReceived(self.config.group, datagram.source.address, to, sequence))

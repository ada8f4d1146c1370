"""A group's data SA at work."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.crypto.esp_ciphers import EspCipher, esp_cipher
from iosemu.crypto.esp_transforms import EspTransform
from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.replay_window import SenderWindows
from iosemu.engines.esp.sequence import MAXIMUM_SEQUENCE, Numbers, SequenceNumbers
from iosemu.engines.esp.verdict import Flow
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.replay import ReplayMethod

IV_BITS = 64
# After this silence nothing of a sender is under way any more that a leap of its numbers could overtake (seconds).
QUIET = 2.0
FLOW_CACHE_SIZE = 65536


@dataclass(slots=True)
class Counters:
    """What `show crypto ipsec sa` counts; the last three are among `receive_errors`."""

    encapsulated: int = 0
    decapsulated: int = 0
    sent_octets: int = 0
    received_octets: int = 0
    send_errors: int = 0
    receive_errors: int = 0
    bad_icv: int = 0
    replayed: int = 0
    wrong_identity: int = 0


@dataclass(slots=True)
class EspSa:
    """One SPI; the same key serves both directions and all members.

    `connection_id` is that of receiving; sending has the next one. `windows` is there where replay is checked by
    counters. `sid` and `sid_bits` are this sender's share of the nonces of a counter mode (RFC 6054); None means it has
    none.
    """

    tek: Tek
    sid: int | None = None
    sid_bits: int = 0
    connection_id: int = 1
    numbers: Numbers = field(default_factory=SequenceNumbers)
    counters: Counters = field(default_factory=Counters)
    cipher: EspCipher = field(init=False, repr=False)
    windows: SenderWindows | None = field(default=None, repr=False)
    # Where senders are told apart by addresses: when the SA was made, and by how much its numbers go ahead each second.
    _born: float = field(default=0.0, repr=False)
    _pace: float = field(default=0.0, repr=False)
    # What each packet would otherwise ask the TEK: whether stamps are used, the block to pad to, the sender's share of
    # the nonces (None where IVs are random), and the last number of it.
    by_time: bool = field(init=False)
    block: int = field(init=False)
    _by_sid: bool = field(init=False, repr=False)
    nonces: int | None = field(init=False, repr=False)
    _last: int = field(init=False, repr=False)
    _accepted: set[Flow] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self.cipher = esp_cipher(self.tek.transform, self.tek.encryption_key, self.tek.integrity_key, self.tek.salt)
        self._prepare()
        tek = self.tek
        if tek.replay.method is ReplayMethod.COUNTER:
            self.windows = SenderWindows(tek.replay.window)
            life = tek.age + tek.lifetime
            if not tek.transform.counter_mode and life > 0:
                self._born = tek.expires_at - life
                self._pace = MAXIMUM_SEQUENCE // 2 / life

    def _prepare(self) -> None:
        transform = self.tek.transform
        self.by_time, self.block = self.tek.replay.by_time, max(transform.block_size, 4)
        self._by_sid = transform.counter_mode and self.sid_bits > 0
        self.nonces, self._last = None, MAXIMUM_SEQUENCE
        if transform.counter_mode:
            counter_bits = IV_BITS - self.sid_bits
            self.nonces = (self.sid or 0) << counter_bits
            self._last = min(MAXIMUM_SEQUENCE, (1 << counter_bits) - 1) if self.sid is not None else -1

    @property
    def sequence(self) -> int:
        """The last sequence number that was used."""
        return self.numbers.last

    @property
    def spi(self) -> int:
        """The SPI as a number."""
        return int.from_bytes(self.tek.spi, "big")

    @property
    def transform(self) -> EspTransform:
        """What protects the packets."""
        return self.tek.transform

    @property
    def entries(self) -> tuple[AclEntry, ...]:
        """What the SA protects."""
        return self.tek.entries

    def continues_as(self, tek: Tek, sid: int | None) -> bool:
        """Take a TEK that was downloaded again; False when it is another key and so needs another SA.

        Sequence and sender ID go on: a nonce of the same key must not come twice.
        """
        if not self._has_key_of(tek):
            return False
        if tek.transform.counter_mode and self.sid is None and sid is not None:
            return False
        self.tek = tek
        self._prepare()
        self._accepted.clear()
        return True

    def resume(self, former: EspSa) -> None:
        """Go on where the same key was left: what was sent or received under it once must not be again."""
        if former._has_key_of(self.tek):
            self.numbers, self.windows = former.numbers, former.windows

    def _has_key_of(self, tek: Tek) -> bool:
        own = self.tek
        keys = own.encryption_key, own.integrity_key, own.salt
        return own.transform == tek.transform and keys == (tek.encryption_key, tek.integrity_key, tek.salt)

    def before_sending(self, now: float) -> None:
        """After some silence, go on at a number that all members derive from the SA's age: above what a member that
        served the same hosts meanwhile has reached, unless that has sent more than half of all numbers' share."""
        numbers = self.numbers
        if self._pace and now - numbers.used_at > QUIET:
            numbers.leap(min(int((now - self._born) * self._pace), MAXIMUM_SEQUENCE // 2))
        numbers.used_at = now

    def sender_of(self, packet: bytes, offset: int) -> int:
        """Who has sent an ESP packet, whose ESP header stands at an offset.

        The nonces of a counter mode bear the member's sender ID (RFC 6054 section 3). Otherwise the source address
        stands for the member: that of the host, which only one member serves at a time.
        """
        if self._by_sid:
            return int.from_bytes(packet[offset + 8 : offset + 16], "big") >> IV_BITS - self.sid_bits
        return int.from_bytes(packet[12:16] if packet[0] >> 4 == 4 else packet[8:24], "big")

    def accepts(self, flow: Flow) -> bool:
        """Whether a packet that came out is one of those that the SA is for, in either direction."""
        if flow in self._accepted:
            return True
        if not any(entry.matches(*flow) or entry.mirrored().matches(*flow) for entry in self.entries):
            return False
        if len(self._accepted) >= FLOW_CACHE_SIZE:
            self._accepted.clear()
        self._accepted.add(flow)
        return True

    def take_numbers(self, count: int) -> int:
        """The first of so many sequence numbers; raises NonceExhaustedError at their end."""
        text = "sequence numbers are used up" if self.nonces is None else "no sender ID, or its nonces are used up"
        return self.numbers.take(count, self._last, text)

    def ivs(self, first: int, count: int, random: RandomBytes) -> list[bytes]:
        """IVs that never repeat, for packets from a sequence number on."""
        if self.nonces is not None:
            nonces = self.nonces
            return [(nonces | number).to_bytes(8, "big") for number in range(first, first + count)]
        size = self.tek.transform.iv_size
        octets = random(size * count)
        return [octets[at : at + size] for at in range(0, size * count, size)] if size else [b""] * count

    def next_header_and_iv(self, random: RandomBytes) -> tuple[bytes, bytes]:
        """SPI and the next sequence number, and an IV that never repeats; raises NonceExhaustedError at their end."""
        number = self.take_numbers(1)
        return self.tek.spi + number.to_bytes(4, "big"), self.ivs(number, 1, random)[0]

"""Sender IDs of counter modes: a key server's share of them, and who has had which (RFC 6407 section 3.5)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Literal

from iosemu.engines.gdoi.number_pool import NumberPool, Owners, Stay
from iosemu.wire.attributes import Attribute, number
from iosemu.wire.gdoi.key_download import KeyPacket
from iosemu.wire.gdoi.numbers import KeyType, SidKey
from iosemu.wire.gdoi.profile import Profile

LARGE_BITS = 32
# A sender ID begins with the number of its key server where several share a group; the rest counts members from 1.
SERVER_BITS, SERVER_BITS_LARGE = 7, 9


def server_bits(bits: int) -> int:
    """How many leading bits of a sender ID name the key server."""
    return SERVER_BITS_LARGE if bits >= LARGE_BITS else SERVER_BITS


class SenderIds:
    """Hands out sender IDs of `bits` bits that nobody had under the keys of one `series`.

    A series begins with keys that are made where there are none; whoever has its rekey SA, or a sender ID of it, had
    the one with the other. `counting` says that there was a counter mode among its data SAs. `left` counts the series
    that this key server had before.

    Without server numbers (KSSIDs) all sender IDs are this server's; where the group is `shared` with other key servers
    there are none then. A number that another one has too is nobody's.
    """

    def __init__(self, bits: int, server_ids: Iterable[int] = (), founder: bool = True) -> None:
        self.bits = bits
        self.series = 0
        self.counting = False
        self.left = 0
        self.shared = False
        self.pool = NumberPool(founder)
        self.assigned = tuple(sorted(set(server_ids)))
        self.used: list[int] = []
        self.last: int | None = None
        self._others: dict[IPv4Address, frozenset[int]] = {}
        self._used_by_others: dict[IPv4Address, set[int]] = {}
        self._own = self.assigned
        self._owners = Owners(frozenset(self.assigned), {}, frozenset(self.assigned))

    def successor(self, bits: int, server_ids: Iterable[int], series: int = 0) -> SenderIds:
        """Those of the next keys, as they are configured now, or of another `series` that others have begun; what
        others have is the same."""
        found = SenderIds(bits, server_ids, not series)
        found.series, found.left = series, self.left + bool(self.series)
        found.shared, found._others = self.shared, self._others
        found._compare()
        return found

    @property
    def current(self) -> int | None:
        """The server number that is being used up."""
        return self.used[-1] if self.used else None

    @property
    def available(self) -> list[int]:
        """Server numbers that no sender ID was made of yet."""
        return [number for number in self._own if number in self.pool.held]

    @property
    def possible(self) -> bool:
        """Whether the configuration leaves this server any sender IDs at all."""
        return bool(self._own) if self.assigned else not self.shared and self.pool.untouched

    @property
    def remaining(self) -> int:
        """How many sender IDs are left."""
        if not self.possible:
            return 0
        if not self.assigned:
            return (1 << self.bits) - (0 if self.last is None else self.last + 1)
        left = 0 if self.last is None or self.current not in self._own else self._per_server - self.last
        return left + len(self.available) * self._per_server

    def reassign(self, bits: int, server_ids: Iterable[int]) -> None:
        """Take changed settings; where they do not go with what was given out already, they wait for new keys."""
        without_numbers = self.last is not None and not self.used
        # Among longer numbers of key servers than others have, one may begin as one of theirs.
        begun = self.last is not None or not (self.pool.untouched or server_bits(bits) == server_bits(self.bits))
        if (bits == self.bits or not begun) and not without_numbers:
            self.bits, self.assigned = bits, tuple(sorted(set(server_ids)))
            self._compare()

    def take(self, count: int) -> tuple[int, ...] | None:
        """Fresh sender IDs; None when there are not so many."""
        if count > self.remaining:
            return None
        return tuple(self._one() for _ in range(count))

    # Other key servers of the group

    def share(self, shared: bool) -> None:
        """Other key servers give out sender IDs too, from now on or no longer. What was given out without numbers uses
        up the numbers that it begins with."""
        self.shared = shared
        if shared and self.last is not None and not self.used:
            self._begin(*range((self.last >> (self.bits - server_bits(self.bits))) + 1))
            self.last = None

    @property
    def claimed(self) -> tuple[int, ...]:
        """The numbers that no other key server may use."""
        return tuple(sorted({*self.assigned, *self.used}))

    @property
    def wanting(self) -> bool:
        """Whether others may have numbers that this key server could use."""
        return self.shared and bool(self.assigned and self.series) and not self.remaining

    def hear(self, server: IPv4Address, assigned: Iterable[int]) -> set[int]:
        """Another key server tells of its numbers; those that both have."""
        if (theirs := frozenset(assigned)) != self._others.get(server):
            self._others[server] = theirs
            self._compare()
        return set(self.assigned) & self._others[server]

    def hand(self, server: IPv4Address, stay: Stay) -> frozenset[int]:
        """The numbers that were handed to another key server in its present stay, with those that are due to it."""
        return self.pool.hand(server, stay, self._owners)

    def note_used(self, server: IPv4Address, numbers: Iterable[int]) -> None:
        """Another key server tells which numbers it has used."""
        self._used_by_others.setdefault(server, set()).update(numbers)

    def used_by(self, server: IPv4Address) -> tuple[int, ...]:
        """What another key server has used under the keys in force: it forgets that when it is started anew."""
        return tuple(sorted(self._used_by_others.get(server, ())))

    def burn(self, numbers: Iterable[int]) -> None:
        """These numbers were used in an earlier life of this key server."""
        self.pool.use(*numbers)
        self.used[:0] = [number for number in numbers if number in self.assigned and number not in self.used]

    # The inside

    def _compare(self) -> None:
        """Numbers have changed hands by configuration."""
        others = frozenset[int]().union(*self._others.values())
        self._own = tuple(number for number in self.assigned if number not in others)
        self._owners = Owners(frozenset(self.assigned), self._others, others.union(self.assigned))

    def _begin(self, *numbers: int) -> None:
        self.pool.use(*numbers)
        self.used += numbers

    @property
    def _per_server(self) -> int:
        return (1 << (self.bits - server_bits(self.bits))) - 1

    def _one(self) -> int:
        if not self.assigned:
            self.last = 0 if self.last is None else self.last + 1
            return self.last
        if self.last is None or self.last == self._per_server or self.current not in self._own:
            self._begin(self.available[0])
            self.last = 0
        self.last += 1
        return self.used[-1] << (self.bits - server_bits(self.bits)) | self.last


def sid_packet(sids: Iterable[int], bits: int, profile: Profile) -> KeyPacket:
    """The key packet with sender IDs of so many bits (RFC 6407 section 5.6.4)."""
    size = 4 if bits > 16 or profile.host_order_group else 2
    attributes = [Attribute(SidKey.NUMBER_OF_SID_BITS, bits)]
    attributes += [Attribute(SidKey.SID_VALUE, sid.to_bytes(size, _order(profile))) for sid in sids]
    return KeyPacket(KeyType.SID, b"", tuple(attributes))


def read_sids(packet: KeyPacket, profile: Profile) -> tuple[int, tuple[int, ...]]:
    """The size of sender IDs in bits, and those that a key packet brings; raises WireError without the former."""
    values = [item.as_bytes() for item in packet.attributes if item.kind == SidKey.SID_VALUE]
    bits = number(packet.attributes, SidKey.NUMBER_OF_SID_BITS)
    return bits, tuple(int.from_bytes(value, _order(profile)) for value in values)


def _order(profile: Profile) -> Literal["little", "big"]:
    return "little" if profile.host_order_group else "big"

"""Whose the numbers of key servers (KSSIDs) in sender IDs are, under the keys of one series.

A number is in the hands of one key server at a time, and goes from hand to hand: none is copied, so no two key servers,
nor two lives of one, can make sender IDs of the same number (docs/coop-protocol.md section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

NUMBERS = frozenset(range(512))
# Of four numbers one is left with somebody else, who has it for the owner's next life.
SHARE = 4

# A key server's life, and how many series it has left in that life.
Stay = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose the numbers are by configuration: this key server's, those of others, and all of these."""

    mine: frozenset[int]
    others: Mapping[IPv4Address, frozenset[int]]
    everybodys: frozenset[int]


@dataclass(slots=True)
class _Account:
    """What was settled with another key server in its present stay."""

    stay: Stay
    settled: set[int] = field(default_factory=set)
    handed: set[int] = field(default_factory=set)


class NumberPool:
    """The numbers in this key server's hands that no sender ID was made of.

    Who makes the first keys of a series has all numbers, who comes to it later has none until others hand over some.
    """

    def __init__(self, founder: bool = True) -> None:
        self.held = set(NUMBERS) if founder else set()
        self._had = set(self.held)
        # Of this key server's own numbers, those that others are to have for its next life.
        self._spare: frozenset[int] | None = None
        self._accounts: dict[IPv4Address, _Account] = {}

    @property
    def untouched(self) -> bool:
        """Whether all numbers are here still."""
        return len(self.held) == len(NUMBERS)

    def use(self, *numbers: int) -> None:
        """Of these numbers sender IDs are made from now on, or have been made."""
        self.held.difference_update(numbers)

    def hand(self, server: IPv4Address, stay: Stay, owners: Owners) -> frozenset[int]:
        """All that was handed to a key server in its present stay, with what is due to it now; it is told again each
        time.

        It gets its own numbers except a share for its next life; of this key server's own share for the next life, half
        of what is left; of each third one's numbers, a share.
        """
        account = self._account(server, stay)
        due = (self.held & owners.everybodys) - account.settled
        if due:
            account.settled |= due
            account.handed |= self._portion(server, due, owners)
            self.held -= account.handed
        return frozenset(account.handed)

    def receive(self, server: IPv4Address, stay: Stay, numbers: frozenset[int]) -> None:
        """Take what another key server has handed over; what was here once does not come back."""
        fresh = numbers - self._had
        self.held |= fresh
        self._had |= fresh
        # It has kept its own share: these are not handed back.
        self._account(server, stay).settled |= numbers

    def _portion(self, server: IPv4Address, due: set[int], owners: Owners) -> set[int]:
        if self._spare is None:
            self._spare = frozenset(sorted(owners.mine & self.held)[1::SHARE])
        portion = set(sorted(due & self._spare)[::2])
        for owner, numbers in owners.others.items():
            found = sorted(due & numbers)
            share = found[1::SHARE]
            portion.update(set(found).difference(share) if owner == server else share)
        return portion

    def _account(self, server: IPv4Address, stay: Stay) -> _Account:
        account = self._accounts.get(server)
        if account is None or account.stay != stay:
            account = self._accounts[server] = _Account(stay)
        return account

"""What a cooperative key server needs of the engine that holds keys and members."""

from __future__ import annotations

from collections.abc import Hashable
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.engines.gdoi.number_pool import Stay
from iosemu.wire.coop_ids import ServerIds
from iosemu.wire.coop_keys import KeySet, TekRecord
from iosemu.wire.coop_members import MemberRecord


class KeyHolder(Protocol):
    """Keys and members of one group on one key server. Its owner calls nothing of this; it tells the cooperative
    engine of members that come and go (`member_registered`, `member_removed`) and calls `poll` when keys may have
    changed. `adopt` and `unite` raise WireError for keys that this key server cannot use."""

    @property
    def revision(self) -> Hashable:
        """Equal as long as no key was made, replaced or used for another push."""

    @property
    def open_round(self) -> bool:
        """Whether members are still being told of the keys."""

    @property
    def series(self) -> int:
        """The series of sender IDs that goes with the keys held; 0 without any."""

    def snapshot(self, now: float) -> KeySet:
        """The keys in force; `origin`, `generation` and `retired` are left to the caller."""

    def lead(self, primary: bool, now: float, leap: int = 0) -> None:
        """Make keys and send rekeys from now on, or leave both to the primary. `leap` is added to the sequence number
        of pushes, as the last primary may have sent some that nobody told of."""

    def adopt(self, keys: KeySet, keep: frozenset[bytes], farewell: bool, now: float) -> None:
        """Take the primary's keys in the place of those held, except data SAs with SPIs in `keep`, which stay. With
        `farewell` the members are told of all of them under the KEK that they have."""

    def replace(self, keys: KeySet, farewell: bool, now: float) -> None:
        """Take the primary's keys, whose sender IDs have nothing to do with those given out here, in the place of those
        held. With `farewell` the members are told to register again."""

    def unite(self, teks: tuple[TekRecord, ...], sequence: int, now: float) -> None:
        """Take in the data SAs of another part of the group, send no push with a sequence number up to `sequence`, and
        give all members one set of keys."""

    def refresh(self, now: float) -> None:
        """Send the keys in force to all members again."""

    def server_ids(self) -> ServerIds | None:
        """This key server's share of the sender IDs; None where there are none."""

    @property
    def wants_numbers(self) -> bool:
        """Whether no sender ID is left, and others may have numbers to hand over."""

    def hear_server_ids(self, peer: IPv4Address, theirs: ServerIds) -> set[int]:
        """Another key server's share of the sender IDs; the numbers that both have by configuration."""

    def note_used(self, peer: IPv4Address, theirs: tuple[int, ...], ours: tuple[int, ...]) -> None:
        """What a peer has used under these keys, and what it has seen this key server use."""

    def used_by(self, peer: IPv4Address) -> tuple[int, ...]:
        """The numbers of a peer that were in use under the keys in force, whether it remembers that or not."""

    def hand_numbers(self, peer: IPv4Address, stay: Stay) -> frozenset[int]:
        """The numbers that a peer has from this key server under these keys, with those that are due to it now."""

    def take_numbers(self, peer: IPv4Address, stay: Stay, numbers: frozenset[int]) -> None:
        """Numbers that a peer has handed over; it tells of them again and again. `stay` is the peer's."""

    def pseudotime(self, now: float) -> float | None:
        """Seconds, None while there is none."""

    def set_pseudotime(self, value: float, now: float) -> None:
        """Follow another key server's."""

    def add_member(self, record: MemberRecord, now: float) -> None:
        """A member registered with another key server."""

    def remove_member(self, record: MemberRecord) -> None:
        """A member is gone, as another key server says."""

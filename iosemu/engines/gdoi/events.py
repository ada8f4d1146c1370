"""What key servers and group members both report."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import ClassVar

from iosemu.engines.common import Endpoint, Event, Refusal
from iosemu.engines.keylog import KeyRecord
from iosemu.wire.gdoi.profile import RFC6407, Profile
from iosemu.wire.isakmp import Payload


@dataclass(frozen=True, slots=True)
class GroupEvent(Event):
    """An event of one group."""

    group: str


@dataclass(frozen=True, slots=True)
class KeyInstalled(GroupEvent):
    """A KEK or TEK was made or downloaded."""

    record: KeyRecord


@dataclass(frozen=True, slots=True)
class PullRefused(GroupEvent, Refusal):
    """A message of GROUPKEY-PULL was dropped; the group is empty where it does not say for which it is."""

    cause: ClassVar[str] = "registration message without a good HASH"
    peer: Endpoint
    local: Endpoint
    reason: str


@dataclass(frozen=True, slots=True)
class MessageSeen(GroupEvent):
    """Either side: a genuine message of a registration, or of a rekey, came from a peer or was made for it.

    The payloads hold keys: `contents.describe` says what may be told of them.
    """

    sent: bool
    push: bool
    peer: IPv4Address
    payloads: tuple[Payload, ...] = field(repr=False)
    profile: Profile = RFC6407

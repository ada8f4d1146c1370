"""What all engines share."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a conversation; `vrf` is the VRF of ours that it is reached through, "" the global table."""

    address: IPv4Address
    port: int
    vrf: str = ""

    def __str__(self) -> str:
        return f"{self.address}/{self.port}"


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP payload and where it goes from and to."""

    data: bytes
    source: Endpoint
    destination: Endpoint


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the owner of an engine may log, show or act upon."""


@dataclass(frozen=True, slots=True)
class Refusal(Event):
    """A message of a peer was dropped and nothing else changed. The owner counts them by `cause`."""

    cause: ClassVar[str] = ""


def earliest(*times: float | None) -> float | None:
    """The first of several deadlines."""
    return min((time for time in times if time is not None), default=None)

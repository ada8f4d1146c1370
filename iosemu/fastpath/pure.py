"""The heavy work on the packets of a flow, in Python: cutting, encryption, decryption, joining."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.esp.bulk import open_all, seal_all
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.tunnel import DfRule
from iosemu.fastpath.coalesce import Joined, join
from iosemu.ports.batches import Channel, channel
from iosemu.ports.offload import HEADER, finished

_PLAIN = b"\0\0"


class Sealing(NamedTuple):
    """Packets behind an offload header that fits; they stand for `packets` of at most `longest` octets. Each is to
    be behind `front` in the end, and the first one to have `identification`."""

    frames: Sequence[bytes]
    packets: int
    longest: int
    sa: EspSa
    stamp: bytes
    df_rule: DfRule
    identification: int
    front: bytes
    random: RandomBytes


class Engine(Protocol):
    """Who does the heavy work. Each worker has one of its own."""

    name: str

    def channel(self, descriptor: int) -> Channel:
        """What reads and writes an open device."""

    def forget(self) -> None:
        """SAs may have gone."""

    def seal(self, work: Sealing) -> list[bytes]:
        """The packets of frames in ESP; raises NonceExhaustedError where the SA cannot send so many."""

    def open(
        self, frames: Sequence[bytes], start: int, sa: EspSa, pseudotime: float | None
    ) -> tuple[list[Joined], float]:
        """What is inside frames whose SPI stands at `start`, joined, as `open_all` and `join` have it."""


class Pure:
    """An engine without helpers."""

    name = "Python"

    def channel(self, descriptor: int) -> Channel:
        return channel(descriptor)

    def forget(self) -> None:
        """Nothing is remembered."""

    def seal(self, work: Sealing) -> list[bytes]:
        packets = cut(work.frames)
        return seal_all(packets, work.sa, work.stamp, work.df_rule, work.identification, work.front, work.random)

    def open(
        self, frames: Sequence[bytes], start: int, sa: EspSa, pseudotime: float | None
    ) -> tuple[list[Joined], float]:
        packets, delta = open_all(frames, start, sa, pseudotime)
        return join(packets), delta


def cut(frames: Sequence[bytes]) -> list[bytes]:
    """The packets of frames whose offload headers fit."""
    packets: list[bytes] = []
    for frame in frames:
        if frame[:2] == _PLAIN:
            packets.append(frame[HEADER.size :])
        else:
            packets += finished(frame, 0)
    return packets

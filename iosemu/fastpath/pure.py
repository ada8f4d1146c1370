"""The heavy work on the packets of a flow, in Python: cutting, encryption, decryption, joining."""

from __future__ import annotations

from collections.abc import Sequence

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.esp.bulk import open_all, seal_all
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.tunnel import DfRule
from iosemu.fastpath.coalesce import Joined, join
from iosemu.ports.batches import Channel
from iosemu.ports.offload import HEADER, finished

NAME = "Python"
_PLAIN = b"\0\0"


def cut(frames: Sequence[bytes]) -> list[bytes]:
    """The packets of frames whose offload headers fit."""
    packets: list[bytes] = []
    for frame in frames:
        if frame[:2] == _PLAIN:
            packets.append(frame[HEADER.size :])
        else:
            packets += finished(frame, 0)
    return packets


def seal(
    channel: Channel,
    frames: Sequence[bytes],
    sa: EspSa,
    stamp: bytes,
    df_rule: DfRule,
    identification: int,
    front: bytes,
    random: RandomBytes,
) -> tuple[int, int]:
    """Send the packets of frames in ESP, each behind `front`: an offload header and what else there is. Returns how
    many could not be sent, and the octets of the others with their front. Raises NonceExhaustedError before any is."""
    sealed = seal_all(cut(frames), sa, stamp, df_rule, identification, front, random)
    lost = channel.send(sealed)
    return len(lost), sum(map(len, sealed)) - sum(len(sealed[number]) for number in lost)


def open(frames: Sequence[bytes], start: int, sa: EspSa, pseudotime: float | None) -> tuple[list[Joined], float]:
    """What is inside frames, joined, as `open_all` and `join` have it."""
    packets, delta = open_all(frames, start, sa, pseudotime)
    return join(packets), delta

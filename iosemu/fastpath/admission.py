"""Whether what came out of ESP may come in: it is what its SA is for, and comes for the first time."""

from __future__ import annotations

from iosemu.engines.esp.replay_window import SenderWindows
from iosemu.engines.esp.sa import FLOW_CACHE_SIZE, EspSa
from iosemu.engines.esp.verdict import flow_of
from iosemu.fastpath.lines import TOLD_APART
from iosemu.ports.offload import HEADER
from iosemu.wire.ipv4 import MINIMUM_HEADER


def admits(sa: EspSa, frame: bytes, known: set[bytes]) -> bool:
    """Whether the packet of a frame is one of those that an SA is for (RFC 4301 section 5.2); `known` is what was found
    to be."""
    mark = frame[19:20] + frame[22:34]
    if mark in known:
        return True
    if not sa.accepts(flow_of(frame[HEADER.size :])):
        return False
    if frame[19] in TOLD_APART:
        if len(known) >= FLOW_CACHE_SIZE:
            known.clear()
        known.add(mark)
    return True


def fresh(sa: EspSa, windows: SenderWindows, runs: list[list[bytes]], start: int) -> list[bool]:
    """Whether all sequence numbers of a run of authentic packets come for the first time; then they are noted."""
    at = start - MINIMUM_HEADER
    return windows.accept_runs(
        [
            [
                (sa.sender_of(frame[at:], MINIMUM_HEADER), int.from_bytes(frame[start + 4 : start + 8], "big"))
                for frame in run
            ]
            for run in runs
        ]
    )

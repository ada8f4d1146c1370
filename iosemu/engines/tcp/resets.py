"""What answers a segment that belongs to no connection (RFC 9293 section 3.10.7.1)."""

from __future__ import annotations

from iosemu.engines.tcp.sequence import wrap
from iosemu.wire.tcp import ACK, RST, Segment


def reset_for(segment: Segment) -> Segment | None:
    """The RST that the sender takes; None for a RST, which is never answered by another."""
    if segment.has(RST):
        return None
    if segment.has(ACK):
        return Segment(segment.destination_port, segment.source_port, segment.acknowledgement, 0, RST, 0)
    end = wrap(segment.sequence + segment.length)
    return Segment(segment.destination_port, segment.source_port, 0, end, RST | ACK, 0)

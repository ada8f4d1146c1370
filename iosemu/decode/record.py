"""What is said of one packet."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.wire.isakmp import Payload


@dataclass(slots=True)
class Record:
    """One packet explained. `checks` maps what was verified to the result."""

    number: int
    timestamp: float
    source: str
    destination: str
    title: str
    lines: list[str] = field(default_factory=list)
    checks: dict[str, bool] = field(default_factory=dict)
    payloads: tuple[Payload, ...] = ()

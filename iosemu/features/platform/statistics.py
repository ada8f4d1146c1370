"""The counters of a forwarding engine, which whoever runs one keeps here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from iosemu.router.names import InterfaceName
from iosemu.router.router import Router


@dataclass(slots=True)
class QueueStatistics:
    """What was read from a device: `largest` is that of the batches. The drops are in packets: `to_router` while too
    many waited for the router, `to_device` while the device took no more."""

    frames: int = 0
    batches: int = 0
    largest: int = 0
    to_router: int = 0
    to_device: int = 0


@dataclass(slots=True)
class EngineStatistics:
    """What the fast path tells of itself. `engine` is its name. `forwarded` counts packets, `handed_over` those that
    the router had to see, by reason. `flows` is how many are known at present."""

    engine: str
    workers: int = 1
    queues: dict[InterfaceName, QueueStatistics] = field(default_factory=dict)
    flows: int = 0
    forwarded: int = 0
    handed_over: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        """Begin to count anew."""
        self.queues = {name: QueueStatistics() for name in self.queues}
        self.forwarded = 0
        self.handed_over.clear()


class PlatformService:
    """Where an engine of the fast path leaves its figures for shows. `statistics` is there while an engine runs."""

    def __init__(self, router: Router) -> None:
        self.statistics: EngineStatistics | None = None

    def reconcile(self) -> None:
        """Nothing of it is configuration."""

    def stop(self) -> None:
        """Nothing runs."""

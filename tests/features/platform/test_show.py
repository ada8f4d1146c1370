"""The forwarding engine as it is shown."""

from __future__ import annotations

from collections import Counter

from iosemu.features.platform.statistics import EngineStatistics, PlatformService, QueueStatistics
from iosemu.router.names import InterfaceName
from tests.features.three_routers import build_row


def test_engine_that_does_not_run() -> None:
    typist = build_row().a
    assert typist.type("show platform software iosemu") == (
        "Forwarding engine: none, packets go through the router's own path\n"
    )
    assert typist.type("clear platform software iosemu") == ""


def test_engine_that_runs() -> None:
    typist = build_row().a
    queue = QueueStatistics(frames=1000, batches=16, largest=64, to_router=2, to_device=3)
    statistics = EngineStatistics(
        "native", 2, {InterfaceName("GigabitEthernet", "0/1"): queue}, 4, 45000, Counter({"too large": 7})
    )
    typist.router.service(PlatformService).statistics = statistics
    assert typist.type("show platform software iosemu") == (
        "Forwarding engine: native, 2 workers, 4 flows\n"
        "\n"
        "Queue                           Frames     Batches  Average  Largest\n"
        "GigabitEthernet0/1                1000          16    62.50       64\n"
        "\n"
        "Packets                                                Count\n"
        "Forwarded                                              45000\n"
        "To the router: too large                                   7\n"
        "Dropped: router busy, GigabitEthernet0/1                   2\n"
        "Dropped: device full, GigabitEthernet0/1                   3\n"
    )
    typist.type("clear platform software iosemu")
    assert (statistics.forwarded, statistics.queues[InterfaceName("GigabitEthernet", "0/1")].frames) == (0, 0)

"""show platform software iosemu, clear platform software iosemu."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, USER_EXEC, CommandTable, Context
from iosemu.features.platform.statistics import EngineStatistics, PlatformService

TABLE = CommandTable()
_HELP = "Platform information\nSoftware of the platform\nThe forwarding engine of this router"


@TABLE.command(USER_EXEC, "show platform software iosemu", f"Show running system information\n{_HELP}")
def show_engine(ctx: Context) -> str:
    statistics = ctx.router.service(PlatformService).statistics
    if statistics is None:
        return "Forwarding engine: none, packets go through the router's own path\n"
    return "".join(f"{line}\n" for line in _lines(statistics))


@TABLE.command(PRIV_EXEC, "clear platform software iosemu", f"Reset functions\n{_HELP}")
def clear_engine(ctx: Context) -> None:
    statistics = ctx.router.service(PlatformService).statistics
    if statistics is not None:
        statistics.clear()


def _lines(statistics: EngineStatistics) -> list[str]:
    workers = "1 worker" if statistics.workers == 1 else f"{statistics.workers} workers"
    lines = [
        f"Forwarding engine: {statistics.engine}, {workers}, {statistics.flows} flows",
        "",
        f"{'Queue':<26}{'Frames':>12}{'Batches':>12}{'Average':>9}{'Largest':>9}",
    ]
    for name, queue in statistics.queues.items():
        average = queue.frames / queue.batches if queue.batches else 0.0
        lines.append(f"{name!s:<26}{queue.frames:>12}{queue.batches:>12}{average:>9.2f}{queue.largest:>9}")
    lines += ["", f"{'Packets':<48}{'Count':>12}", f"{'Forwarded':<48}{statistics.forwarded:>12}"]
    handed_over = sorted(statistics.handed_over.items())
    lines += [f"{'To the router: ' + reason:<48}{count:>12}" for reason, count in handed_over]
    for name, queue in statistics.queues.items():
        lines.append(f"{f'Dropped: router busy, {name}':<48}{queue.to_router:>12}")
        lines.append(f"{f'Dropped: device full, {name}':<48}{queue.to_device:>12}")
    return lines

"""monitor event-trace gdoi, show monitor event-trace gdoi."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.gdoi.messages.event_lines import TRACES, EventLines

TABLE = CommandTable()
_NAMES = f"({'|'.join(TRACES)})"
_NAME_HELPS = """Cooperative key servers
    What went wrong
    Infrastructure
    Registrations
    Rekeys"""


@TABLE.command(
    PRIV_EXEC,
    f"monitor event-trace gdoi [{_NAMES}$name] (enable$what|disable$what|clear$what|size <1-65536>$size)",
    f"""Monitoring different system events
    Traces of events
    GDOI
    {_NAME_HELPS}
    Record events
    Record no events
    Forget what was recorded
    How many events are kept
    Number of events""",
)
def monitor(ctx: Context, what: str | None = None, size: int | None = None, name: str | None = None) -> None:
    traces = ctx.router.service(EventLines).traces
    for trace in traces.values() if name is None else (traces[name],):
        if size is not None:
            trace.resize(size)
        elif what == "clear":
            trace.entries.clear()
        else:
            trace.enabled = what == "enable"


@TABLE.command(
    PRIV_EXEC,
    f"show monitor event-trace gdoi [{_NAMES}$name] (all|latest$latest)",
    f"""Show running system information
    Monitoring different system events
    Traces of events
    GDOI
    {_NAME_HELPS}
    All events that are kept
    The events since they were shown last""",
)
def show_trace(ctx: Context, name: str | None = None, latest: str | None = None) -> str:
    lines = []
    for title in TRACES if name is None else (name,):
        trace = ctx.router.service(EventLines).traces[title]
        entries = list(trace.entries)[trace.shown :] if latest else list(trace.entries)
        trace.shown = len(trace.entries)
        lines += [f"GDOI {title} trace:", *(f"{stamp}{text}" for stamp, text in entries), ""]
    return "".join(f"{line}\n" for line in lines)

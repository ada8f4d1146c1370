"""track N stub-object, track N interface, show track."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, USER_EXEC, CommandError, CommandTable, Context
from iosemu.cli.kept import declare
from iosemu.features.track.config import (
    CONFIG_INTERFACE,
    CONFIG_STUB,
    UNWATCHED,
    InterfaceObject,
    StubObject,
    objects_of,
)
from iosemu.features.track.service import TrackService
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
_TRACK = "Object tracking configuration commands\nTracked object\n"


@TABLE.command(
    CONFIG,
    "track <1-1000>$number stub-object",
    _TRACK + "Stub tracking object",
    no="track <1-1000>$number stub-object",
)
def stub_object(ctx: Context, number: int) -> None:
    _enter(ctx, StubObject(number))


@TABLE.command(
    CONFIG,
    "track <1-1000>$number interface INTERFACE$interface (line-protocol|ip routing$routing)",
    _TRACK
    + """Select an interface to track
    Interface name
    Track interface line-protocol
    IP protocol
    Whether the interface routes: it is up and has an address""",
    no="track <1-1000>$number interface INTERFACE$interface (line-protocol|ip routing$routing)",
)
def interface_object(ctx: Context, number: int, interface: InterfaceName, routing: str | None = None) -> None:
    _enter(ctx, InterfaceObject(number, interface, bool(routing)))


def _enter(ctx: Context, item: StubObject | InterfaceObject) -> None:
    objects = objects_of(ctx.router.model).objects
    known = objects.get(item.number)
    if ctx.negated:
        objects.pop(item.number, None)
        return
    if known is None or known.words != item.words:
        objects[item.number] = item
    ctx.enter(CONFIG_STUB if isinstance(item, StubObject) else CONFIG_INTERFACE, objects[item.number])


@TABLE.command(
    CONFIG_STUB,
    "default-state (up|down)$state",
    "Default state of the object\nUp\nDown",
    no=ARGUMENTS_OPTIONAL,
)
def default_state(ctx: Context, state: str = "down") -> None:
    ctx.target.default_up = state == "up" and not ctx.negated


declare(TABLE, CONFIG_STUB, lambda ctx: ctx.target.kept, "delay = LINE\n")
declare(TABLE, CONFIG_INTERFACE, lambda ctx: ctx.target.kept, "delay = LINE\ncarrier-delay\n")
declare(TABLE, CONFIG, lambda ctx: objects_of(ctx.router.model).kept, UNWATCHED)


@TABLE.command(
    USER_EXEC, "show track [<1-1000>$number]", "Show running system information\nTracking information\nTracked object"
)
def show_track(ctx: Context, number: int | None = None) -> str:
    states = ctx.router.service(TrackService).states
    if number is not None and number not in states:
        raise CommandError(f"% Track object {number} does not exist.")
    now, lines = ctx.router.clock.now(), []
    for key in sorted(states) if number is None else (number,):
        state = states[key]
        minutes, seconds = divmod(int(now - state.since), 60)
        since = f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
        what = "Line protocol" if state.words.endswith("line-protocol") else "State"
        lines += [f"Track {key}", f"  {state.words[0].upper()}{state.words[1:]}"]
        lines.append(f"  {what} is {'Up' if state.up else 'Down'}")
        lines.append(f"    {state.changes} change{'' if state.changes == 1 else 's'}, last change {since}")
    return "".join(f"{line}\n" for line in lines)


def _paragraphs(router: Router) -> list[Lines]:
    block = objects_of(router.model)
    found = []
    for number, item in sorted(block.objects.items()):
        up = isinstance(item, StubObject) and item.default_up
        inside = [*(["default-state up"] if up else []), *item.kept.lines()]
        found.append([f"track {number} {item.words}", *(f" {line}" for line in inside)])
    return [*found, *block.kept.paragraphs()]


SECTION = Section(Place.TRACK, _paragraphs)

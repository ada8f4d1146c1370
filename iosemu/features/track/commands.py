"""track N stub-object, show track."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, USER_EXEC, CommandError, CommandTable, Context
from iosemu.cli.kept import declare
from iosemu.features.track.config import CONFIG_STUB, StubObject, StubObjects
from iosemu.features.track.service import TrackService
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()


@TABLE.command(
    CONFIG,
    "track <1-1000>$number stub-object",
    "Object tracking configuration commands\nTracked object\nStub tracking object",
    no="track <1-1000>$number stub-object",
)
def stub_object(ctx: Context, number: int) -> None:
    objects = ctx.router.model.block(StubObjects).objects
    if ctx.negated:
        objects.pop(number, None)
    else:
        ctx.enter(CONFIG_STUB, objects.setdefault(number, StubObject(number)))


@TABLE.command(
    CONFIG_STUB,
    "default-state (up|down)$state",
    "Default state of the object\nUp\nDown",
    no=ARGUMENTS_OPTIONAL,
)
def default_state(ctx: Context, state: str = "down") -> None:
    ctx.target.default_up = state == "up" and not ctx.negated


declare(TABLE, CONFIG_STUB, lambda ctx: ctx.target.kept, "delay = LINE\n")


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
        lines += [f"Track {key}", "  Stub-object", f"  State is {'Up' if state.up else 'Down'}"]
        lines.append(f"    {state.changes} change{'' if state.changes == 1 else 's'}, last change {since}")
    return "".join(f"{line}\n" for line in lines)


def _paragraphs(router: Router) -> list[Lines]:
    found = []
    for number, item in sorted(router.model.block(StubObjects).objects.items()):
        inside = [*(["default-state up"] if item.default_up else []), *item.kept.lines()]
        found.append([f"track {number} stub-object", *(f" {line}" for line in inside)])
    return found


SECTION = Section(Place.TRACK, _paragraphs)

"""debug, undebug, no debug, show debugging."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.cli.table import Handler
from iosemu.features.debug.flags import FLAGS
from iosemu.features.debug.gdoi import GDOI, listed

TABLE = CommandTable()
ALL_OFF = "All possible debugging has been turned off\n"


def _switch(flag: str, on: bool) -> Handler:
    def handler(ctx: Context, **_: object) -> str:
        active = ctx.router.debugging.active
        text = FLAGS[flag][1]
        if on:
            active.add(flag)
            return f"{text}\n"
        active.discard(flag)
        return f"{text.removesuffix('on')}off\n"

    return handler


def all_off(ctx: Context) -> str:
    ctx.router.debugging.active.clear()
    return ALL_OFF


def all_on(ctx: Context) -> str:
    ctx.router.debugging.active |= set(FLAGS)
    return "All possible debugging has been turned on\n"


for _flag in (flag for flag in FLAGS if flag != GDOI):
    _helps = "\n".join(word.upper() for word in _flag.split())
    TABLE.command(PRIV_EXEC, f"debug {_flag}", f"Debugging functions\n{_helps}")(_switch(_flag, True))
    TABLE.command(PRIV_EXEC, f"undebug {_flag}", f"Disable debugging functions\n{_helps}")(_switch(_flag, False))
    TABLE.command(PRIV_EXEC, f"no debug {_flag}", f"Disable\nDebugging functions\n{_helps}", hidden=True)(
        _switch(_flag, False)
    )
TABLE.command(PRIV_EXEC, "debug all", "Debugging functions\nEnable all debugging")(all_on)
TABLE.command(PRIV_EXEC, "undebug all", "Disable debugging functions\nDisable all debugging")(all_off)
TABLE.command(PRIV_EXEC, "no debug all", "Disable\nDebugging functions\nAll debugging", hidden=True)(all_off)


@TABLE.command(PRIV_EXEC, "show debugging", "Show running system information\nState of each debugging option")
def show_debugging(ctx: Context) -> str:
    lines: list[str] = []
    for heading in dict.fromkeys(heading for heading, _ in FLAGS.values()):
        active = [text for flag, (own, text) in FLAGS.items() if own == heading and flag in ctx.router.debugging.active]
        if heading == FLAGS[GDOI][0]:
            active += listed(ctx.router.debugging.active)
        lines += [f"{heading}:", *(f"  {text}" for text in active)] if active else []
    return "".join(f"{line}\n" for line in [*lines, ""])

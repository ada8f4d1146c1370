"""debug, undebug, no debug, show debugging."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.cli.table import Handler
from iosemu.features.debug.flags import FLAGS, GDOI, GDOI_KS_PARTS, GDOI_LEVELS, GDOI_PARTS

TABLE = CommandTable()
ALL_OFF = "All possible debugging has been turned off\n"
_OFF = {"debug": "Debugging functions", "undebug": "Disable debugging functions (see also 'debug')"}


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


def _gdoi_words() -> str:
    parts = f"gm ({'|'.join(GDOI_PARTS)})|ks ({'|'.join(GDOI_KS_PARTS)})|infra"
    return f"[(({parts}) [({'|'.join(GDOI_LEVELS)})])]"


_GDOI_HELP = "\n".join(
    [
        "Group member",
        *GDOI_PARTS,
        "Key server",
        *GDOI_KS_PARTS,
        "Infrastructure",
        *(f"{item} level" for item in GDOI_LEVELS),
    ]
)
for _flag in FLAGS:
    _words = f"{_flag} {_gdoi_words()}" if _flag == GDOI else _flag
    _helps = "\n".join([*(word.upper() for word in _flag.split()), *([_GDOI_HELP] if _flag == GDOI else [])])
    TABLE.command(PRIV_EXEC, f"debug {_words}", f"Debugging functions\n{_helps}")(_switch(_flag, True))
    TABLE.command(PRIV_EXEC, f"undebug {_words}", f"Disable debugging functions\n{_helps}")(_switch(_flag, False))
    TABLE.command(PRIV_EXEC, f"no debug {_words}", f"Disable\nDebugging functions\n{_helps}", hidden=True)(
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
        lines += [f"{heading}:", *(f"  {text}" for text in active)] if active else []
    return "".join(f"{line}\n" for line in [*lines, ""])

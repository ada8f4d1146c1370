"""show inventory: what automation asks a router about itself."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context

TABLE = CommandTable()
SERIAL = "IOSEMU0001"


@TABLE.command(
    USER_EXEC,
    "show inventory",
    """Show running system information
    Show the physical inventory""",
)
def show_inventory(ctx: Context) -> str:
    return (
        f'NAME: "IOSEMU", DESCR: "IOSEMU chassis, Hw Serial#: {SERIAL}, Hw Revision: 1.0"\n'
        f"PID: {'IOSEMU':<18}, VID: 1.0, SN: {SERIAL}\n\n\n"
    )

"""show inventory, and the serial number: what automation asks a router about itself."""

from __future__ import annotations

import hashlib

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.router.router import Router

TABLE = CommandTable()


def serial_number(router: Router) -> str:
    """Eleven characters that depend on which router of a lab this is."""
    return f"IEM{hashlib.sha256(router.identity.encode()).hexdigest()[:8].upper()}"


@TABLE.command(
    USER_EXEC,
    "show inventory",
    """Show running system information
    Show the physical inventory""",
)
def show_inventory(ctx: Context) -> str:
    serial = serial_number(ctx.router)
    return f'NAME: "Chassis", DESCR: "iosemu router chassis"\nPID: {"IOSEMU":<18}, VID: V01  , SN: {serial}\n\n\n'

"""`reload`: start again from startup-config."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, Ask, CommandTable, Context, Interaction
from iosemu.features.files.copy import save
from iosemu.features.system.service import SystemService
from iosemu.router.nvram import STARTUP_CONFIG
from iosemu.router.running_config import print_running_config

TABLE = CommandTable()


@TABLE.command(PRIV_EXEC, "reload", "Halt and perform a cold restart")
def reload(ctx: Context) -> Interaction:
    """Start again from startup-config; who runs the router decides how."""
    if ctx.router.nvram.read(STARTUP_CONFIG) != print_running_config(ctx.router).encode():
        answer = yield Ask("\nSystem configuration has been modified. Save? [yes/no]: ")
        while answer not in ("yes", "y", "no", "n"):
            yield "% Please answer 'yes' or 'no'.\n"
            answer = yield Ask("System configuration has been modified. Save? [yes/no]: ")
        if answer in ("yes", "y"):
            yield save(ctx)
    if (yield Ask("Proceed with reload? [confirm]", single_key=True)) not in ("", "y", "Y"):
        return
    restart = ctx.router.service(SystemService).reload
    if restart is None:
        yield "% This router cannot be reloaded from here.\n"
        return
    text = f"Reload requested by {ctx.session.line}. Reload Reason: Reload Command."
    ctx.router.syslog.log("SYS", 5, "RELOAD", text)
    restart()

"""startup-config: copy, write, erase, show; and reload."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, Ask, CommandError, CommandTable, Context, Interaction
from iosemu.features.system.service import SystemService
from iosemu.router.nvram import STARTUP_CONFIG
from iosemu.router.running_config import print_running_config

TABLE = CommandTable()
NVRAM_SIZE = 262144


def save(ctx: Context) -> str:
    text = print_running_config(ctx.router)
    try:
        ctx.router.nvram.write(STARTUP_CONFIG, text.encode())
    except OSError as error:
        raise CommandError(f"%Error opening nvram:/startup-config ({error.strerror})") from error
    return "Building configuration...\n[OK]\n"


@TABLE.command(
    PRIV_EXEC,
    "copy running-config startup-config",
    """Copy from one file to another
    Copy from current system configuration
    Copy to startup configuration""",
)
def copy_running_startup(ctx: Context) -> Interaction:
    answer = yield Ask("Destination filename [startup-config]? ")
    if answer not in ("", "startup-config", None):
        yield f"%Error opening nvram:/{answer} (No such file or directory)\n"
        return
    yield save(ctx)


@TABLE.command(PRIV_EXEC, "write [memory]", "Write running configuration\nWrite to NV memory")
def write_memory(ctx: Context) -> str:
    return save(ctx)


@TABLE.command(
    PRIV_EXEC,
    "show startup-config",
    """Show running system information
    Contents of startup configuration""",
)
def show_startup_config(ctx: Context) -> str:
    data = ctx.router.nvram.read(STARTUP_CONFIG)
    if data is None:
        return "startup-config is not present\n"
    return f"Using {len(data)} out of {NVRAM_SIZE} bytes\n{data.decode(errors='replace')}\n"


def erase_startup_config(ctx: Context) -> Interaction:
    question = "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]"
    if (yield Ask(question, single_key=True)) in ("", "y", "Y"):
        ctx.router.nvram.delete(STARTUP_CONFIG)
        yield "[OK]\nErase of nvram: complete\n"
        ctx.router.syslog.log("SYS", 7, "NV_BLOCK_INIT", "Initialized the geometry of nvram")


TABLE.command(PRIV_EXEC, "erase startup-config", "Erase a filesystem\nErase contents of configuration memory")(
    erase_startup_config
)
TABLE.command(PRIV_EXEC, "write erase", "Write running configuration\nErase NV memory")(erase_startup_config)


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

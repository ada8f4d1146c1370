"""`copy`: with the questions of IOS, between the router's own files and into its running configuration."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from iosemu.cli import (
    PRIV_EXEC,
    Ask,
    Caution,
    CommandError,
    CommandTable,
    Context,
    Interaction,
    Refusal,
    Step,
    Wait,
    load_config,
    read_as_text,
)
from iosemu.features.files.config import FilePrompt
from iosemu.features.files.http import HTTP, complete, fetch
from iosemu.features.files.url import RUNNING_CONFIG, Url, exists, parse_url, read, remove, write
from iosemu.router.nvram import STARTUP_CONFIG
from iosemu.router.running_config import print_running_config

TABLE = CommandTable()
CONFIRMED = ("", "y", "Y")
REMOTE_TIMEOUT = 8.0
_PLACES = "(flash:|flash0:|ftp:|http:|https:|null:|nvram:|running-config|scp:|sftp:|startup-config|system:|tftp:|WORD)"
_HELPS = """file system
file system
file system
file system
file system
file system
file system
system configuration
file system
file system
startup configuration
file system
file system
URL of a file"""


@TABLE.command(
    PRIV_EXEC,
    f"copy {_PLACES}$source {_PLACES}$destination",
    "\n".join(
        ["Copy from one file to another", *(f"Copy from {text}" for text in _HELPS.splitlines())]
        + [f"Copy to {text}" for text in _HELPS.splitlines()]
    ),
)
def copy(ctx: Context, source: str, destination: str) -> Interaction:
    origin, target = parse_url(ctx.session, source), parse_url(ctx.session, destination)
    if target.is_remote or (origin.is_remote and origin.scheme != HTTP):
        yield from _remote(ctx, origin, target)
        return
    if origin.is_remote:
        origin = yield from complete(origin)
    elif origin.is_flash and not origin.path:
        origin = replace(origin, path=(yield Ask("Source filename []? ")) or "")
    data = b"" if origin.is_remote else read(ctx.router, origin)
    chosen = yield from _destination(ctx, origin, target)
    if chosen is None:
        return
    target = chosen
    started = ctx.router.clock.now()
    if origin.is_remote:
        data = yield from fetch(ctx.router, origin)
    if target == Url("system:", RUNNING_CONFIG):
        yield from merge(ctx, data)
    elif (origin, target) == (Url("system:", RUNNING_CONFIG), Url("nvram:", STARTUP_CONFIG)):
        yield save(ctx)
        return
    else:
        write(ctx.router, target, data)
    elapsed = max(ctx.router.clock.now() - started, 0.001)
    yield f"{len(data)} bytes copied in {elapsed:.3f} secs ({int(len(data) / elapsed)} bytes/sec)\n"


def _destination(ctx: Context, origin: Url, target: Url) -> Generator[Step, str | None, Url | None]:
    """Ask where to; the result is the destination, None when the user does not want to overwrite what is there."""
    level = ctx.router.model.block(FilePrompt).level
    offered = target.name or origin.name
    if level != "quiet" and target.scheme != "null:":
        answer = yield Ask(f"Destination filename [{offered}]? ")
        if answer and target.is_flash and answer != offered:
            target = parse_url(ctx.session, answer if ":" in answer else f"{target.scheme}{answer}")
        elif answer and answer != offered:
            raise CommandError(f"%Error opening {target.scheme}/{answer} (No such file or directory)")
    if not target.path and target.scheme != "null:":
        target = replace(target, path=offered)
    if level != "quiet" and exists(ctx.router, target):
        yield "%Warning:There is a file already existing with this name\n"
        if (yield Ask("Do you want to over write? [confirm]", single_key=True)) not in CONFIRMED:
            return None
    return target


def merge(ctx: Context, data: bytes) -> Interaction:
    """Add the lines of a file to the running configuration; what is refused, or taken with a warning, is shown as a
    console would show it."""
    cautions: list[Caution] = []
    refusals = load_config(ctx.router, ctx.session.grammar, read_as_text(data), warn=cautions.append)
    found: list[Refusal | Caution] = [*refusals, *cautions]
    for item in sorted(found, key=lambda item: item.number):
        yield f"{item.text}\n"
        if isinstance(item, Caution):
            yield item.printed
        elif item.column is None:
            yield f"% {item.reason}\n"
        else:
            yield f"{' ' * item.column}^\n% Invalid input detected at '^' marker.\n\n"
    ctx.session.note_change()
    ctx.router.tell_configured("memory", ctx.session.actor)


def save(ctx: Context) -> str:
    """Write the running configuration to NVRAM."""
    write(ctx.router, Url("nvram:", STARTUP_CONFIG), print_running_config(ctx.router).encode())
    ctx.router.history.saved(ctx.router.calendar.utc(), ctx.session.user)
    return "Building configuration...\n[OK]\n"


def _remote(ctx: Context, origin: Url, target: Url) -> Interaction:
    """Ask what IOS asks; nothing speaks these protocols here (over HTTP files only come), so nobody ever answers."""
    remote = origin if origin.is_remote else target
    host, _, path = remote.path.strip("/").partition("/")
    if not host:
        host = (yield Ask("Address or name of remote host []? ")) or ""
        if not host:
            raise CommandError("%Bad IP address or host name")
    if origin.is_remote:
        path = path or (yield Ask("Source filename []? ")) or ""
        yield Ask(f"Destination filename [{target.name or path}]? ")
        yield f"Accessing {remote.scheme}//{host}/{path}...\n"
    else:
        path = (yield Ask(f"Destination filename [{path or origin.name}]? ")) or path or origin.name
    yield Wait(REMOTE_TIMEOUT)
    yield f"%Error opening {remote.scheme}//{host}/{path} (Timed out)\n"


@TABLE.command(PRIV_EXEC, "write [memory]", "Write running configuration\nWrite to NV memory")
def write_memory(ctx: Context) -> str:
    return save(ctx)


@TABLE.command(PRIV_EXEC, "write network", "Write running configuration\nWrite to network TFTP server", kept=True)
def write_network(ctx: Context) -> str:
    return "This command has been replaced by the command:\n         'copy system:/running-config <url>'\n"


def erase_startup_config(ctx: Context) -> Interaction:
    question = "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]"
    if (yield Ask(question, single_key=True)) in CONFIRMED:
        remove(ctx.router, Url("nvram:", STARTUP_CONFIG))
        yield "[OK]\nErase of nvram: complete\n"
        ctx.router.syslog.log("SYS", 7, "NV_BLOCK_INIT", "Initialized the geometry of nvram")


for _spec, _text in (
    ("erase startup-config", "Erase a filesystem\nErase contents of configuration memory"),
    ("erase nvram:", "Erase a filesystem\nFilesystem to be erased"),
    ("write erase", "Write running configuration\nErase NV memory"),
):
    TABLE.command(PRIV_EXEC, _spec, _text)(erase_startup_config)


@TABLE.command(PRIV_EXEC, "configure memory", "Enter configuration mode\nConfigure from NV memory")
def configure_memory(ctx: Context) -> Interaction:
    yield from merge(ctx, read(ctx.router, Url("nvram:", STARTUP_CONFIG)))

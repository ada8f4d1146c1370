"""What is there: dir, more, pwd, cd, show flash:, show file systems, show startup-config."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, USER_EXEC, CommandError, CommandTable, Context, read_as_text
from iosemu.features.files.url import NVRAM_FILES, RUNNING_CONFIG, Url, parse_url, read
from iosemu.router.flash import TOTAL, FlashEntry, FlashError
from iosemu.router.nvram import STARTUP_CONFIG

TABLE = CommandTable()
NVRAM_SIZE = 262144
_SHOW = "Show running system information\n"


def _row(number: int, entry: FlashEntry) -> str:
    mode = "drw-" if entry.is_folder else "-rw-"
    return f"{number:5}  {mode}  {entry.size:10}  {_when(entry):>27}  {entry.name}\n"


def _when(entry: FlashEntry) -> str:
    return f"{entry.modified:%b} {entry.modified.day} {entry.modified:%Y %H:%M:%S} +00:00"


def _flash(ctx: Context, url: Url, recursive: bool) -> str:
    flash = ctx.router.flash
    try:
        found = flash.find(url.path) if url.path else None
        if url.path and found is None:
            raise CommandError(f"%Error opening {url} (No such file or directory)")
        if found is not None and not found.is_folder:
            shown, heading = [found], str(url)
        else:
            shown, heading = flash.entries(url.path, recursive), f"{url}" if url.path else f"{url.scheme}/"
    except FlashError as error:
        raise CommandError(f"%Error opening {url} ({error})") from error
    rows = "".join(_row(number, entry) for number, entry in enumerate(shown, start=1))
    body = f"{rows}\n" if rows else "No files in directory\n\n"
    return f"Directory of {heading}\n\n{body}{TOTAL} bytes total ({flash.free} bytes free)\n"


def _nvram(ctx: Context) -> str:
    data = ctx.router.nvram.read(STARTUP_CONFIG) or b""
    found = [(name, size) for name, _, size, _ in ctx.router.nvram.tree(NVRAM_FILES)]
    rows = [f"{number:5}  -rw-  {size:10}  {'<no date>':>27}  {name}\n" for number, (name, size) in enumerate(found, 1)]
    rows += [f"  190  -rw-  {len(data):10}  {'<no date>':>27}  {STARTUP_CONFIG}\n"] if data else []
    free = NVRAM_SIZE - len(data) - sum(size for _, size in found)
    return f"Directory of nvram:/\n\n{''.join(rows)}\n{NVRAM_SIZE} bytes total ({free} bytes free)\n"


def _system(ctx: Context) -> str:
    size = len(read(ctx.router, Url("system:", RUNNING_CONFIG)))
    row = f"    2  -rw-  {size:10}  {'<no date>':>27}  {RUNNING_CONFIG}\n"
    return f"Directory of system:/\n\n{row}\nNo space information available\n"


@TABLE.command(USER_EXEC, "dir all-filesystems", "List files on a filesystem\nList files on all filesystems")
def every_directory(ctx: Context) -> str:
    return "\n".join([_system(ctx), _flash(ctx, Url("flash0:", ""), False), _nvram(ctx)])


@TABLE.command(
    USER_EXEC,
    "dir [(/all|/recursive)$option] [WORD$name]",
    """List files on a filesystem
    List all files
    List files recursively
    Directory or file name""",
)
def directory(ctx: Context, option: str = "", name: str = "") -> str:
    url = parse_url(ctx.session, name) if name else Url("flash0:", ctx.session.directory)
    if url.scheme == "nvram:":
        return _nvram(ctx)
    if url.scheme == "system:":
        return _system(ctx)
    if not url.is_flash:
        raise CommandError(f"%Error opening {url} (Permission denied)")
    return _flash(ctx, url, option == "/recursive")


@TABLE.command(PRIV_EXEC, "more WORD$name", "Display the contents of a file\nFile to display")
def more(ctx: Context, name: str) -> str:
    text = read_as_text(read(ctx.router, parse_url(ctx.session, name)))
    return text if text.endswith("\n") or not text else f"{text}\n"


@TABLE.command(USER_EXEC, "pwd", "Display current working directory")
def pwd(ctx: Context) -> str:
    return f"flash0:/{ctx.session.directory}\n"


@TABLE.command(USER_EXEC, "cd [WORD$name]", "Change current directory\nDirectory name")
def change_directory(ctx: Context, name: str = "flash0:") -> None:
    if name == "..":
        ctx.session.directory = ctx.session.directory.rpartition("/")[0]
        return
    url = parse_url(ctx.session, name)
    try:
        found = ctx.router.flash.find(url.path) if url.is_flash and url.path else None
    except FlashError as error:
        raise CommandError(f"%Error changing dir {url} ({error})") from error
    if not url.is_flash or (url.path and (found is None or not found.is_folder)):
        raise CommandError(f"%Error changing dir {url} (No such file or directory)")
    ctx.session.directory = url.path


def show_flash(ctx: Context) -> str:
    rows = ["-#- --length-- -----date/time------ path"]
    for number, entry in enumerate(ctx.router.flash.entries(recursive=True), start=1):
        rows.append(f"{number:<4}{entry.size:10} {_when(entry):27} /{entry.path}")
    free = ctx.router.flash.free
    return "".join(f"{row}\n" for row in [*rows, "", f"{free} bytes available ({TOTAL - free} bytes used)"])


for _name in ("flash:", "flash0:", "flash"):
    TABLE.command(
        PRIV_EXEC,
        f"show {_name}",
        f"{_SHOW}display information about flash: file system",
        hidden=not _name.endswith(":"),
    )(show_flash)


@TABLE.command(PRIV_EXEC, "show file systems", f"{_SHOW}Show filesystem information\nList filesystems")
def show_file_systems(ctx: Context) -> str:
    used = len(ctx.router.nvram.read(STARTUP_CONFIG) or b"")
    rows = [
        ("-", "-", "opaque", "rw", "system:"),
        ("-", "-", "opaque", "rw", "null:"),
        ("*", str(TOTAL), str(ctx.router.flash.free), "disk", "rw", "flash0: flash:#"),
        (str(NVRAM_SIZE), str(NVRAM_SIZE - used), "nvram", "rw", "nvram:"),
    ]
    lines = ["File Systems:", "", "       Size(b)       Free(b)      Type  Flags  Prefixes"]
    for row in rows:
        star, size, free, kind, flags, prefix = row if len(row) == 6 else ("", *row)
        lines.append(f"{star:1}{size:>13}{free:>14}{kind:>10}{flags:>7}   {prefix}")
    return "".join(f"{line}\n" for line in [*lines, ""])


@TABLE.command(PRIV_EXEC, "show configuration", f"{_SHOW}Contents of Non-Volatile memory")
@TABLE.command(PRIV_EXEC, "show startup-config", f"{_SHOW}Contents of startup configuration")
def show_startup_config(ctx: Context) -> str:
    data = ctx.router.nvram.read(STARTUP_CONFIG)
    if data is None:
        return "startup-config is not present\n"
    return f"Using {len(data)} out of {NVRAM_SIZE} bytes\n{read_as_text(data)}\n"

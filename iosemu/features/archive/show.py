"""show archive."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandTable, Context, read_as_text
from iosemu.features.archive.diff import contextual, missing
from iosemu.features.archive.replace_commands import NOTHING_PENDING
from iosemu.features.archive.service import ArchiveService
from iosemu.features.archive.tree import ConfigNode, parse_tree
from iosemu.features.files.url import parse_url, read

TABLE = CommandTable()
_SHOW = "Show running system information\nArchive of the running configuration information\n"
NO_CHANGES = "!No changes were found\n"


def _tree(ctx: Context, name: str) -> list[ConfigNode]:
    return parse_tree(read_as_text(read(ctx.router, parse_url(ctx.session, name))))


@TABLE.command(PRIV_EXEC, "show archive", _SHOW)
def show_archive(ctx: Context) -> str:
    service = ctx.router.service(ArchiveService)
    config = service.config
    if config.path is None:
        return " Archive feature not enabled\n"
    next_name = f"{config.path}<timestamp>-{service.count}"
    lines = [
        f"The maximum archive configurations allowed is {config.maximum}.",
        f"The next archive file will be named {next_name}",
        " Archive #  Name",
    ]
    for number in range(1, config.maximum + 1):
        name = service.copies[number - 1] if number <= len(service.copies) else ""
        recent = " <- Most Recent" if number == len(service.copies) else ""
        lines.append(f"   {number:<9}{name}{recent} ")
    return "".join(f"{line}\n" for line in lines)


@TABLE.command(
    PRIV_EXEC,
    "show archive config differences [WORD$old [WORD$new]] [ignorecase]",
    f"""{_SHOW}Config files
    Show differences of two configuration files
    First file
    Second file
    Ignore the case of the configuration""",
)
def differences(ctx: Context, old: str = "system:running-config", new: str = "nvram:startup-config") -> str:
    lines = contextual(_tree(ctx, old), _tree(ctx, new))
    if not lines:
        return NO_CHANGES
    return "".join(f"{line}\n" for line in ["", "!Contextual Config Diffs:", *lines, ""])


@TABLE.command(
    PRIV_EXEC,
    "show archive config incremental-diffs WORD$name [ignorecase$ignorecase]",
    f"""{_SHOW}Config files
    Show what a file would change
    File with configuration lines
    Ignore the case of the configuration""",
)
def incremental(ctx: Context, name: str, ignorecase: str = "") -> str:
    lines = missing(_tree(ctx, "system:running-config"), _tree(ctx, name), bool(ignorecase))
    return "".join(f"{line}\n" for line in ["!List of Commands:", *lines, "end", ""]) if lines else NO_CHANGES


@TABLE.command(
    PRIV_EXEC,
    "show archive config rollback timer",
    f"{_SHOW}Config files\nRollback Confirmed Change\nIts timer",
)
def rollback_timer(ctx: Context) -> str:
    pending = ctx.router.service(ArchiveService).pending
    if pending is None:
        return f"{NOTHING_PENDING}\n"
    when = pending.configured
    return (
        f"Time configured(UTC): {when:%H:%M:%S} UTC {when:%a %b} {when.day} {when.year}\n"
        f"Timer type: absolute timer\nTimer value: {pending.minutes} min\nUser: {pending.user}\n"
    )


@TABLE.command(
    PRIV_EXEC,
    "show archive log config (all|<1-2147483647>)",
    f"{_SHOW}Show logs\nConfig logger\nEvery entry\nFrom this entry on",
)
def show_log(ctx: Context) -> str:
    rows = [" idx   sess           user@line      Logged command"]
    for item in ctx.router.service(ArchiveService).commands:
        rows.append(f"{item.index:5}{1:6}{f'{item.user}@{item.line}':>20}  |  {item.text} ")
    return "".join(f"{row}\n" for row in rows)

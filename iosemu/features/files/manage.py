"""Changing what is there: delete, rename, mkdir, rmdir, verify."""

from __future__ import annotations

import hashlib

from iosemu.cli import PRIV_EXEC, Ask, CommandError, CommandTable, Context, Interaction
from iosemu.features.files.config import FilePrompt
from iosemu.features.files.url import Url, parse_url, read
from iosemu.router.flash import FlashError

TABLE = CommandTable()
CONFIRMED = ("", "y", "Y")


def _on_flash(ctx: Context, name: str) -> Url:
    url = parse_url(ctx.session, name)
    if not url.is_flash:
        raise CommandError(f"%Error opening {url} (Permission denied)")
    return url


def _quiet(ctx: Context) -> bool:
    return ctx.router.model.block(FilePrompt).level == "quiet"


@TABLE.command(
    PRIV_EXEC,
    "delete {/force$force|/recursive$recursive} WORD$name",
    """Delete a file
    Do not ask for confirmation
    Recursive delete
    File to be deleted""",
)
def delete(ctx: Context, name: str, force: str = "", recursive: str = "") -> Interaction:
    url = _on_flash(ctx, name)
    if not force and not _quiet(ctx):
        answer = yield Ask(f"Delete filename [{url.path}]? ")
        url = _on_flash(ctx, answer if ":" in answer else f"{url.scheme}{answer}") if answer else url
        if (yield Ask(f"Delete {url}? [confirm]", single_key=True)) not in CONFIRMED:
            return
    try:
        found = ctx.router.flash.find(url.path)
        if found is not None and found.is_folder and recursive:
            _delete_tree(ctx, found.path)
        else:
            ctx.router.flash.delete(url.path)
    except FlashError as error:
        raise CommandError(f"%Error deleting {url} ({error})") from error


def _delete_tree(ctx: Context, path: str) -> None:
    flash = ctx.router.flash
    for entry in sorted(flash.entries(path, recursive=True), key=lambda item: item.path, reverse=True):
        if entry.is_folder:
            flash.remove_folder(entry.path)
        else:
            flash.delete(entry.path)
    flash.remove_folder(path)


@TABLE.command(PRIV_EXEC, "rename WORD$old WORD$new", "Rename a file\nFile to be renamed\nNew name")
def rename(ctx: Context, old: str, new: str) -> Interaction:
    source, destination = _on_flash(ctx, old), _on_flash(ctx, new)
    if not _quiet(ctx):
        answer = yield Ask(f"Destination filename [{destination.path}]? ")
        destination = _on_flash(ctx, answer) if answer else destination
    try:
        ctx.router.flash.rename(source.path, destination.path)
    except FlashError as error:
        raise CommandError(f"%Error renaming {source} ({error})") from error


@TABLE.command(PRIV_EXEC, "mkdir WORD$name", "Create new directory\nDirectory name")
def mkdir(ctx: Context, name: str) -> Interaction:
    url = _on_flash(ctx, name)
    if not _quiet(ctx):
        answer = yield Ask(f"Create directory filename [{url.path}]? ")
        url = _on_flash(ctx, answer) if answer else url
    try:
        ctx.router.flash.make_folder(url.path)
    except FlashError as error:
        raise CommandError(f"%Error Creating dir {url} ({error})") from error
    yield f"Created dir {url}\n"


@TABLE.command(PRIV_EXEC, "rmdir WORD$name", "Remove existing directory\nDirectory name")
def rmdir(ctx: Context, name: str) -> Interaction:
    url = _on_flash(ctx, name)
    if not _quiet(ctx):
        answer = yield Ask(f"Remove directory filename [{url.path}]? ")
        url = _on_flash(ctx, answer) if answer else url
        if (yield Ask(f"Delete {url}? [confirm]", single_key=True)) not in CONFIRMED:
            return
    try:
        ctx.router.flash.remove_folder(url.path)
    except FlashError as error:
        raise CommandError(f"%Error Removing dir {url} ({error})") from error
    yield f"Removed dir {url}\n"


@TABLE.command(
    PRIV_EXEC,
    "verify [/md5] WORD$name [WORD$digest]",
    "Verify a file\nCompute an md5 signature for a file\nFile to be verified\nExpected md5 signature",
)
def verify(ctx: Context, name: str, digest: str = "") -> Interaction:
    url = parse_url(ctx.session, name)
    found = hashlib.md5(read(ctx.router, url), usedforsecurity=False).hexdigest()
    yield f"{'.' * 20}Done!\n"
    if not digest:
        yield f"verify /md5 ({url}) = {found}\n\n"
    elif digest.lower() == found:
        yield f"Verified ({url}) = {found}\n\n"
    else:
        yield f"%Error verifying {url}\nComputed signature  = {found}\nSubmitted signature = {digest}\n\n"

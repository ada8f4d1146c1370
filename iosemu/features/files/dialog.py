"""The questions that other features ask for the name of a file, and the text that names the file in use."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from iosemu.cli import Ask, Context, Step, yes_or_no
from iosemu.features.files.config import FilePrompt
from iosemu.features.files.url import Url, exists, parse_url, read, write


def read_file(ctx: Context, url: Url, offered: str) -> Generator[Step, str | None, bytes]:
    """Ask for the name, `offered` being the usual one, and read the file; raises CommandError."""
    chosen = yield from _choose(ctx, url, offered, "Source")
    data = read(ctx.router, chosen)
    yield f"Reading file from {chosen.scheme}{chosen.path}\n"
    return data


def write_file(ctx: Context, url: Url, offered: str, data: bytes) -> Generator[Step, str | None, bool]:
    """Ask for the name and write the file; False when the user keeps what is there. Raises CommandError."""
    chosen = yield from _choose(ctx, url, offered, "Destination")
    if ctx.router.model.block(FilePrompt).level != "quiet" and exists(ctx.router, chosen):
        yield "% File '" + f"{chosen.scheme}{chosen.path}' already exists.\n"
        if not (yield from yes_or_no("% Do you really want to overwrite it? [yes/no]: ")):
            return False
    write(ctx.router, chosen, data)
    yield f"Writing file to {chosen.scheme}{chosen.path}\n"
    return True


def _choose(ctx: Context, url: Url, offered: str, what: str) -> Generator[Step, str | None, Url]:
    answer = (yield Ask(f"{what} filename [{offered}]? ")) or offered
    return parse_url(ctx.session, answer) if ":" in answer else replace(url, path=answer.strip("/"))

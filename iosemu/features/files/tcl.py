"""`tclsh`: as much of Tcl as clients use to write a file. Every line that is no `puts` is an EXEC command."""

from __future__ import annotations

import re
from dataclasses import dataclass

from iosemu.cli import PRIV_EXEC, CommandError, CommandTable, Context, Interaction, Mode, Session
from iosemu.features.files.url import parse_url
from iosemu.router.flash import FlashError

TABLE = CommandTable()
_LEAVE = ("exit", "tclquit")
_PUTS = re.compile(
    r"\s*puts\s+(?P<bare>-nonewline\s+)?"
    r'(?:\[\s*open\s+"?(?P<name>[^"\s\]]+)"?(?:\s+(?P<access>[rwa]\+?))?\s*\]\s*)?(?P<text>\S.*)',
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(slots=True)
class _Script:
    """What was typed of a command that goes on in the next line; None when there is none."""

    begun: str | None = None


def _run(session: Session, script: _Script, line: str) -> Interaction:
    if script.begun is not None:
        text = f"{script.begun}\n{line}"
    elif line.strip().lower() in _LEAVE:
        session.unwind(session.depth - 1)
        return
    elif line.split()[:1] != ["puts"]:
        yield from session.execute_exec(line)
        return
    else:
        text = line
    if _open_braces(text) > 0:
        if script.begun is None:
            session.enter(TCL_TEXT, script)
        script.begun = text
        return
    if script.begun is not None:
        script.begun = None
        session.unwind(session.depth - 1)
    yield from _puts(session, text)


TCL = Mode("tcl", "(tcl)#", "Exec commands:", shell=_run)
# The rest of a text in braces.
TCL_TEXT = Mode("tcl-text", "+>", "Exec commands:", shell=_run)


@TABLE.command(PRIV_EXEC, "tclsh", "Tool Command Language shell")
def tclsh(ctx: Context) -> None:
    ctx.enter(TCL, _Script())


def _open_braces(text: str) -> int:
    """How many braces are still open; one behind a backslash does not count."""
    plain = re.sub(r"\\.", "", text, flags=re.DOTALL)
    return plain.count("{") - plain.count("}")


def _puts(session: Session, text: str) -> Interaction:
    found = _PUTS.fullmatch(text)
    if found is None:
        yield 'wrong # args: should be "puts ?-nonewline? ?channelId? string"\n\n'
        return
    written = _value(found["text"].rstrip()) + ("" if found["bare"] else "\n")
    if found["name"] is None:
        yield written
    elif not (found["access"] or "r").startswith(("w", "a")):
        yield 'channel "file0" wasn\'t opened for writing\n\n'
    else:
        yield from _store(session, found["name"], written, append=found["access"].startswith("a"))


def _value(word: str) -> str:
    """A word of Tcl: as it stands in braces, with escapes in quotes or without either."""
    if word.startswith("{") and word.endswith("}"):
        return word[1:-1]
    if len(word) > 1 and word.startswith('"') and word.endswith('"'):
        word = word[1:-1]
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), word, flags=re.DOTALL)


def _store(session: Session, name: str, text: str, append: bool) -> Interaction:
    flash = session.router.flash
    try:
        url = parse_url(session, name)
        if not url.is_flash:
            raise FlashError("Permission denied")
        before = flash.read(url.path) if append and flash.find(url.path) is not None else b""
        flash.write(url.path, before + text.encode())
    except CommandError:
        yield f'couldn\'t open "{name}": no such file or directory\n\n'
    except FlashError as error:
        yield f'couldn\'t open "{name}": {str(error).lower()}\n\n'

"""`banner`: a text of many lines, up to its delimiter."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.cli import CONFIG, CommandError, CommandTable, Context, Mode, Session
from iosemu.features.banner.config import DELIMITER, OTHER_DELIMITERS, Banners

TABLE = CommandTable()
_KIND = "(exec|incoming|login|motd)$kind"
_HELP = """Define a login banner
Set EXEC process creation banner
Set incoming terminal line banner
Set login banner
Set Message of the Day banner"""


@dataclass(slots=True)
class _Reader:
    """Collects lines until the delimiter comes."""

    session: Session
    banners: Banners
    kind: str
    delimiter: str
    text: str

    @property
    def end(self) -> str:
        """What ends the text."""
        return self.delimiter

    def take(self, line: str) -> None:
        before, found, _ = line.partition(self.delimiter)
        self.text += before
        if found:
            if not all(item in self.text for item in (DELIMITER, *OTHER_DELIMITERS)):
                self.banners.texts[self.kind] = self.text
            self.session.unwind(self.session.depth - 1)
        else:
            self.text += "\n"


def _take(reader: _Reader, line: str) -> None:
    reader.take(line)


READING = Mode("banner", "", "", CONFIG, raw=_take, verbatim=True)


@TABLE.command(
    CONFIG,
    f"banner {_KIND} LINE$text",
    f"{_HELP}\nc banner-text c, where 'c' is a delimiting character",
    no=f"banner {_KIND}",
)
def banner(ctx: Context, kind: str, text: str = "") -> str | None:
    banners = ctx.router.model.block(Banners)
    if ctx.negated:
        banners.texts.pop(kind, None)
        return None
    delimiter = DELIMITER if text.startswith(DELIMITER) else text[0]
    body, found, _ = text[len(delimiter) :].partition(delimiter)
    if found:
        if all(item in body for item in (DELIMITER, *OTHER_DELIMITERS)):
            raise CommandError("% The text has every character in it that could be its delimiter.")
        banners.texts[kind] = body
        return None
    ctx.enter(READING, _Reader(ctx.session, banners, kind, delimiter, f"{body}\n"))
    return f"Enter TEXT message.  End with the character '{delimiter}'.\n"

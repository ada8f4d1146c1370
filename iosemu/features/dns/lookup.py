"""A single word that is no command is taken for the name of a host to connect to."""

from __future__ import annotations

from iosemu.cli import CommandError, CommandTable, Context, Interaction, Wait
from iosemu.features.dns.config import BROADCAST, NamesConfig, resolve
from iosemu.features.line.service import line_of

TABLE = CommandTable()
# A real router asks three times; this is how long somebody has to wait before nobody has answered.
PATIENCE = 2.0
UNKNOWN = "% Unknown command or computer name, or unable to find computer address\n"


def translate(ctx: Context, word: str) -> Interaction:
    """Look a name up. There is no telnet client: a name that is known leads to no connection."""
    if line_of(ctx.session).setting("transport preferred") == ["none"]:
        raise CommandError(at=word)
    names = ctx.router.model.block(NamesConfig)
    known = resolve(ctx.router.model, word)
    if known is not None:
        yield f"Trying {word} ({known})... \n% Connection refused by remote host\n\n"
    elif not names.lookup:
        yield f'Translating "{word}"\n{UNKNOWN}'
    else:
        servers = [str(server) for server in names.servers.get("", [])] or [BROADCAST]
        for server in servers:
            yield f'Translating "{word}"...domain server ({server})'
            yield Wait(PATIENCE)
            yield "\n"
        yield UNKNOWN


TABLE.fallback = translate

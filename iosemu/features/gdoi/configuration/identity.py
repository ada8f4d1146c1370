"""`crypto identity`: lists of names that `authorization identity` admits."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context
from iosemu.cli.modes import Mode
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.engines.gdoi.authorization import IdentityList
from iosemu.router.model import Model
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
CRYPTO_IDENTITY = Mode("config-crypto-identity", "(config-crypto-identity)", "Crypto identity commands:", CONFIG)


@dataclass
class CryptoIdentity:
    """One list; `dns` and `fqdns` in the order in which they were entered."""

    name: str
    description: str | None = None
    dns: list[str] = field(default_factory=list)
    fqdns: list[str] = field(default_factory=list)

    def lines(self) -> Lines:
        """Its block of the running-config."""
        lines = [f"crypto identity {self.name}"]
        lines += [f" description {self.description}"] if self.description else []
        return [*lines, *(f" dn {dn}" for dn in self.dns), *(f" fqdn {name}" for name in self.fqdns)]


@dataclass
class CryptoIdentities:
    """All lists by name."""

    lists: dict[str, CryptoIdentity] = field(default_factory=dict)


def identity_list(model: Model, name: str) -> IdentityList:
    """The list of a name for the engine; one that does not exist admits nobody."""
    found = model.block(CryptoIdentities).lists.get(name)
    if found is None:
        return IdentityList()
    return IdentityList(tuple(found.fqdns), tuple(Name.from_text(dn) for dn in found.dns))


@TABLE.command(
    CONFIG,
    "crypto identity WORD$name",
    "Encryption module\nEnter a crypto identity list\nName",
    no="crypto identity WORD$name",
)
def crypto_identity(ctx: Context, name: str) -> None:
    lists = ctx.router.model.block(CryptoIdentities).lists
    if ctx.negated:
        lists.pop(name, None)
    else:
        ctx.enter(CRYPTO_IDENTITY, lists.setdefault(name, CryptoIdentity(name)))


@TABLE.command(CRYPTO_IDENTITY, "description LINE$text", "Description\nText", no=ARGUMENTS_OPTIONAL)
def description(ctx: Context, text: str | None = None) -> None:
    ctx.target.description = None if ctx.negated else text


@TABLE.command(
    CRYPTO_IDENTITY, "dn LINE$name", "Distinguished name\nAttributes, such as cn=GM1,o=lab", no=ARGUMENTS_OPTIONAL
)
def distinguished_name(ctx: Context, name: str | None = None) -> None:
    try:
        Name.from_text(name or "")
    except CryptoError as error:
        if not ctx.negated:
            raise CommandError(f"% {name}: {error}") from error
    _edit(ctx, ctx.target.dns, name)


@TABLE.command(CRYPTO_IDENTITY, "fqdn WORD$name", "Fully qualified domain name\nName", no=ARGUMENTS_OPTIONAL)
def fqdn(ctx: Context, name: str | None = None) -> None:
    _edit(ctx, ctx.target.fqdns, name)


def _edit(ctx: Context, names: list[str], name: str | None) -> None:
    if ctx.negated:
        names[:] = [item for item in names if name is not None and item != name]
    elif name is not None and name not in names:
        names.append(name)


def _paragraphs(router: Router) -> list[Lines]:
    return [item.lines() for item in router.model.block(CryptoIdentities).lists.values()]


SECTION = Section(Place.KEYRING, _paragraphs)

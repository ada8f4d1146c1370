"""`key chain`, its keys, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context, Mode
from iosemu.features.accounts.config import Accounts, hidden
from iosemu.features.accounts.passwords import Secret, well_formed
from iosemu.features.key_chain.config import Key, KeyChain, KeyChains
from iosemu.features.key_chain.lifetime import read_lifetime

TABLE = CommandTable()
CHAIN = Mode("key chain", "(config-keychain)", "Key-chain configuration commands:", CONFIG)
KEY = Mode("key chain/key", "(config-keychain-key)", "Key-chain key configuration commands:", CHAIN)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A key with its chain: the next `key` line may be typed behind this one."""

    chain: KeyChain
    key: Key


@TABLE.command(
    CONFIG,
    "key chain WORD$name [(macsec|tcp)$kind]",
    "Key management\nKey-chain management\nKey-chain name\nMACsec key chain\nTCP key chain",
    no="key chain WORD$name",
    kept=True,
)
def key_chain(ctx: Context, name: str, kind: str = "") -> None:
    chains = ctx.router.model.block(KeyChains).by_name
    if ctx.negated:
        chains.pop(name, None)
    else:
        ctx.enter(CHAIN, chains.setdefault(name, KeyChain(kind)))


def key_of_chain(ctx: Context, number: int) -> None:
    _open(ctx, ctx.target, number)


def next_key(ctx: Context, number: int) -> None:
    """The keys of a listing follow one another: `key` is not short for `key-string` there."""
    chain = ctx.target.chain
    ctx.session.leave()
    _open(ctx, chain, number)


def _open(ctx: Context, chain: KeyChain, number: int) -> None:
    if ctx.negated:
        chain.keys.pop(number, None)
    else:
        ctx.enter(KEY, _Opened(chain, chain.keys.setdefault(number, Key())))


for _mode, _handler in ((CHAIN, key_of_chain), (KEY, next_key)):
    TABLE.command(
        _mode,
        "key <0-2147483647>$number",
        "Configure a key\nKey identifier",
        no="key <0-2147483647>$number",
        kept=True,
        hidden=_mode is KEY,
    )(_handler)


@TABLE.command(
    KEY,
    "key-string [(0|6|7)$kind] LINE$text",
    """Set key string
    Specifies an UNENCRYPTED password will follow
    Specifies an ENCRYPTED password will follow
    Specifies HIDDEN password will follow
    The key""",
    no=ARGUMENTS_OPTIONAL,
    kept=True,
)
def key_string(ctx: Context, kind: str = "0", text: str = "") -> None:
    if ctx.negated:
        ctx.target.key.string = None
        return
    secret = Secret(int(kind), text)
    if secret.kind == 7 and not well_formed(7, text):
        raise CommandError("Invalid encrypted keystring")
    ctx.target.key.string = hidden(secret) if ctx.router.model.block(Accounts).encryption else secret


def accept_lifetime(ctx: Context, text: str = "") -> None:
    ctx.target.key.accept = None if ctx.negated else read_lifetime(text)


def send_lifetime(ctx: Context, text: str = "") -> None:
    ctx.target.key.send = None if ctx.negated else read_lifetime(text)


for _word, _taker in (("accept", accept_lifetime), ("send", send_lifetime)):
    TABLE.command(
        KEY,
        f"{_word}-lifetime LINE$text",
        f"Set {_word} lifetime of key\nTime to start, and `infinite`, `duration` with seconds, or time to stop",
        no=ARGUMENTS_OPTIONAL,
        kept=True,
    )(_taker)


@TABLE.command(
    KEY,
    "cryptographic-algorithm WORD$name",
    "Set cryptographic authentication algorithm\nName of the algorithm",
    no=ARGUMENTS_OPTIONAL,
    kept=True,
)
def algorithm(ctx: Context, name: str | None = None) -> None:
    ctx.target.key.algorithm = None if ctx.negated else name

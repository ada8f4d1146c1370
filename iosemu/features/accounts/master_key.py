"""The master key: `key config-key password-encrypt` and `password encryption aes`.

Passwords that must be known in the clear, such as pre-shared keys, are sealed by it (type 6). It lies in the private
store and in no configuration: a copied running-config is of no use without it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol, runtime_checkable

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, Ask, CommandTable, Context, Interaction, yes_or_no
from iosemu.crypto import type6
from iosemu.features.accounts.config import Accounts
from iosemu.router.model import Model
from iosemu.router.nvram import PRIVATE, Nvram
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
FILE = f"{PRIVATE}/config-key"
SHORTEST, LONGEST = 8, 127
CLEAR, SEALED = "0", "6"

# Kind and text of a password in, kind and text out.
Change = Callable[[str, str], "tuple[str, str]"]


@runtime_checkable
class KeyHolder(Protocol):
    """A part of the model that has passwords which the master key seals."""

    def change_keys(self, change: Change) -> None:
        """Pass each password through a function."""


@lru_cache(maxsize=16)
def _derived(master: bytes) -> bytes:
    return type6.derive(master.decode())


def _key(nvram: Nvram) -> bytes | None:
    master = nvram.read(FILE)
    return _derived(master) if master else None


def revealed(nvram: Nvram, kind: str, text: str) -> str | None:
    """A password in the clear; None when it was sealed by another master key."""
    if kind != SEALED:
        return text
    key = _key(nvram)
    return type6.unseal(key, text) if key is not None else None


def stored(router: Router, kind: str, text: str) -> tuple[str, str]:
    """A password as the model keeps it: sealed, where there is a master key and `password encryption aes`."""
    key = _key(router.nvram)
    if kind == CLEAR and key is not None and router.model.block(Accounts).aes:
        return SEALED, type6.seal(key, text)
    return kind, text


def _change(model: Model, change: Change) -> None:
    for block in model.blocks():
        if isinstance(block, KeyHolder):
            block.change_keys(change)


@TABLE.command(
    CONFIG,
    "password encryption aes",
    "Configure encryption password (key)\nConfigure encryption password\nEnable stronger (AES) password encryption",
    no=ARGUMENTS_OPTIONAL,
)
def password_encryption_aes(ctx: Context) -> None:
    ctx.router.model.block(Accounts).aes = not ctx.negated
    _change(ctx.router.model, lambda kind, text: stored(ctx.router, kind, text))


@TABLE.command(
    CONFIG,
    "key config-key password-encrypt [LINE$text]",
    """Key management
    Set a private configuration key
    Set a private configuration key for encryption
    The config-key in the clear""",
    no=ARGUMENTS_OPTIONAL,
)
def config_key(ctx: Context, text: str = "") -> Interaction:
    nvram = ctx.router.nvram
    if ctx.negated:
        yield "\n% WARNING: All type 6 encrypted keys will become unusable\n"
        if (yield from yes_or_no("Continue with master key deletion ? [yes/no]: ")):
            nvram.delete(FILE)
        return
    old = (nvram.read(FILE) or b"").decode()
    if not text:
        if old and (yield Ask("Old key: ", echo=False)) != old:
            yield "\n% Invalid old key\n"
            return
        text = (yield Ask("New key: ", echo=False)) or ""
        if (yield Ask("Confirm key: ", echo=False)) != text:
            yield "\n% Passwords do not match\n"
            return
    if not SHORTEST <= len(text) <= LONGEST:
        yield f"% Invalid Password length - must be {SHORTEST}-{LONGEST} characters long\n"
        return
    _set_key(ctx.router, text)


def _set_key(router: Router, text: str) -> None:
    """What the old key has sealed is sealed by the new one; what neither has sealed stays as it is."""

    def opened(kind: str, sealed: str) -> tuple[str, str]:
        password = revealed(router.nvram, kind, sealed)
        return (CLEAR, password) if password is not None else (kind, sealed)

    _change(router.model, opened)
    router.nvram.write(FILE, text.encode())
    _change(router.model, lambda kind, password: stored(router, kind, password))


def _lines(router: Router) -> list[Lines]:
    return [["password encryption aes"]] if router.model.block(Accounts).aes else []


SECTION = Section(Place.KEY_CHAIN, _lines, 90)

"""crypto key generate, zeroize, move."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from iosemu.cli import CONFIG, PRIV_EXEC, Ask, CommandError, CommandTable, Context, Interaction, Step, yes_or_no
from iosemu.cli.modes import Mode
from iosemu.crypto.keys import Kind
from iosemu.features.crypto_keys import store
from iosemu.features.crypto_keys.making import check_label, default_label, make_ec, make_rsa
from iosemu.features.crypto_keys.store import Usage

TABLE = CommandTable()
SMALLEST, LARGEST = 360, 4096
DEFAULT_MODULUS = 1024
_KEY_WORDS = "Encryption module\nLong term key operations\n"
USAGES = {
    "general-keys": (Usage.GENERAL,),
    "usage-keys": (Usage.SIGNATURE, Usage.ENCRYPTION),
    "signature": (Usage.SIGNATURE,),
    "encryption": (Usage.ENCRYPTION,),
}

_GENERATE_RSA = (
    "crypto key generate rsa {(general-keys|usage-keys|signature|encryption)$usage|label WORD$label"
    "|exportable$exportable|modulus <360-4096>$modulus|storage WORD$storage|redundancy$redundancy|on WORD$storage}"
)
_GENERATE_RSA_HELP = f"""{_KEY_WORDS}Generate new keys
Generate RSA keys
Generate a general purpose RSA key pair for signing and encryption
Generate separate RSA key pairs for signing and encryption
Generate a general purpose RSA key pair for signing
Generate a general purpose RSA key pair for encryption
Provide a label
RSA keypair label
Allow the key to be exported
Provide number of modulus bits on the command line
Size of the key modulus
Store key on specified device
Device name
Allow the key to be synced to high-availability peer
Create key on specified device
Device name"""


def generate_rsa(
    ctx: Context,
    usage: str = "general-keys",
    label: str = "",
    exportable: str = "",
    modulus: int | None = None,
    storage: str = store.DEFAULT_STORAGE,
    redundancy: str = "",
) -> Interaction:
    """Make one pair or two; without a modulus the size is asked for."""
    label = label or default_label(ctx.router)
    if not (yield from _may_replace(ctx, label, "rsa")):
        return
    yield f"The name for the keys will be: {label}\n"
    for own in USAGES[usage]:
        bits = modulus if modulus is not None else (yield from _ask_modulus(own))
        kind = "exportable" if exportable else "non-exportable"
        head = f"\n% The key modulus size is {bits} bits\n" if modulus is not None else ""
        yield f"{head}% Generating {bits} bit RSA keys, keys will be {kind}...\n"
        started = ctx.router.clock.now()
        make_rsa(ctx.router, label, bits, usage=own, exportable=bool(exportable))
        yield f"[OK] (elapsed time was {int(ctx.router.clock.now() - started)} seconds)\n\n"
    for item in store.pairs(ctx.router.nvram, ("rsa",), label):
        store.save(ctx.router.nvram, replace(item, storage=storage, redundancy=bool(redundancy)))
    ctx.router.commit()


def _may_replace(ctx: Context, label: str, kind: Kind) -> Generator[Step, str | None, bool]:
    check_label(label)
    if not store.pairs(ctx.router.nvram, (kind,), label):
        return True
    yield f"% You already have {kind.upper()} keys defined named {label}.\n"
    return (yield from yes_or_no("% Do you really want to replace them? [yes/no]: "))


def _ask_modulus(usage: Usage) -> Generator[Step, str | None, int]:
    yield (
        f"Choose the size of the key modulus in the range of {SMALLEST} to {LARGEST} for your\n"
        f"  {usage.value}s. Choosing a key modulus greater than 512 may take\n  a few minutes.\n\n"
    )
    while True:
        answer = yield Ask(f"How many bits in the modulus [{DEFAULT_MODULUS}]: ")
        if not answer:
            return DEFAULT_MODULUS
        if answer.isascii() and answer.isdecimal() and SMALLEST <= int(answer) <= LARGEST:
            return int(answer)
        yield f"% A decimal number between {SMALLEST} and {LARGEST}.\n"


def generate_ec(ctx: Context, keysize: str, label: str = "", exportable: str = "") -> Interaction:
    """Make a pair on a curve."""
    label = label or default_label(ctx.router)
    if not (yield from _may_replace(ctx, label, "ec")):
        return
    yield f"The name for the keys will be: {label}\n"
    make_ec(ctx.router, label, int(keysize), exportable=bool(exportable))
    ctx.router.commit()


def zeroize_rsa(ctx: Context, label: str | None = None) -> Interaction:
    """Destroy one pair or all."""
    yield from _zeroize(ctx, label, "rsa")


def zeroize_ec(ctx: Context, label: str | None = None) -> Interaction:
    """Destroy one pair or all."""
    yield from _zeroize(ctx, label, "ec")


def _zeroize(ctx: Context, label: str | None, kind: Kind) -> Interaction:
    found = [item for item in store.labels(ctx.router.nvram, kind) if label in (None, item)]
    if not found:
        yield f"% No {kind.upper()} keys found{f' with label {label}' if label else ''}.\n"
        return
    yield f"% {'Keys to be removed are named ' + repr(label) if label else 'All keys will be removed'}.\n"
    yield "% All router certs issued using these keys will also be removed.\n"
    if (yield from yes_or_no("Do you really want to remove these keys? [yes/no]: ")):
        for item in found:
            for pair in store.pairs(ctx.router.nvram, (kind,), item):
                for block in ctx.router.model.blocks():
                    if isinstance(block, store.KeyUser):
                        block.forget_key(pair.key.public.spki)
            store.remove(ctx.router.nvram, item, kind)
        ctx.router.commit()


def move_rsa(ctx: Context, label: str) -> None:
    _move(ctx, label, "rsa")


def move_ec(ctx: Context, label: str) -> None:
    _move(ctx, label, "ec")


def _move(ctx: Context, label: str, kind: Kind) -> None:
    """Exportable no more; there is no way back."""
    found = store.pairs(ctx.router.nvram, (kind,), label)
    if not found:
        raise CommandError(f"% {kind.upper()} keypair {label} does not exist.")
    for item in found:
        store.save(ctx.router.nvram, replace(item, exportable=False))


def _declare(mode: Mode) -> None:
    command = TABLE.command
    command(mode, _GENERATE_RSA, _GENERATE_RSA_HELP)(generate_rsa)
    command(
        mode,
        "crypto key generate ec keysize (256|384|521)$keysize {label WORD$label|exportable$exportable}",
        f"""{_KEY_WORDS}Generate new keys
        Generate EC keys for ECDSA
        Provide number of bits of the curve on the command line
        256 bits
        384 bits
        521 bits
        Provide a label
        EC keypair label
        Allow the key to be exported""",
    )(generate_ec)
    for kind, zeroize, move in (("rsa", zeroize_rsa, move_rsa), ("ec", zeroize_ec, move_ec)):
        texts = f"{kind.upper()} keys\n{kind.upper()} keypair label"
        command(mode, f"crypto key zeroize {kind} [WORD$label]", f"{_KEY_WORDS}Remove keys\n{texts}")(zeroize)
        command(
            mode,
            f"crypto key move {kind} WORD$label non-exportable",
            f"{_KEY_WORDS}Move keys\n{texts}\nMake the keys non-exportable",
        )(move)


_declare(CONFIG)
_declare(PRIV_EXEC)

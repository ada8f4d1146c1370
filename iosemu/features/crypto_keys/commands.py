"""crypto key generate, crypto key zeroize, show crypto key mypubkey."""

from __future__ import annotations

from iosemu.cli import CONFIG, PRIV_EXEC, Ask, CommandError, CommandTable, Context, Interaction
from iosemu.cli.modes import Mode
from iosemu.crypto.rsa import RsaKey
from iosemu.features.crypto_keys import store
from iosemu.features.dns.config import NamesConfig

TABLE = CommandTable()
SMALLEST, LARGEST = 512, 4096
DEFAULT_MODULUS = 1024

_GENERATE = "crypto key generate rsa {general-keys|label WORD$label|exportable$exportable|modulus <360-4096>$modulus}"
_GENERATE_HELP = """Encryption module
Long term key operations
Generate new keys
Generate RSA keys
Generate a general purpose RSA key pair for signing and encryption
Provide a label
RSA keypair label
Allow the key to be exported
Provide number of modulus bits on the command line
Size of the key modulus"""


def generate(
    ctx: Context, label: str | None = None, exportable: str | None = None, modulus: int | None = None
) -> Interaction:
    """Make a pair; without a modulus the size is asked for."""
    label = label or _default_label(ctx)
    if not store.LABEL.fullmatch(label):
        raise CommandError("% Invalid key label")
    if store.load(ctx.router.nvram, label) is not None:
        yield f"% You already have RSA keys defined named {label}.\n"
        answer = yield Ask("% Do you really want to replace them? [yes/no]: ")
        if answer not in ("yes", "y"):
            return
    yield f"The name for the keys will be: {label}\n"
    if modulus is None:
        yield (
            f"Choose the size of the key modulus in the range of {SMALLEST} to {LARGEST} for your\n"
            "  General Purpose Keys. Choosing a key modulus greater than 512 may take\n  a few minutes.\n\n"
        )
        answer = yield Ask(f"How many bits in the modulus [{DEFAULT_MODULUS}]: ")
        modulus = int(answer) if answer and answer.isdecimal() else DEFAULT_MODULUS
    if not SMALLEST <= modulus <= LARGEST:
        raise CommandError(f"% A modulus of {modulus} bits is not supported; {SMALLEST} to {LARGEST} bits are.")
    kind = "exportable" if exportable else "non-exportable"
    yield f"\n% The key modulus size is {modulus} bits\n% Generating {modulus} bit RSA keys, keys will be {kind}...\n"
    started = ctx.router.clock.now()
    clock = ctx.router.clock
    key = RsaKey.generate(modulus, clock.random_bytes if clock.repeatable else None)
    try:
        store.save(ctx.router.nvram, label, key)
    except OSError as error:
        raise CommandError(f"% The keys could not be saved: {error.strerror}") from error
    yield f"[OK] (elapsed time was {int(clock.now() - started)} seconds)\n\n"
    ctx.router.commit()


def _default_label(ctx: Context) -> str:
    domain = ctx.router.model.block(NamesConfig).domain
    if domain is None:
        raise CommandError("% Please define a domain-name first.")
    return f"{ctx.router.hostname}.{domain}"


def zeroize(ctx: Context, label: str | None = None) -> Interaction:
    """Destroy one pair or all."""
    found = [item for item in store.labels(ctx.router.nvram) if label in (None, item)]
    if not found:
        yield f"% No RSA keys found{f' with label {label}' if label else ''}.\n"
        return
    yield f"% {'Keys to be removed are named ' + repr(label) if label else 'All keys will be removed'}.\n"
    if (yield Ask("Do you really want to remove these keys? [yes/no]: ")) in ("yes", "y"):
        for item in found:
            store.remove(ctx.router.nvram, item)
        ctx.router.commit()


def _declare(mode: Mode) -> None:
    TABLE.command(mode, _GENERATE, _GENERATE_HELP)(generate)
    TABLE.command(
        mode,
        "crypto key zeroize rsa [WORD$label]",
        """Encryption module
        Long term key operations
        Remove keys
        Remove RSA keys
        RSA keypair label""",
    )(zeroize)


_declare(CONFIG)
_declare(PRIV_EXEC)


@TABLE.command(
    PRIV_EXEC,
    "show crypto key mypubkey rsa [WORD$label]",
    """Show running system information
    Encryption module
    Show long term public keys
    Show public keys associated with this router
    Show RSA public keys
    RSA keypair label""",
)
def show_mypubkey(ctx: Context, label: str | None = None) -> str:
    lines = []
    for item in store.labels(ctx.router.nvram):
        key = store.load(ctx.router.nvram, item)
        if key is None or label not in (None, item):
            continue
        lines += [f"Key name: {item}", "Key type: RSA KEYS", " Storage Device: private-config"]
        lines += [" Usage: General Purpose Key", " Key is not exportable.", " Key Data:"]
        digits = key.public_spki().hex().upper()
        words = [digits[i : i + 8] for i in range(0, len(digits), 8)]
        lines += ["  " + " ".join(words[i : i + 8]) for i in range(0, len(words), 8)]
    return "".join(f"{line}\n" for line in lines)

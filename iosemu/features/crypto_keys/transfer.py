"""crypto key export and import: pairs as PEM, on the terminal or in files of flash:."""

from __future__ import annotations

from collections.abc import Generator

from iosemu.cli import CONFIG, PRIV_EXEC, CommandError, CommandTable, Context, Interaction, Step, pasted_text
from iosemu.cli.modes import Mode
from iosemu.crypto import pem
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import Kind, SigningKey, encrypted_pem, parse_private_key
from iosemu.features.crypto_keys import store
from iosemu.features.crypto_keys.making import check_label, keep
from iosemu.features.crypto_keys.store import KeyPair, Usage
from iosemu.features.files.dialog import read_file, write_file
from iosemu.features.files.url import parse_url

TABLE = CommandTable()
SHORTEST_PASSPHRASE = 8
_USAGES = {
    "general-purpose": Usage.GENERAL,
    "usage-keys": Usage.SIGNATURE,
    "signature": Usage.SIGNATURE,
    "encryption": Usage.ENCRYPTION,
}


def check_passphrase(text: str) -> None:
    """Raises CommandError for one that is too short."""
    if len(text) < SHORTEST_PASSPHRASE:
        raise CommandError(f"% The passphrase must be at least {SHORTEST_PASSPHRASE} characters long.")


def exportable_pairs(ctx: Context, label: str, kind: Kind) -> list[KeyPair]:
    """The pairs of a label; raises CommandError when there are none or they must not leave the router."""
    found = store.pairs(ctx.router.nvram, (kind,), label)
    if not found:
        raise CommandError(f"% {kind.upper()} keypair {label} does not exist.")
    if not all(item.exportable for item in found):
        raise CommandError(f"% {kind.upper()} keypair {label} is not exportable.")
    return found


def export_rsa(ctx: Context, label: str, cipher: str, passphrase: str, url: str = "") -> Interaction:
    yield from _export(ctx, label, "rsa", cipher, passphrase, url)


def export_ec(ctx: Context, label: str, cipher: str, passphrase: str, url: str = "") -> Interaction:
    yield from _export(ctx, label, "ec", cipher, passphrase, url)


def _export(ctx: Context, label: str, kind: Kind, cipher: str, passphrase: str, url: str) -> Interaction:
    found = exportable_pairs(ctx, label, kind)
    check_passphrase(passphrase)
    for item in found:
        yield f"% Key name: {label}\n   Usage: {item.usage.value}\n"
        public = pem.encode("PUBLIC KEY", item.key.public.spki)
        private = encrypted_pem(item.key, cipher, passphrase, ctx.router.clock.random_bytes)
        if not url:
            yield f"   Key data:\n{public.decode()}{private.decode()}"
            continue
        place = parse_url(ctx.session, url)
        base = f"{place.path or label}{_middle(item.usage, len(found) > 1)}"
        yield "Exporting public key...\n"
        if (yield from write_file(ctx, place, f"{base}.pub", public)):
            yield "Exporting private key...\n"
            yield from write_file(ctx, place, f"{base}.prv", private)


def _middle(usage: Usage, several: bool) -> str:
    """What tells the files of usage keys apart."""
    return {Usage.SIGNATURE: "-sign", Usage.ENCRYPTION: "-encr"}.get(usage, "") if several else ""


def import_rsa(
    ctx: Context, label: str, passphrase: str, usage: str = "general-purpose", exportable: str = "", url: str = ""
) -> Interaction:
    yield from _import(ctx, label, "rsa", passphrase, usage, exportable, url)


def import_ec(
    ctx: Context, label: str, passphrase: str, usage: str = "signature", exportable: str = "", url: str = ""
) -> Interaction:
    yield from _import(ctx, label, "ec", passphrase, usage, exportable, url)


def _import(
    ctx: Context, label: str, kind: Kind, passphrase: str, usage: str, exportable: str, url: str
) -> Interaction:
    check_label(label)
    if store.pairs(ctx.router.nvram, (kind,), label):
        raise CommandError(f"% You already have {kind.upper()} keys labeled {label}.\n% Please delete it first.")
    usages = (Usage.SIGNATURE, Usage.ENCRYPTION) if usage == "usage-keys" else (_USAGES[usage],)
    found = []
    for own in usages:
        key = yield from _read_pair(ctx, label, own, passphrase, url, len(usages) > 1)
        if key is None or key.kind != kind:
            yield "% Key pair import failed.\n"
            return
        found.append(KeyPair(label, key, own, bool(exportable)))
    for item in found:
        keep(ctx.router, item)
    yield "% Key pair import succeeded.\n"
    ctx.router.commit()


def _read_pair(
    ctx: Context, label: str, usage: Usage, passphrase: str, url: str, several: bool
) -> Generator[Step, str | None, SigningKey | None]:
    """Ask for both halves; None when they are unreadable or do not belong together."""
    if url:
        place = parse_url(ctx.session, url)
        base = f"{place.path or label}{_middle(usage, several)}"
        yield "% Importing public key or certificate PEM file...\n"
        public = yield from read_file(ctx, place, f"{base}.pub")
        yield "% Importing private key PEM file...\n"
        private = yield from read_file(ctx, place, f"{base}.prv")
    else:
        yield f"% Enter PEM-formatted public {usage.short} key or certificate.\n"
        yield '% End with a blank line or "quit" on a line by itself.\n'
        public = (yield from pasted_text(blank_ends=True)).encode()
        yield f"% Enter PEM-formatted encrypted private {usage.short} key.\n"
        yield '% End with "quit" on a line by itself.\n'
        private = (yield from pasted_text(blank_ends=False)).encode()
    try:
        key = parse_private_key(private, passphrase)
        halves = [block.data for block in pem.parse(public) if block.label == "PUBLIC KEY"]
    except CryptoError:
        return None
    return key if all(half == key.public.spki for half in halves) else None


_KEY_WORDS = "Encryption module\nLong term key operations\n"
_EXPORT = "WORD$label pem (terminal|url WORD$url) (3des|des)$cipher LINE$passphrase"
_EXPORT_HELP = """Specify the label of the keypair to export
Export in PEM format
Export via the terminal (cut-and-paste)
Export to the file system
URL of the file
Encrypt the private key with the 3DES algorithm
Encrypt the private key with the DES algorithm
Passphrase used to protect the private key"""
_IMPORT = (
    "WORD$label [pem] [(general-purpose|usage-keys|signature|encryption)$usage] [exportable$exportable]"
    " (terminal|url WORD$url) LINE$passphrase"
)
_IMPORT_HELP = """Specify the label of the keypair to import
Import from PEM files
Import a general purpose key pair
Import separate key pairs for signing and encryption
Import a signature key pair
Import an encryption key pair
Allow the private key to be exported
Import via the terminal (cut-and-paste)
Import from the file system
URL of the file
Passphrase used to protect the private key"""


def _declare(mode: Mode) -> None:
    for kind, export, importer in (("rsa", export_rsa, import_rsa), ("ec", export_ec, import_ec)):
        text = f"{kind.upper()} keys"
        TABLE.command(mode, f"crypto key export {kind} {_EXPORT}", f"{_KEY_WORDS}Export keys\n{text}\n{_EXPORT_HELP}")(
            export
        )
        TABLE.command(mode, f"crypto key import {kind} {_IMPORT}", f"{_KEY_WORDS}Import keys\n{text}\n{_IMPORT_HELP}")(
            importer
        )


_declare(CONFIG)
_declare(PRIV_EXEC)

"""crypto pki export and import of whole trustpoints: the key pair with its certificates, as PEM or PKCS #12."""

from __future__ import annotations

import base64
from collections.abc import Generator
from dataclasses import dataclass, field

from iosemu.cli import CommandError, CommandTable, Context, Interaction, Step, pasted_text
from iosemu.crypto import pem, pkcs12
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import SigningKey, encrypted_pem, parse_private_key
from iosemu.features.crypto_keys import store
from iosemu.features.crypto_keys.making import check_label, keep
from iosemu.features.crypto_keys.store import KeyPair, Usage
from iosemu.features.crypto_keys.transfer import check_passphrase, exportable_pairs
from iosemu.features.files.dialog import read_file, write_file
from iosemu.features.files.url import parse_url
from iosemu.features.pki.authenticate import known
from iosemu.features.pki.chains import authority_of, own_of, put
from iosemu.features.pki.config import AUTHORITY, OWN, KeyPairName, PkiConfig, Trustpoint
from iosemu.features.pki.import_certificate import belongs
from iosemu.features.pki.pasting import octets_of
from iosemu.features.pki.request import find_key
from iosemu.features.pki.spelling import EITHER, declare, pki_helps

TABLE = CommandTable()
TERMINAL = "terminal"
_PKCS12_FAILED = "CRYPTO_PKI: Import PKCS12 operation failed, bad HMAC"
_PKCS12_END = "---End - This line not part of the pkcs12---\n\n"


@dataclass(frozen=True)
class _Parts:
    """A key with its certificates, the issuer's first among `authorities`."""

    key: SigningKey = field(repr=False)
    certificate: Certificate
    authorities: tuple[Certificate, ...]


# Export


def _exported(ctx: Context, name: str, passphrase: str) -> tuple[KeyPair, Certificate, Certificate]:
    """The pair, the CA's certificate and the own one; raises CommandError where one is missing or must stay."""
    trustpoint = known(ctx, name)
    check_passphrase(passphrase)
    pair, authority, own = find_key(ctx.router, trustpoint), authority_of(ctx.router, name), own_of(ctx.router, name)
    if own is None or pair is None:
        raise CommandError(f"% The trustpoint {name} has no certificate and key to export.")
    exportable_pairs(ctx, pair.label, pair.key.kind)
    return pair, authority or own, own


def export_pem(ctx: Context, name: str, cipher: str, passphrase: str, url: str = "") -> Interaction:
    pair, authority, own = _exported(ctx, name, passphrase)
    private = encrypted_pem(pair.key, cipher, passphrase, ctx.router.clock.random_bytes)
    if not url:
        yield f"% CA certificate:\n{authority.to_pem().decode()}\n"
        yield f"% Key name: {pair.label}\n   Usage: {pair.usage.value}\n{private.decode()}\n"
        yield f"% {pair.usage.short} Certificate:\n{own.to_pem().decode()}\n"
        return
    place = parse_url(ctx.session, url)
    base = place.path or name
    for text, suffix, data in (
        ("CA certificate", "ca", authority.to_pem()),
        ("private key", "prv", private),
        ("router certificate", "crt", own.to_pem()),
    ):
        yield f"% Exporting {text}...\n"
        yield from write_file(ctx, place, f"{base}.{suffix}", data)


def export_pkcs12(ctx: Context, name: str, place: str, passphrase: str) -> Interaction:
    pair, authority, own = _exported(ctx, name, passphrase)
    others = () if authority == own else (authority,)
    data = pkcs12.build(pkcs12.Bundle(pair.key, own, others), name, passphrase, ctx.router.clock.random_bytes)
    if place == TERMINAL:
        rows = pem.encode("", data).decode().splitlines()[1:-1]
        yield "Exported pkcs12 follows:\n" + "".join(f"{row}\n" for row in rows) + _PKCS12_END
    else:
        url = parse_url(ctx.session, place)
        if not (yield from write_file(ctx, url, url.path or f"{name}.p12", data)):
            return
    yield "CRYPTO_PKI: Exported PKCS12 file successfully.\n"


# Import


def import_pem(
    ctx: Context, name: str, passphrase: str, usage: str = "", exportable: str = "", url: str = ""
) -> Interaction:
    _check_free(ctx, name)
    texts = (yield from _pem_files(ctx, name, url)) if url else (yield from _pasted_pem())
    try:
        key = parse_private_key(texts[1], passphrase)
        certificate, authorities = Certificate.parse_pem(texts[2]), _certificates(texts[0])
        _take(ctx, name, _Parts(key, certificate, authorities), bool(exportable), bool(usage), "terminal")
    except CryptoError:
        yield "% PEM files import failed.\n"
        return
    yield "% PEM files import succeeded.\n"
    ctx.router.commit()


def _pasted_pem() -> Generator[Step, str | None, list[bytes]]:
    ends = '% End with a blank line or "quit" on a line by itself.\n'
    yield f"% Enter PEM-formatted CA certificate.\n{ends}"
    authority = yield from pasted_text(blank_ends=True)
    yield '% Enter PEM-formatted encrypted private General Purpose key.\n% End with "quit" on a line by itself.\n'
    key = yield from pasted_text(blank_ends=False)
    yield f"% Enter PEM-formatted General Purpose certificate.\n{ends}"
    certificate = yield from pasted_text(blank_ends=True)
    return [text.encode() for text in (authority, f"{key}\n", f"{certificate}\n")]


def _pem_files(ctx: Context, name: str, url: str) -> Generator[Step, str | None, list[bytes]]:
    place = parse_url(ctx.session, url)
    base = place.path or name
    found = []
    for text, suffix in (("CA certificate", "ca"), ("private key PEM file", "prv"), ("certificate PEM file", "crt")):
        yield f"% Importing {text}...\n"
        found.append((yield from read_file(ctx, place, f"{base}.{suffix}")))
    return found


def _certificates(text: bytes) -> tuple[Certificate, ...]:
    return tuple(Certificate.parse(block.data) for block in pem.parse(text + b"\n") if "CERTIFICATE" in block.label)


def import_pkcs12(ctx: Context, name: str, place: str, passphrase: str) -> Interaction:
    _check_free(ctx, name)
    yield "% Importing pkcs12...\n"
    if place == TERMINAL:
        yield "\nEnter the base 64 encoded pkcs12.\n"
        yield 'End with a blank line or the word "quit" on a line by itself:\n\n'
        text = yield from pasted_text(blank_ends=True)
        data = text.encode()
    else:
        url = parse_url(ctx.session, place)
        data = yield from read_file(ctx, url, url.path or f"{name}.p12")
    try:
        bundle = pkcs12.parse(octets_of(data.decode()) if place == TERMINAL else _bare(data), passphrase)
        if bundle.key is None or bundle.certificate is None:
            raise CryptoError("no key with its certificate")
        _take(ctx, name, _Parts(bundle.key, bundle.certificate, bundle.others), False, False, "pkcs12")
    except CryptoError:
        yield f"{_PKCS12_FAILED}\n% Possible causes: bad password or corrupted PKCS12\n"
        return
    yield "CRYPTO_PKI: Imported PKCS12 file successfully.\n"
    ctx.router.commit()


def _bare(data: bytes) -> bytes:
    """A file may hold base64, as the terminal shows it."""
    text = data.strip()
    if data[:1] == b"\x30" or not text.isascii():
        return data
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except ValueError:
        return data


def _check_free(ctx: Context, name: str) -> None:
    """Raises CommandError where something of the name is in use."""
    config = ctx.router.model.block(PkiConfig)
    check_label(name)
    if config.certificates(name):
        raise CommandError(f"% Trustpoint {name} is in use.\n% Please delete it or use a different label.")
    for item in store.pairs(ctx.router.nvram, label=name):
        kind = item.key.kind.upper()
        raise CommandError(
            f"% You already have {kind} keys labeled {name}.\n% Please delete it or use a different label."
        )


def _take(ctx: Context, name: str, parts: _Parts, exportable: bool, signature: bool, enrollment: str) -> None:
    """Keep a key and its certificates; raises CryptoError where they do not belong together."""
    issuer = next((item for item in parts.authorities if belongs(parts.certificate, item, parts.key.public.spki)), None)
    if issuer is None and belongs(parts.certificate, parts.certificate, parts.key.public.spki):
        issuer = parts.certificate
    if issuer is None:
        raise CryptoError("no certificate of the issuer")
    usage = Usage.SIGNATURE if signature or parts.key.kind == "ec" else Usage.GENERAL
    keep(ctx.router, KeyPair(name, parts.key, usage, exportable))
    trustpoints = ctx.router.model.block(PkiConfig).trustpoints
    trustpoint = trustpoints.setdefault(name, Trustpoint(name, enrollment))
    if parts.key.kind == "ec":
        trustpoint.ec_key = name
    else:
        trustpoint.rsa_key = KeyPairName(name)
    put(ctx.router, name, issuer, AUTHORITY)
    put(ctx.router, name, parts.certificate, OWN)
    # The CAs above the issuer get trustpoints of their own.
    above = [item for item in parts.authorities if item not in (issuer, parts.certificate)]
    for number, item in enumerate(above, start=1):
        other = f"{name}-rrr{number}"
        trustpoints.setdefault(other, Trustpoint(other, enrollment))
        put(ctx.router, other, item, AUTHORITY)


_NAME = "CA trustpoint name"
_PASSPHRASE = "Passphrase that protects the private key follows\nThe passphrase"
_PLACE = ("Via the terminal (cut-and-paste)", "URL of the file")
_FILE = "Via the terminal (cut-and-paste)\nTo or from a file\nURL of the file"
declare(
    TABLE,
    EITHER,
    "crypto pki export WORD$name pem (terminal|url WORD$url) (3des|des)$cipher [password] LINE$passphrase",
    pki_helps(
        "Export certificate or keys",
        _NAME,
        "Export as PEM",
        _FILE,
        "Encrypt the private key with 3DES",
        "Encrypt the private key with DES",
        _PASSPHRASE,
    ),
)(export_pem)
declare(
    TABLE,
    EITHER,
    "crypto pki export WORD$name pkcs12 (terminal|WORD)$place [password] LINE$passphrase",
    pki_helps(
        "Export certificate or keys", _NAME, "Export as PKCS12", "Via the terminal", "URL of the file", _PASSPHRASE
    ),
)(export_pkcs12)
declare(
    TABLE,
    EITHER,
    "crypto pki import WORD$name pem [usage-keys$usage] [exportable$exportable] (terminal|url WORD$url) [password]"
    " LINE$passphrase",
    pki_helps(
        "Import certificate or keys",
        _NAME,
        "Import PEM files",
        "Import usage keys",
        "Allow the key to be exported",
        _FILE,
        _PASSPHRASE,
    ),
)(import_pem)
declare(
    TABLE,
    EITHER,
    "crypto pki import WORD$name pkcs12 (terminal|WORD)$place [password] LINE$passphrase",
    pki_helps("Import certificate or keys", _NAME, "Import PKCS12", *_PLACE, _PASSPHRASE),
)(import_pkcs12)

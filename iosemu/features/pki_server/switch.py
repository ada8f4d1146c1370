"""shutdown and no shutdown of a certificate server: the first start makes the key and the CA certificate."""

from __future__ import annotations

from collections.abc import Generator

from iosemu.cli import Ask, CommandError, CommandTable, Context, Interaction, Step
from iosemu.crypto import pkcs12
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import encrypted_pem
from iosemu.engines.pki.authority import FIRST_SERIAL, make_root
from iosemu.features.crypto_keys import store
from iosemu.features.crypto_keys.making import make_rsa
from iosemu.features.crypto_keys.store import KeyPair
from iosemu.features.http.config import HttpConfig
from iosemu.features.pki.authenticate import HAS_ONE
from iosemu.features.pki.chains import authority_of, put
from iosemu.features.pki.config import AUTHORITY, KeyPairName, PkiConfig, Trustpoint
from iosemu.features.pki_server.config import CS_SERVER, CertificateServer
from iosemu.features.pki_server.database import Database, StorageError
from iosemu.features.pki_server.running import owner_of
from iosemu.features.pki_server.service import CertificateServerService
from iosemu.features.pki_server.settings import SHORTEST_PASSWORD

TABLE = CommandTable()
DEFAULT_BITS = 1024
LEAVE = "% or type Return to exit\n"


@TABLE.command(CS_SERVER, "shutdown", "Shutdown the Certificate Server", no="shutdown")
def shutdown(ctx: Context) -> Interaction:
    """A saved configuration, and `default`, only say what is wanted."""
    server: CertificateServer = ctx.target
    server.shutdown = None if ctx.defaulted else not ctx.negated
    if ctx.negated and not ctx.defaulted and not ctx.session.loading:
        yield from start(ctx, server)


def start(ctx: Context, server: CertificateServer) -> Interaction:
    """Start a server, made complete where it never ran."""
    if server.mode:
        raise CommandError(f'iosemu: "mode {server.mode}" is known but not emulated: the server is a root CA alone')
    if owner_of(ctx.router, server.name) is None:
        if authority_of(ctx.router, server.name) is not None:
            raise CommandError(HAS_ONE)
        yield "%Some server settings cannot be changed after CA certificate generation.\n"
        passphrase = yield from _passphrase(server)
        if passphrase is None:
            return
        pair = yield from _key(ctx, server)
        certificate = _make(ctx, server, pair)
        if server.archive:
            yield "% Exporting Certificate Server signing certificate and keys...\n\n"
            _archive(ctx, server, pair, certificate, passphrase)
    service = ctx.router.service(CertificateServerService)
    service.try_again(server.name)
    ctx.router.commit()
    if service.running(server.name) is not None:
        yield "% Certificate Server enabled.\n"
    elif not ctx.router.model.block(HttpConfig).server:
        yield '% The HTTP server is disabled: the Certificate Server waits for "ip http server".\n'


def _passphrase(server: CertificateServer) -> Generator[Step, str | None, str | None]:
    """What protects the archive of the key; None when somebody would rather not."""
    if not server.archive:
        return ""
    if server.archive_password is not None and server.archive_password.clear:
        return server.archive_password.clear
    yield f"% Please enter a passphrase to protect the private key\n{LEAVE}"
    while True:
        text = yield Ask("Password: ", echo=False)
        if not text:
            return None
        if len(text) < SHORTEST_PASSWORD:
            yield f"% Password must be more than {SHORTEST_PASSWORD - 1} characters. Try again\n{LEAVE}"
        elif (yield Ask("\nRe-enter password: ", echo=False)) != text:
            yield f"\n% Passwords do not match. Try again\n{LEAVE}"
        else:
            yield "\n"
            return text


def _key(ctx: Context, server: CertificateServer) -> Generator[Step, str | None, KeyPair]:
    """The pair with the label of the server; raises CommandError."""
    found = store.pair(ctx.router.nvram, server.name)
    if found is None:
        trustpoint = ctx.router.model.block(PkiConfig).trustpoints.get(server.name)
        configured = trustpoint.rsa_key.bits if trustpoint is not None and trustpoint.rsa_key is not None else 0
        bits = configured or DEFAULT_BITS
        yield f"% Generating {bits} bit RSA keys, keys will be non-exportable...\n"
        started = ctx.router.clock.now()
        make_rsa(ctx.router, server.name, bits)
        yield f"[OK] (elapsed time was {int(ctx.router.clock.now() - started)} seconds)\n\n"
        found = store.pair(ctx.router.nvram, server.name)
    assert found is not None
    return found


def _make(ctx: Context, server: CertificateServer, pair: KeyPair) -> Certificate:
    """The CA certificate, the trustpoint that holds it, and a database without a past; raises CommandError."""
    router = ctx.router
    now = router.calendar.utc().replace(microsecond=0)
    try:
        certificate = make_root(Name.from_text(server.issuer), pair.key, server.settings(), now)
        database = Database(router, server)
        database.forget()
        database.save_serial(FIRST_SERIAL)
    except CryptoError as error:
        raise CommandError(f"% The CA certificate could not be made: {error}") from error
    except StorageError as error:
        raise CommandError(f"% The storage {error} is not accessible.") from error
    trustpoints = router.model.block(PkiConfig).trustpoints
    trustpoint = trustpoints.setdefault(server.name, Trustpoint(server.name))
    trustpoint.rsa_key = trustpoint.rsa_key or KeyPairName(server.name)
    put(router, server.name, certificate, AUTHORITY)
    return certificate


def _archive(ctx: Context, server: CertificateServer, pair: KeyPair, certificate: Certificate, passphrase: str) -> None:
    """Key and certificate in one file, for a replacement of the router; raises CommandError."""
    random = ctx.router.clock.random_bytes
    if server.archive == "pem":
        name, data = "pem", certificate.to_pem() + encrypted_pem(pair.key, "3des", passphrase, random)
    else:
        bundle = pkcs12.Bundle(pair.key, certificate)
        name, data = "p12", pkcs12.build(bundle, server.name, passphrase, random)
    try:
        Database(ctx.router, server).write(name, f"{server.name}_00001.{name}", data)
    except StorageError as error:
        raise CommandError(f"% The storage {error} is not accessible.") from error

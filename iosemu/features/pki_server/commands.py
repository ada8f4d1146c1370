"""crypto pki server: making, opening and removing one."""

from __future__ import annotations

from iosemu.cli import CONFIG, CommandError, CommandTable, Context, Interaction, yes_or_no
from iosemu.features.crypto_keys import store
from iosemu.features.pki.config import PkiConfig
from iosemu.features.pki.spelling import declare, pki_helps
from iosemu.features.pki_server.config import CS_SERVER, CertificateServer, CertificateServers
from iosemu.features.pki_server.database import Database, StorageError
from iosemu.features.pki_server.running import FOLLOWING

TABLE = CommandTable()
_SERVER = "crypto pki server WORD$name"
_QUESTION = "CA certificate, Keypair, CRL and database files will be deleted. Do you wish to continue? [yes/no]: "


def known(ctx: Context, name: str) -> CertificateServer:
    """A server; raises CommandError for an unknown name."""
    found = ctx.router.model.block(CertificateServers).servers.get(name)
    if found is None:
        raise CommandError(f"% Certificate server '{name}' is not known")
    return found


def server(ctx: Context, name: str) -> Interaction:
    """Open a server, made if there is none; removing one destroys what it needs to exist."""
    servers = ctx.router.model.block(CertificateServers).servers
    if not ctx.negated:
        if name not in servers and servers:
            raise CommandError(f"% Certificate server '{next(iter(servers))}' exists already; there can be one only.")
        if not store.LABEL.fullmatch(name):
            raise CommandError(f"% {name} cannot be the name of a certificate server")
        ctx.enter(CS_SERVER, servers.setdefault(name, CertificateServer(name)))
        return
    found = known(ctx, name)
    if not ctx.session.loading and not (yield from yes_or_no(_QUESTION)):
        return
    del servers[name]
    ctx.router.commit()
    _destroy(ctx, found)
    yield "" if ctx.session.loading else "% Certificate server process stopped\n"


def _destroy(ctx: Context, found: CertificateServer) -> None:
    """Remove key, certificates, trustpoint and the files that a later server of the name would take for its own."""
    config = ctx.router.model.block(PkiConfig)
    config.trustpoints.pop(found.name, None)
    config.chains.pop(found.name, None)
    for label in (found.name, found.name + FOLLOWING):
        store.remove(ctx.router.nvram, label)
    try:
        Database(ctx.router, found).forget()
    except StorageError:
        # The place is gone, and the files with it.
        return


declare(TABLE, CONFIG, _SERVER, pki_helps("Enable the certificate server", "Label of the server"), no=_SERVER)(server)

"""Certificate servers in the running-config."""

from __future__ import annotations

from iosemu.features.pki_server.config import (
    FILE_KINDS,
    LIFETIMES,
    MINIMUM,
    CertificateServer,
    CertificateServers,
)
from iosemu.router.router import Router
from iosemu.router.running_config import Default, Lines, Place, Section

_PARENT = ("crypto pki server",)
DEFAULTS = (
    Default(f"database level {MINIMUM}", _PARENT, key="database level"),
    Default("database archive pkcs12", _PARENT, key="database archive"),
    *(
        Default(f"lifetime {kind} {' '.join(map(str, lifetime.default))}", _PARENT, key=f"lifetime {kind}")
        for kind, lifetime in LIFETIMES.items()
    ),
)


def _database(server: CertificateServer) -> Lines:
    lines = [f"database level {server.level}"] if server.level != MINIMUM else []
    if not server.archive:
        lines.append("no database archive")
    elif server.archive != "pkcs12" or server.archive_password is not None:
        password = server.archive_password
        tail = f" password {password.kind} {password.text}" if password is not None else ""
        lines.append(f"database archive {server.archive}{tail}")
    return lines


def _locations(server: CertificateServer) -> Lines:
    lines = []
    for kind in ("", *FILE_KINDS):
        location = server.locations.get(kind)
        if location is not None:
            words = ("database url", kind, "publish" if location.published else "", location.url)
            lines.append(" ".join(word for word in words if word))
    return lines


def _signing(server: CertificateServer) -> Lines:
    lines = [f"issuer-name {server.issuer_name}"] if server.issuer_name else []
    lines += [f"grant {server.grant}"] if server.grant else []
    lines += [f"grant {words}" for words in sorted(server.grant_lines)]
    lines += [f"hash {server.hash}"] if server.hash else []
    for kind in LIFETIMES:
        if kind in server.lifetimes:
            lines.append(f"lifetime {kind} {' '.join(map(str, server.lifetimes[kind]))}")
    lines += [f"cdp-url {server.cdp_url}"] if server.cdp_url else []
    if server.auto_rollover is not None:
        lines.append(" ".join(["auto-rollover", *map(str, server.auto_rollover)]))
    lines += [f"eku {' '.join(server.usages)}"] if server.usages else []
    return lines + ([f"mode {server.mode}"] if server.mode else [])


def server_lines(server: CertificateServer) -> Lines:
    """The block of a server. `no shutdown` is not printed: a server with its key and certificate starts by itself."""
    lines = [*_database(server), *_signing(server), *server.kept.lines()]
    lines += ["shutdown"] if server.shutdown else []
    return [f"crypto pki server {server.name}", *(f" {line}" for line in [*lines, *_locations(server)])]


def _paragraphs(router: Router) -> list[Lines]:
    return [server_lines(server) for server in router.model.block(CertificateServers).servers.values()]


SECTION = Section(Place.PKI, _paragraphs, 50)

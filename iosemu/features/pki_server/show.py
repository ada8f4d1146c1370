"""show crypto pki server."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandError, CommandTable, Context
from iosemu.crypto.certificate import Certificate
from iosemu.features.pki.chains import authority_of
from iosemu.features.pki.texts import fingerprint_md5, serial_text
from iosemu.features.pki_server.commands import known
from iosemu.features.pki_server.config import COMPLETE, MINIMUM, NAMES, CertificateServer, CertificateServers
from iosemu.features.pki_server.database import Database, clock_words
from iosemu.features.pki_server.running import RunningServer
from iosemu.features.pki_server.service import CertificateServerService
from iosemu.features.pki_server.show_database import certificates_text, crl_text, requests_text
from iosemu.router.router import Router

TABLE = CommandTable()
LEVELS = {
    MINIMUM: "Minimum - no cert data written to storage",
    NAMES: "Names - subject name data written as <serialnum>.cnm",
    COMPLETE: "Complete - all issued certs written as <serialnum>.cer",
}
_GRANTS = {"": "manual", "auto": "auto", "none": "none", "ra-auto": "ra-auto"}


def server_text(router: Router, server: CertificateServer) -> str:
    """The facts of one server."""
    service = router.service(CertificateServerService)
    running, reason = service.running(server.name), service.why_not(server)
    rows = [f"Status: {'disabled' if reason else 'enabled'}", f"State: {reason or 'enabled'}"]
    if running is not None:
        rows.append('Server\'s configuration is locked  (enter "shut" to unlock it)')
    certificate = running.authority.owner.certificate if running is not None else authority_of(router, server.name)
    rows.append(f"Issuer name: {server.issuer}")
    rows.append(f"CA cert fingerprint: {fingerprint_md5(certificate.der) if certificate else '-Not found-'}")
    rows.append(f"Granting mode is: {_GRANTS[server.grant]}")
    rows += _progress(router, server, running, certificate)
    rows.append(f"Current primary storage dir: {Database(router, server).main}")
    rows.append(f"Database Level: {LEVELS[server.level]}")
    if server.overlap is not None:
        rows.append(f"Auto-Rollover configured, overlap period {server.overlap.days} days")
        rows += _rollover(router, running)
    return f"Certificate Server {server.name}:\n" + "".join(f"    {row}\n" for row in rows)


def _progress(
    router: Router, server: CertificateServer, running: RunningServer | None, certificate: Certificate | None
) -> list[str]:
    last = running.authority.last_serial if running is not None else Database(router, server).load_serial() or 0
    rows = [f"Last certificate issued serial number (hex): {last:X}"]
    if certificate is not None:
        rows.append(f"CA certificate expiration timer: {clock_words(router, certificate.not_after)}")
    crl = running.authority.crl if running is not None else None
    if crl is not None and crl.next_update is not None:
        rows.append(f"CRL NextUpdate timer: {clock_words(router, crl.next_update)}")
    return rows


def _rollover(router: Router, running: RunningServer | None) -> list[str]:
    if running is None:
        return []
    following, due = running.authority.next_owner, running.authority.rollover_at()
    if following is not None:
        when = clock_words(router, following.certificate.not_before)
        return [
            f"Rollover CA certificate fingerprint: {fingerprint_md5(following.certificate.der)}",
            f"Rollover CA certificate serial number (hex): {serial_text(following.certificate.serial)}",
            f"Rollover CA certificate becomes active: {when}",
        ]
    return [f"Autorollover timer: {clock_words(router, due)}"] if due is not None else []


def show_server(ctx: Context, name: str = "", what: str = "") -> str:
    servers = ctx.router.model.block(CertificateServers).servers
    if not what:
        shown = [known(ctx, name)] if name else list(servers.values())
        return "\n".join(server_text(ctx.router, server) for server in shown)
    server = known(ctx, name)
    running = ctx.router.service(CertificateServerService).running(server.name)
    if running is None:
        raise CommandError(f"% Certificate server '{name}' is not enabled")
    if what == "requests":
        return requests_text(running)
    return crl_text(ctx.router, running) if what == "crl" else certificates_text(ctx.router, running)


_SHOW = "Show running system information\nEncryption module\nShow PKI information\nShow certificate servers\n"
for _spelling in ("pki", "ca"):
    TABLE.command(
        USER_EXEC,
        f"show crypto {_spelling} server [WORD$name [(requests|certificates|crl)$what]]",
        _SHOW + "Label of the server\nEnrollment requests\nIssued certificates\nCertificate revocation list",
        hidden=_spelling == "ca",
    )(show_server)

"""What a certificate server has: requests, certificates, its revocation list."""

from __future__ import annotations

from iosemu.crypto.certificate import Certificate
from iosemu.engines.pki.authority import FIRST_SERIAL
from iosemu.engines.pki.requests import Entry
from iosemu.features.pki.texts import serial_text
from iosemu.features.pki_server.database import clock_words
from iosemu.features.pki_server.running import RunningServer
from iosemu.router.router import Router

_COLUMNS = f"{'ReqID':<7}{'State':<11}{'Fingerprint':<33}SubjectName\n{'-' * 62}\n"


def requests_text(running: RunningServer) -> str:
    """Requests of subordinate CAs and of registration authorities would stand in tables of their own."""
    rows = "".join(_row(entry) for entry in running.authority.requests)
    empty = "".join(f"{title}:\n{_COLUMNS}\n" for title in _OTHER_TITLES)
    return f"Enrollment Request Database:\n\n{empty}Router certificates requests:\n{_COLUMNS}{rows}\n"


_OTHER_TITLES = ("Subordinate CA certificate requests", "RA certificate requests")


def _row(entry: Entry) -> str:
    fingerprint = entry.request.fingerprint("md5").hex().upper()
    return f"{entry.number:<7}{entry.state.value:<11}{fingerprint:<33}{entry.request.subject}\n"


def crl_text(router: Router, running: RunningServer) -> str:
    """The list that is handed out."""
    crl = running.authority.crl
    rows = [
        "Certificate Revocation List:",
        f"    Issuer: {crl.issuer}",
        f"    This Update: {clock_words(router, crl.this_update)}",
        f"    Next Update: {clock_words(router, crl.next_update)}" if crl.next_update else "",
        f"    Number of CRL entries: {len(crl.entries)}",
        f"    CRL size: {len(crl.der)} bytes",
    ]
    if crl.entries:
        rows.append("Revoked Certificates:")
    for serial in sorted(crl.entries):
        rows.append(f"    Serial Number (hex): {serial_text(serial)}")
        rows.append(f"    Revocation Date: {clock_words(router, crl.entries[serial].date)}")
    return "".join(f"{row}\n" for row in rows if row)


def certificates_text(router: Router, running: RunningServer) -> str:
    """Every certificate that is remembered: those of this uptime, and those whose files are kept."""
    rows = [f"{'Serial':<8}{'Issued date':<26}{'Expire date':<26}Subject Name\n"]
    for serial in range(FIRST_SERIAL, running.authority.last_serial + 1):
        certificate = _remembered(running, serial)
        if certificate is not None:
            issued, ends = (clock_words(router, when) for when in (certificate.not_before, certificate.not_after))
            rows.append(f"{serial:<8X}{issued:<26}{ends:<26}{certificate.subject}\n")
    return "".join(rows)


def _remembered(running: RunningServer, serial: int) -> Certificate | None:
    owner = running.authority.owner.certificate
    return owner if serial == owner.serial else running.certificate(serial)

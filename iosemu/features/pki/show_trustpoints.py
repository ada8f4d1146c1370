"""show crypto pki trustpoints, and their status."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.crypto.certificate import Certificate
from iosemu.features.crypto_keys.store import Usage
from iosemu.features.pki.chains import authority_of, certificate_of, own_of
from iosemu.features.pki.config import SELF_SIGNED, PkiConfig, Trustpoint
from iosemu.features.pki.fetching import scep_url
from iosemu.features.pki.request import find_key
from iosemu.features.pki.service import PkiService
from iosemu.features.pki.spelling import declare, show_helps
from iosemu.features.pki.texts import fingerprint_md5, fingerprint_sha1, serial_text

TABLE = CommandTable()


def _chosen(ctx: Context, name: str) -> list[Trustpoint]:
    found = ctx.router.model.block(PkiConfig).trustpoints
    return [item for item in found.values() if name in ("", item.name)]


def show_trustpoints(ctx: Context, name: str = "") -> str:
    rows: list[str] = []
    for trustpoint in _chosen(ctx, name):
        rows += [f"Trustpoint {trustpoint.name}:", *_summary(ctx, trustpoint), "", ""]
    return "".join(f"{row}\n" for row in rows)


def _summary(ctx: Context, trustpoint: Trustpoint) -> list[str]:
    authority = authority_of(ctx.router, trustpoint.name)
    own = certificate_of(ctx.router, trustpoint.name, SELF_SIGNED)
    rows = []
    shown = authority or own
    if shown is not None:
        rows += ["    Subject Name: ", *(f"    {line}" for line in shown.subject.lines())]
        rows.append(f"          Serial Number (hex): {serial_text(shown.serial)}")
    if own is not None:
        pair = find_key(ctx.router, trustpoint)
        rows.append("    Persistent self-signed certificate trust point")
        rows += [f"    Using key label {pair.label}"] if pair is not None else []
    elif authority is not None:
        rows.append("    Certificate configured.")
    if trustpoint.enrollment == "url":
        rows.append(f"    SCEP URL: {scep_url(trustpoint.place).removesuffix('/pkiclient.exe')}")
    if trustpoint.crl_query:
        rows.append(f"    CRL query url: {trustpoint.crl_query}")
    return rows


def show_status(ctx: Context, name: str = "") -> str:
    rows: list[str] = []
    for trustpoint in _chosen(ctx, name):
        rows += [f"Trustpoint {trustpoint.name}:", *_status(ctx, trustpoint), ""]
    return "".join(f"{row}\n" for row in rows)


def _status(ctx: Context, trustpoint: Trustpoint) -> list[str]:
    router, name = ctx.router, trustpoint.name
    authority, own, pair = authority_of(router, name), own_of(router, name), find_key(router, trustpoint)
    purpose = (pair.usage if pair is not None else Usage.GENERAL).short
    rows = [*_certificate("Issuing CA", authority or certificate_of(router, name, SELF_SIGNED))]
    rows += _certificate(f"Router {purpose}", own)
    service = router.service(PkiService)
    status = service.statuses.get(name)
    rows += [f"  Last enrollment status: {status}"] if status is not None else []
    exportable = "exportable" if pair is not None and pair.exportable else "non-exportable"
    pending = name in service.enrollments
    return [
        *rows,
        "  State:",
        f"    Keys generated ............. {f'Yes ({purpose}, {exportable})' if pair is not None else 'No'}",
        f"    Issuing CA authenticated ....... {'Yes' if authority or own else 'No'}",
        f"    Certificate request(s) ..... {'Pending' if pending else 'Yes' if own is not None else 'None'}",
    ]


def _certificate(title: str, certificate: Certificate | None) -> list[str]:
    if certificate is None:
        return []
    return [
        f"  {title} certificate configured:",
        "    Subject Name:",
        f"     {certificate.subject}",
        f"    Fingerprint MD5: {fingerprint_md5(certificate.der)} ",
        f"    Fingerprint SHA1: {fingerprint_sha1(certificate.der)} ",
    ]


_STATUS_HELP = "Status of the trustpoint"
declare(TABLE, USER_EXEC, "show crypto pki trustpoints [WORD$name]", show_helps("Show trustpoints", "Trustpoint name"))(
    show_trustpoints
)
declare(
    TABLE,
    USER_EXEC,
    "show crypto pki trustpoints status",
    show_helps("Show trustpoints", _STATUS_HELP),
)(show_status)
declare(
    TABLE,
    USER_EXEC,
    "show crypto pki trustpoints WORD$name status",
    show_helps("Show trustpoints", "Trustpoint name", _STATUS_HELP),
)(show_status)

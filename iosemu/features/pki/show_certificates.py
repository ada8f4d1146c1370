"""show crypto pki certificates."""

from __future__ import annotations

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.extensions import EXTENDED_USAGES
from iosemu.features.pki.config import (
    AUTHORITY,
    NEXT_AUTHORITY,
    NEXT_OWN,
    OWN,
    SELF_SIGNED,
    ChainCertificate,
    PkiConfig,
    Trustpoint,
)
from iosemu.features.pki.request import find_key
from iosemu.features.pki.service import PkiService
from iosemu.features.pki.spelling import declare, show_helps
from iosemu.features.pki.texts import fingerprint_md5, fingerprint_sha1, grouped, serial_text

TABLE = CommandTable()
_TITLES = {
    OWN: "Certificate",
    SELF_SIGNED: "Router Self-Signed Certificate",
    AUTHORITY: "CA Certificate",
    NEXT_OWN: "Certificate (Rollover)",
    NEXT_AUTHORITY: "CA Certificate (Rollover)",
}
# Bit of X.509 key usage, as the first octets show it: its name.
_KEY_USAGES = (
    (0x80, "digital_signature", "Digital Signature"),
    (0x40, "non_repudiation", "Non Repudiation"),
    (0x20, "key_encipherment", "Key Encipherment"),
    (0x10, "data_encipherment", "Data Encipherment"),
    (0x08, "key_agreement", "Key Agreement"),
    (0x04, "key_cert_sign", "Key Cert Sign"),
    (0x02, "crl_sign", "CRL Signature"),
    (0x01, "encipher_only", "Encipher Only"),
)
_EXTENDED = {
    "server-auth": "Server Auth",
    "client-auth": "Client Auth",
    "code-signing": "Code Signing",
    "email-protection": "Email Protection",
    "ipsec-end-system": "IPSEC End System",
    "ipsec-tunnel": "IPSEC Tunnel",
    "ipsec-user": "IPSEC User",
    "time-stamping": "Time Stamping",
    "ocsp-signing": "OCSP Signing",
    "ssh-server": "SSH Server",
    "ssh-client": "SSH Client",
}
_EXTENDED_NAMES = {EXTENDED_USAGES[word]: text for word, text in _EXTENDED.items()}


def _usage(certificate: Certificate) -> str:
    usage = set(certificate.extensions.key_usage)
    if not usage or {"digital_signature", "key_encipherment"} <= usage:
        return "General Purpose"
    return "Encryption" if usage & {"key_encipherment", "data_encipherment"} else "Signature"


def _head(certificate: Certificate) -> list[str]:
    rows = [
        "  Status: Available",
        f"  Certificate Serial Number (hex): {serial_text(certificate.serial)}",
        f"  Certificate Usage: {_usage(certificate)}",
        "  Issuer: ",
        *(f"    {line}" for line in certificate.issuer.lines()),
        "  Subject:",
    ]
    if certificate.subject.values("hostname"):
        rows.append(f"    Name: {certificate.subject.values('hostname')[0]}")
        rows += [f"    IP Address: {value}" for value in certificate.subject.values("ipaddress")[:1]]
        rows += [f"    Serial Number: {value}" for value in certificate.subject.values("serialNumber")[:1]]
    return rows + [f"    {line}" for line in certificate.subject.lines()]


def _validity(ctx: Context, certificate: Certificate, renew: str) -> list[str]:
    text = ctx.router.calendar.text
    urls = certificate.extensions.crl_urls
    rows = ["  CRL Distribution Points: ", *(f"    {url}" for url in urls)] if urls else []
    rows += [
        "  Validity Date: ",
        f"    start date: {text(certificate.not_before)}",
        f"    end   date: {text(certificate.not_after)}",
    ]
    return rows + ([f"    renew date: {renew}"] if renew else [])


def _verbose(certificate: Certificate) -> list[str]:
    key = certificate.public_key
    kind, curve = ("rsaEncryption", "RSA") if key.kind == "rsa" else ("ecEncryption", "EC")
    algorithm = "unknown"
    if certificate.algorithm is not None:
        encryption = "RSA Encryption" if certificate.algorithm.kind == "rsa" else "ECDSA"
        algorithm = f"{certificate.algorithm.hash_name.upper()} with {encryption}"
    return [
        "  Subject Key Info:",
        f"    Public Key Algorithm: {kind}",
        f"    {curve} Public Key: ({key.bits} bit)",
        f"  Signature Algorithm: {algorithm}",
        f"  Fingerprint MD5: {fingerprint_md5(certificate.der)} ",
        f"  Fingerprint SHA1: {fingerprint_sha1(certificate.der)} ",
        "  X509v3 extensions:",
        *_extensions(certificate),
    ]


def _extensions(certificate: Certificate) -> list[str]:
    found = certificate.extensions
    rows = []
    usages = [(bit, text) for bit, name, text in _KEY_USAGES if name in found.key_usage]
    if usages:
        rows.append(f"    X509v3 Key Usage: {sum(bit for bit, _ in usages):02X}000000")
        rows += [f"      {text}" for _, text in usages]
    if found.subject_key_id:
        rows.append(f"    X509v3 Subject Key ID: {grouped(found.subject_key_id)} ")
    if found.is_ca:
        rows += ["    X509v3 Basic Constraints:", "        CA: TRUE"]
    if found.dns_names or found.addresses or found.emails:
        rows.append("    X509v3 Subject Alternative Name:")
        rows += [f"        {name}" for name in found.dns_names]
        rows += [f"        IP Address : {address}" for address in found.addresses]
        rows += [f"        OtherNames : {name}" for name in found.emails]
    if found.authority_key_id:
        rows.append(f"    X509v3 Authority Key ID: {grouped(found.authority_key_id)} ")
    if found.extended_key_usage:
        rows.append("    Extended Key Usage:")
        rows += [f"        {_EXTENDED_NAMES.get(oid, oid)}" for oid in found.extended_key_usage]
    return rows


def _block(ctx: Context, item: ChainCertificate, names: list[str], verbose: bool) -> list[str]:
    certificate = Certificate.parse(item.der)
    service = ctx.router.service(PkiService)
    own = item.kind not in (AUTHORITY, NEXT_AUTHORITY)
    renewal = service.renewals.renewal_at(names[0]) if item.kind == OWN else None
    renew = ctx.router.calendar.text(renewal) if renewal is not None else ""
    rows = [_TITLES[item.kind], *_head(certificate), *_validity(ctx, certificate, renew)]
    if verbose:
        rows += _verbose(certificate)
    rows.append(f"  Associated Trustpoints: {' '.join(names)} ")
    trustpoint = ctx.router.model.block(PkiConfig).trustpoints.get(names[0])
    if verbose and own and trustpoint is not None:
        pair = find_key(ctx.router, trustpoint)
        rows += [f"  Key Label: {pair.label}", f"  Key storage device: {pair.storage}"] if pair is not None else []
    return [*rows, ""]


def _pending(ctx: Context, trustpoint: Trustpoint) -> list[str]:
    enrollment = ctx.router.service(PkiService).enrollments.get(trustpoint.name)
    if enrollment is None or not enrollment.waiting:
        return []
    rows = ["Certificate", "  Subject:"]
    rows += [f"    Name: {enrollment.order.subject.fqdn}"] if enrollment.order.subject.fqdn else []
    return [
        *rows,
        "   Status: Pending",
        "   Key Usage: General Purpose",
        f"   Certificate Request Fingerprint MD5: {fingerprint_md5(enrollment.order.request.der)} ",
        f"   Certificate Request Fingerprint SHA1: {fingerprint_sha1(enrollment.order.request.der)} ",
        f"   Associated Trustpoint: {trustpoint.name} ",
        "",
    ]


def show_certificates(ctx: Context, verbose: str = "", name: str = "") -> str:
    config = ctx.router.model.block(PkiConfig)
    rows: list[str] = []
    # A certificate that several trustpoints have is shown once.
    shared: dict[tuple[str, bytes], list[str]] = {}
    for own in config.trustpoints | config.chains:
        for item in config.certificates(own):
            shared.setdefault((item.kind, item.der), []).append(own)
    shown = set()
    for own in config.trustpoints | config.chains:
        if name not in ("", own):
            continue
        rows += _pending(ctx, config.trustpoints[own]) if own in config.trustpoints else []
        chain = config.certificates(own)
        for item in sorted(chain, key=lambda item: list(_TITLES).index(item.kind)):
            if (item.kind, item.der) not in shown and item.kind in _TITLES:
                shown.add((item.kind, item.der))
                rows += _block(ctx, item, shared[item.kind, item.der], bool(verbose))
    return "".join(f"{row}\n" for row in rows)


declare(
    TABLE,
    USER_EXEC,
    "show crypto pki certificates [verbose$verbose] [WORD$name]",
    show_helps("Show certificates", "Show what is in them, too", "Trustpoint name"),
)(show_certificates)

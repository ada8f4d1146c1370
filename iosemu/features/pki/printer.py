"""PKI in the running-config: maps, trustpoints, certificate chains."""

from __future__ import annotations

from iosemu.features.crypto_keys.show import hex_rows
from iosemu.features.pki.config import (
    CRL_BODY,
    RETRY_COUNT,
    RETRY_PERIOD,
    ChainCertificate,
    PkiConfig,
    Trustpoint,
)
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

# Leading words in the order of IOS.
ORDER = (
    "enrollment retry count", "enrollment retry period", "enrollment mode", "enrollment profile", "enrollment url",
    "enrollment terminal", "enrollment selfsigned", "enrollment pkcs12", "enrollment http-proxy", "usage",
    "serial-number", "fqdn", "ip-address", "password", "fingerprint", "vrf", "subject-name", "subject-alt-name",
    "revocation-check", "ocsp", "crl query", "crl cache", "source interface", "rsakeypair", "eckeypair", "regenerate",
    "auto-enroll", "auto-trigger", "match certificate", "chain-validation", "hash", "eku", "primary", "root", "storage",
    "authorization", "on",
)  # fmt: skip


def _rank(line: str) -> int:
    words = f"{line.removeprefix('no ')} "
    return next((rank for rank, prefix in enumerate(ORDER) if words.startswith(f"{prefix} ")), len(ORDER))


def _enrollment(item: Trustpoint) -> Lines:
    lines = []
    if item.enrollment:
        words = ["enrollment", item.enrollment, item.place, "pem" if item.pem else ""]
        lines.append(" ".join(word for word in words if word))
    if item.retry_count != RETRY_COUNT:
        lines.append(f"enrollment retry count {item.retry_count}")
    if item.retry_period != RETRY_PERIOD:
        lines.append(f"enrollment retry period {item.retry_period}")
    return lines


def _identity(item: Trustpoint) -> Lines:
    lines = []
    if item.serial_number is not None:
        lines.append("serial-number" if item.serial_number else "serial-number none")
    if item.rsa_key is not None:
        label, *sizes = item.rsa_key
        lines.append(" ".join(["rsakeypair", label, *(str(size) for size in sizes if size)]))
    if item.password is not None:
        lines.append(f"password {item.password.kind} {item.password.text}")
    words = {
        "fqdn": item.fqdn or "",
        "ip-address": item.ip_address or "",
        "subject-name": item.subject_name,
        "subject-alt-name": item.subject_alt_name,
        "fingerprint": item.fingerprint,
        "hash": item.hash,
        "eckeypair": item.ec_key,
        "usage": item.usage,
        "vrf": item.vrf,
        "source interface": str(item.source_interface or ""),
    }
    return lines + [f"{name} {value}" for name, value in words.items() if value]


def _checks(item: Trustpoint) -> Lines:
    lines = [f"revocation-check {' '.join(item.revocation)}"]
    words = {"crl query": item.crl_query, "crl cache": item.crl_cache, "chain-validation": item.chain_validation}
    lines += [f"{name} {value}" for name, value in words.items() if value]
    lines += [f"match certificate {match.map} {match.exemption}".rstrip() for match in item.matches]
    if item.auto_enroll is not None:
        parts = [str(item.auto_enroll or ""), "regenerate" if item.auto_regenerate else ""]
        lines.append(" ".join(["auto-enroll", *(part for part in parts if part)]))
    return lines + (["regenerate"] if item.regenerate else [])


def trustpoint_lines(item: Trustpoint) -> Lines:
    """The block of a trustpoint."""
    lines = [*_enrollment(item), *_identity(item), *_checks(item), *item.kept.lines()]
    return [f"crypto pki trustpoint {item.name}", *(f" {line}" for line in sorted(lines, key=_rank))]


def _certificate(item: ChainCertificate) -> Lines:
    words = ("certificate", item.kind, item.serial, item.storage) if item.kind != CRL_BODY else ("crl", item.serial)
    opening = f" {' '.join(word for word in words if word)}"
    if item.storage:
        return [opening]
    body = list(item.text) or [f"  {row}" for row in hex_rows(item.der)]
    return [opening, *body, "  \tquit"]


def _chains(config: PkiConfig) -> Lines:
    """All chains stand in one paragraph."""
    lines = []
    for name in config.trustpoints | config.chains:
        if name in config.chains:
            lines.append(f"crypto pki certificate chain {name}")
            for item in config.chains[name]:
                lines += _certificate(item)
    return lines


def _maps(config: PkiConfig) -> list[Lines]:
    found = []
    for name, entries in config.maps.items():
        for sequence in sorted(entries):
            lines = [f" {' '.join(condition)}" for condition in entries[sequence].conditions]
            found.append([f"crypto pki certificate map {name} {sequence}", *lines])
    return found


def _trustpoints(router: Router) -> list[Lines]:
    config = router.model.block(PkiConfig)
    found = [trustpoint_lines(item) for item in config.trustpoints.values()]
    cache = [] if config.crl_cache_size is None else [[f"crypto pki crl cache size {config.crl_cache_size}"]]
    return found + cache + _maps(config)


def _chain_paragraph(router: Router) -> list[Lines]:
    return [_chains(router.model.block(PkiConfig))]


SECTIONS = (Section(Place.PKI, _trustpoints, 60), Section(Place.PKI, _chain_paragraph, 90))

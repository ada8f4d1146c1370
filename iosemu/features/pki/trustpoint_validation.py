"""The lines of a trustpoint about which certificates are believed."""

from __future__ import annotations

from iosemu.cli import CommandError, CommandTable, Context
from iosemu.features.pki.config import CA_TRUSTPOINT, CRL, MapMatch, Trustpoint
from iosemu.features.pki.trustpoint_lines import lines_of, setter

TABLE = CommandTable()
line = lines_of(TABLE)


def fingerprint(ctx: Context, value: str = "") -> None:
    digits = "".join(value.split()).upper()
    if not ctx.negated and (not digits or set(digits) - set("0123456789ABCDEF")):
        raise CommandError("% Invalid fingerprint")
    ctx.target.fingerprint = "" if ctx.negated else digits


line("fingerprint LINE$value", "Fingerprint of the CA certificate\nHexadecimal digits", fingerprint)


def revocation_check(ctx: Context, first: str = CRL, second: str = "", third: str = "") -> None:
    methods = [word for word in (first, second, third) if word]
    ctx.target.revocation = (CRL,) if ctx.negated else tuple(dict.fromkeys(methods))


_METHODS = "Revocation check by CRL\nIgnore revocation check\nRevocation check by OCSP"
_METHOD = "(crl|none|ocsp)"
line(
    f"revocation-check {_METHOD}$first [{_METHOD}$second [{_METHOD}$third]]",
    f"Method of revocation checking\n{_METHODS}\n{_METHODS}\n{_METHODS}",
    revocation_check,
)


def crl_optional(ctx: Context) -> None:
    """How old releases wrote `revocation-check crl none`."""
    ctx.target.revocation = (CRL,) if ctx.negated else (CRL, "none")


TABLE.command(
    CA_TRUSTPOINT,
    "crl optional",
    "CRL options\nDo not insist on a CRL",
    no="crl optional",
    hidden=True,
)(crl_optional)
line("crl query WORD$value", "CRL options\nWhere the CRL is\nURL", setter("crl_query"))


def crl_cache(ctx: Context) -> None:
    ctx.target.crl_cache = "" if ctx.negated else " ".join(ctx.line.split()[2:])


line(
    "crl cache (none|delete-after <1-43200>|extend <1-1440>)",
    """CRL options
    Caching of CRLs
    Do not cache CRLs
    Delete CRLs from the cache after this time
    Minutes
    Use CRLs for this long after they have expired
    Minutes""",
    crl_cache,
)


def match_certificate(ctx: Context, map: str = "") -> None:
    """One line per map; `no` without a map removes all of them."""
    target: Trustpoint = ctx.target
    target.matches = [item for item in target.matches if map and item.map != map]
    if not ctx.negated:
        target.matches.append(MapMatch(map, " ".join(ctx.line.split()[3:])))


_EXEMPTIONS = "(allow expired-certificate|skip (revocation-check|authorization-check)|override LINE)"
line(
    f"match certificate WORD$map [{_EXEMPTIONS}]",
    """Match a certificate
    Certificate attributes
    Certificate map label
    Exceptional certificates
    Expired certificates
    Leave a check out
    Do not check for revocation
    Do not check authorization
    Take something else than the certificate says
    What, and instead of what""",
    match_certificate,
)


def chain_validation(ctx: Context) -> None:
    ctx.target.chain_validation = "" if ctx.negated else " ".join(ctx.line.split()[1:])


line(
    "chain-validation (stop|continue [WORD])",
    """How far a chain is validated
    Up to this trustpoint
    Up to another trustpoint
    Parent trustpoint""",
    chain_validation,
)

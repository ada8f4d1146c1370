"""crypto pki crl request, certificate validate, and what clears counters and lists."""

from __future__ import annotations

from iosemu.cli import PRIV_EXEC, CommandError, CommandTable, Context, Interaction, Wait
from iosemu.features.pki.authenticate import known
from iosemu.features.pki.chains import own_of
from iosemu.features.pki.service import PkiService
from iosemu.features.pki.spelling import EITHER, declare, pki_helps
from iosemu.features.pki.verification import Counters, Outcome, Verified

TABLE = CommandTable()
PATIENCE = 60.0


def crl_request(ctx: Context, name: str) -> Interaction:
    """Fetch the list of a trustpoint's CA now; what goes wrong is logged. What is done at once leaves nothing that `no`
    could take back."""
    if ctx.negated:
        return
    trustpoint = known(ctx, name)
    service = ctx.router.service(PkiService)
    authority = service.request_crl(trustpoint)
    if authority is None:
        raise CommandError("% You must authenticate the Certificate Authority before\nyou can request its CRL.")
    yield Wait(PATIENCE, lambda: not service.fetcher.is_running(authority))


def validate(ctx: Context, name: str) -> Interaction:
    """Judge the router's own certificate as a peer would."""
    known(ctx, name)
    service = ctx.router.service(PkiService)
    own = own_of(ctx.router, name)
    if own is None:
        yield f"Chain has 0 certificates\nCertificate chain for {name} is invalid\n"
        return
    found: list[Verified] = []

    def judged() -> bool:
        # Only what is decided counts; a list that is being fetched will come or fail.
        if not service.fetcher.busy:
            found.append(service.verifier.verify((own,), [name]))
        return bool(found) and found[-1].outcome is not Outcome.PENDING

    yield Wait(PATIENCE, judged)
    valid = bool(found) and found[-1].outcome is Outcome.VALID
    count = len(found[-1].path) if found else 0
    yield f"Chain has {count} certificate{'' if count == 1 else 's'}\n"
    yield f"Certificate chain for {name} is {'valid' if valid else 'invalid'}\n"


declare(
    TABLE,
    EITHER,
    "crypto pki crl request WORD$name",
    pki_helps("Actions involving certificate revocation lists", "Request a CRL from the CA", "CA trustpoint name"),
    no="crypto pki crl request WORD$name",
)(crl_request)
declare(
    TABLE,
    EITHER,
    "crypto pki certificate validate WORD$name",
    pki_helps("Actions on certificates", "Validate the chain of a trustpoint", "CA trustpoint name"),
)(validate)


def clear_counters(ctx: Context) -> None:
    service = ctx.router.service(PkiService)
    service.verifier.counters = Counters()
    service.fetcher.attempts = service.fetcher.failures = 0


def clear_crls(ctx: Context, name: str | None = None) -> None:
    ctx.router.service(PkiService).crls.forget(name)


_CLEAR = "Reset functions\n"
declare(TABLE, PRIV_EXEC, "clear crypto pki counters", f"{_CLEAR}{pki_helps('PKI counters')}")(clear_counters)
declare(
    TABLE,
    PRIV_EXEC,
    "clear crypto pki crls [WORD$name]",
    f"{_CLEAR}{pki_helps('Cached CRLs', 'CA trustpoint name')}",
)(clear_crls)

"""show crypto pki crls, counters and timers."""

from __future__ import annotations

from datetime import datetime, timedelta

from iosemu.cli import USER_EXEC, CommandTable, Context
from iosemu.features.pki.crl_cache import CachedCrl
from iosemu.features.pki.renewal import ROLLOVER, SHADOW, Due
from iosemu.features.pki.service import PkiService
from iosemu.features.pki.spelling import declare, show_helps

TABLE = CommandTable()


def show_crls(ctx: Context) -> str:
    cache = ctx.router.service(PkiService).crls
    rows = [row for item in cache.lists for row in _crl(ctx, item)]
    rows += [f"Parsed CRL cache current size is {cache.octets} bytes"] if cache.lists else []
    rows += [f"Parsed CRL cache maximum size is {cache.limit} bytes"] if cache.lists else []
    return "".join(f"{row}\n" for row in rows)


def _crl(ctx: Context, item: CachedCrl) -> list[str]:
    text = ctx.router.calendar.text
    following = item.crl.next_update
    return [
        "CRL Issuer Name: ",
        f"    {item.crl.issuer}",
        f"    LastUpdate: {text(item.crl.this_update)}",
        *([f"    NextUpdate: {text(following)}"] if following is not None else []),
        f"    CRL downloaded at: {text(item.downloaded)}",
        "    Retrieved from CRL Distribution Point: ",
        f"      {item.source}",
        f"    CRL DER is {len(item.crl.der)} bytes",
        "    CRL is stored in parsed CRL cache",
        "",
    ]


declare(TABLE, USER_EXEC, "show crypto pki crls", show_helps("Show Certificate Revocation Lists"))(show_crls)


def show_counters(ctx: Context) -> str:
    service = ctx.router.service(PkiService)
    found = service.verifier.counters
    rows = (
        ("PKI Sessions Started", found.started),
        ("PKI Sessions Ended", found.ended),
        ("PKI Sessions Active", found.started - found.ended),
        ("Successful Validations", found.valid),
        ("Failed Validations", found.failed),
        ("Bypassed Validations", found.bypassed),
        ("Pending Validations", 0),
        ("CRLs checked", found.checked),
        ("CRL - fetch attempts", service.fetcher.attempts),
        ("CRL - failed attempts", service.fetcher.failures),
        ("CRL - rejected busy fetching", 0),
        ("AAA authorizations", 0),
    )
    return "".join(f"{name}: {number}\n" for name, number in rows)


declare(TABLE, USER_EXEC, "show crypto pki counters", show_helps("Show PKI counters"))(show_counters)


def _rows(ctx: Context) -> list[tuple[datetime, str]]:
    """When each timer ends, and its name."""
    service = ctx.router.service(PkiService)
    now = ctx.router.calendar.utc()
    clock = ctx.router.clock.now()
    found = [(item.when, _timer_name(item)) for item in service.renewals.due()]
    found += [(item.until, f"CRL EXPIRE {item.crl.issuer}") for item in service.crls.lists if item.until is not None]
    for name, enrollment in service.enrollments.items():
        if enrollment.next_poll is not None:
            found.append((now + timedelta(seconds=enrollment.next_poll - clock), f"POLL {name}"))
    return sorted(found)


def show_timers(ctx: Context, detail: str = "") -> str:
    now = ctx.router.calendar.utc()
    rows = []
    for when, name in _rows(ctx):
        stamp = f"  ({when:%Y-%m-%dT%H:%M:%SZ})" if detail else " "
        rows.append(f"|{_left((when - now).total_seconds()):>17}{stamp} {name}")
    first = [f"|{rows[0][1:18]}"] if rows and not detail else []
    return "".join(f"{row}\n" for row in ["PKI Timers", *first, *rows])


def _timer_name(item: Due) -> str:
    words = {ROLLOVER: "ROLLOVER", SHADOW: "SHADOW"}
    return f"{words.get(item.what, 'RENEW')} {item.trustpoint}"


def _left(seconds: float) -> str:
    """`291d23:59:52.231`, `5:58:01.690`, `57.782`."""
    whole = max(int(seconds * 1000), 0)
    days, rest = divmod(whole, 86400_000)
    hours, rest = divmod(rest, 3600_000)
    minutes, rest = divmod(rest, 60_000)
    tail = f"{rest // 1000:02d}.{rest % 1000:03d}"
    if days:
        return f"{days}d{hours:2d}:{minutes:02d}:{tail}"
    if hours:
        return f"{hours}:{minutes:02d}:{tail}"
    return f"{minutes}:{tail}" if minutes else f"{rest // 1000}.{rest % 1000:03d}"


for _word in ("timers", "timer"):
    declare(
        TABLE,
        USER_EXEC,
        f"show crypto pki {_word} [detail$detail]",
        show_helps("Show PKI timers", "When each of them ends, too"),
    )(show_timers)

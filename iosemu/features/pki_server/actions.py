"""crypto pki server NAME ...: what the administrator of a CA does."""

from __future__ import annotations

from datetime import timedelta

from iosemu.cli import PRIV_EXEC, CommandError, CommandTable, Context, Interaction
from iosemu.engines.pki.requests import Entry
from iosemu.features.pki.spelling import declare, pki_helps
from iosemu.features.pki.texts import serial_text
from iosemu.features.pki_server.commands import known
from iosemu.features.pki_server.paper import granted_text
from iosemu.features.pki_server.running import RunningServer
from iosemu.features.pki_server.service import CertificateServerService
from iosemu.features.pki_server.show_database import crl_text, requests_text
from iosemu.features.pki_server.switch import start

TABLE = CommandTable()
PASSWORD_MINUTES = 60
PASSWORD_OCTETS = 8
_HEAD = "crypto pki server WORD$name"
_HELPS = ("Actions of the certificate server", "Label of the server")


def enabled(ctx: Context, name: str) -> RunningServer:
    """A server that runs; raises CommandError."""
    known(ctx, name)
    found = ctx.router.service(CertificateServerService).running(name)
    if found is None:
        raise CommandError(f"% Certificate server '{name}' is not enabled")
    return found


def grant(ctx: Context, name: str, number: int | None = None) -> str:
    running = enabled(ctx, name)
    granted = running.authority.grant(number, ctx.router.calendar.utc())
    running.tend()
    return _none_found(granted, number) or "".join(granted_text(running, entry) for entry in granted)


def reject(ctx: Context, name: str, number: int | None = None) -> str:
    running = enabled(ctx, name)
    rejected = running.authority.reject(number)
    running.tend()
    return _none_found(rejected, number)


def remove(ctx: Context, name: str, number: int | None = None) -> str:
    found = enabled(ctx, name).authority.requests.remove(number)
    return "" if found or number is None else f"% There is no request with the id {number}\n"


def _none_found(entries: list[Entry], number: int | None) -> str:
    return "" if entries or number is None else f"% There is no pending request with the id {number}\n"


def _serial(text: str) -> int:
    """Decimal, or hexadecimal behind 0x."""
    try:
        number = int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        raise CommandError(at=text) from None
    if len(text) > 40 or number < 0:
        raise CommandError(at=text)
    return number


def revoke(ctx: Context, name: str, serial: str) -> str:
    running, number = enabled(ctx, name), _serial(serial)
    if not running.authority.revoke(number, ctx.router.calendar.utc()):
        return f"% Certificate {serial_text(number)} cannot be revoked: it is unknown, revoked, or the CA's own.\n"
    running.tend()
    return f"% Certificate {serial_text(number)} successfully revoked.\n"


def unrevoke(ctx: Context, name: str, serial: str) -> str:
    running, number = enabled(ctx, name), _serial(serial)
    if not running.authority.unrevoke(number, ctx.router.calendar.utc()):
        return f"% Certificate {serial_text(number)} is not revoked.\n"
    running.tend()
    return f"% Certificate {serial_text(number)} successfully unrevoked.\n"


def info(ctx: Context, name: str, what: str) -> str:
    running = enabled(ctx, name)
    return requests_text(running) if what == "requests" else crl_text(ctx.router, running)


def password(ctx: Context, name: str, minutes: int = PASSWORD_MINUTES) -> str:
    """One at a time: a new one takes the place of the one before."""
    text = ctx.router.clock.random_bytes(PASSWORD_OCTETS).hex().upper()
    ends = ctx.router.calendar.utc() + timedelta(minutes=minutes)
    enabled(ctx, name).authority.password = (text, ends)
    return f"% New password is {text}, valid for {minutes} minutes\n"


def switch(ctx: Context, name: str, word: str) -> Interaction:
    server = known(ctx, name)
    server.shutdown = word == "stop"
    if word == "start":
        yield from start(ctx, server)
    ctx.router.commit()


_ONE_OR_ALL = "(all|<1-999>$number)"
_NUMBER = "All requests\nNumber of the request"
_SERIAL = "Serial number of the certificate, hexadecimal behind 0x"
for _spec, _texts, _handler in (
    (f"grant {_ONE_OR_ALL}", f"Grant enrollment requests\n{_NUMBER}", grant),
    (f"reject {_ONE_OR_ALL}", f"Reject enrollment requests\n{_NUMBER}", reject),
    (f"remove {_ONE_OR_ALL}", f"Remove enrollment requests from the database\n{_NUMBER}", remove),
    ("revoke WORD$serial", f"Revoke a certificate\n{_SERIAL}", revoke),
    ("unrevoke WORD$serial", f"Take a revocation back\n{_SERIAL}", unrevoke),
    (
        "info (requests|crl)$what",
        "Information about the server\nEnrollment requests\nCertificate revocation list",
        info,
    ),
    (
        "password generate [<1-1440>$minutes]",
        "One-time password of enrollment requests\nGenerate one\nMinutes that it is valid",
        password,
    ),
    ("(start|stop)$word", "Start the server\nStop the server", switch),
):
    declare(TABLE, PRIV_EXEC, f"{_HEAD} {_spec}", pki_helps(*_HELPS, _texts))(_handler)

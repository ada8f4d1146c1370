"""The lines of a trustpoint about its CA: how certificates are asked for, from where, and when again."""

from __future__ import annotations

from iosemu.cli import CommandTable, Context
from iosemu.cli.kept import declare as declare_kept
from iosemu.cli.table import Handler
from iosemu.features.pki.config import CA_TRUSTPOINT, RETRY_COUNT, RETRY_PERIOD, Trustpoint
from iosemu.features.pki.trustpoint_lines import lines_of, setter
from iosemu.features.vrf.config import check_vrf
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
line = lines_of(TABLE)
# What has no effect here.
KEPT = """
enrollment mode ra
enrollment http-proxy = LINE
ocsp url = WORD
ocsp LINE
auto-trigger
storage = WORD
authorization list = WORD
authorization username = LINE
primary
root LINE
eku request LINE
on = WORD
"""
declare_kept(TABLE, CA_TRUSTPOINT, lambda ctx: ctx.target.kept, KEPT)


def _enrollment(kind: str) -> Handler:
    def handler(ctx: Context, place: str = "", pem: str = "") -> None:
        target: Trustpoint = ctx.target
        wanted = ("", "", False) if ctx.negated else (kind, place, bool(pem))
        if not ctx.negated or target.enrollment == kind:
            target.enrollment, target.place, target.pem = wanted

    return handler


_ENROLLMENT = "Enrollment parameters\n"
line(
    "enrollment url WORD$place [pem$pem]",
    f"{_ENROLLMENT}CA server enrollment URL\nURL\nPEM encoded enrollment",
    _enrollment("url"),
)
line(
    "enrollment terminal [pem$pem]",
    f"{_ENROLLMENT}Enroll via the terminal (cut-and-paste)\nPEM encoded enrollment",
    _enrollment("terminal"),
)
line("enrollment selfsigned", f"{_ENROLLMENT}Generate self-signed certificate", _enrollment("selfsigned"))
line("enrollment pkcs12", f"{_ENROLLMENT}Enroll by importing a PKCS12 file", _enrollment("pkcs12"))
line("enrollment profile WORD$place", f"{_ENROLLMENT}Enrollment profile\nProfile label", _enrollment("profile"))
_RETRY = f"{_ENROLLMENT}Polling parameters\n"
line("enrollment retry count <1-100>$value", f"{_RETRY}How many times\nNumber of retries", setter("retry_count"))
line("enrollment retry period <1-60>$value", f"{_RETRY}How long between polls\nMinutes", setter("retry_period"))
assert (Trustpoint("").retry_count, Trustpoint("").retry_period) == (RETRY_COUNT, RETRY_PERIOD)


def auto_enroll(ctx: Context, percent: int = 0, regenerate: str = "") -> None:
    ctx.target.auto_enroll = None if ctx.negated else percent
    ctx.target.auto_regenerate = bool(regenerate) and not ctx.negated


line(
    "auto-enroll [<10-100>$percent] [regenerate$regenerate]",
    """Automatically enroll this router
    Percentage of the certificate's lifetime
    Make a new key pair, too""",
    auto_enroll,
)


def regenerate(ctx: Context) -> None:
    ctx.target.regenerate = not ctx.negated


line("regenerate", "Make new keys on each re-enrollment", regenerate)


def source_interface(ctx: Context, interface: InterfaceName | None = None) -> None:
    ctx.target.source_interface = None if ctx.negated else interface


line(
    "source interface INTERFACE$interface",
    "Source of connections to the CA\nInterface whose address is the source\nInterface name",
    source_interface,
)


def vrf(ctx: Context, value: str = "") -> None:
    if not ctx.negated and not ctx.session.loading:
        check_vrf(ctx.router.model, value)
    ctx.target.vrf = "" if ctx.negated else value


line("vrf WORD$value", "VRF to reach the CA in\nVRF name", vrf)

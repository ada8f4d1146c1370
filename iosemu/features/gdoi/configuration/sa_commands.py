"""`sa ipsec` of `server local` and its lines."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.features.gdoi.configuration.config import (
    DEFAULT_REPLAY_WINDOW,
    DEFAULT_TIME_WINDOW,
    LOCAL_SERVER,
    SA_IPSEC,
    GdoiGroups,
    SaIpsec,
)

TABLE = CommandTable()


@TABLE.command(
    LOCAL_SERVER,
    "sa ipsec <1-65535>$number",
    "Security association\nIPsec SA\nSequence number",
    no="sa ipsec <1-65535>$number",
)
def sa_ipsec(ctx: Context, number: int) -> None:
    sas: dict[int, SaIpsec] = ctx.target.sas
    if ctx.negated:
        sas.pop(number, None)
    else:
        ctx.enter(SA_IPSEC, sas.setdefault(number, SaIpsec(number)))


@TABLE.command(SA_IPSEC, "profile WORD$name", "IPsec profile of the SA\nProfile name", no=ARGUMENTS_OPTIONAL)
def profile(ctx: Context, name: str | None = None) -> None:
    ctx.target.profile = None if ctx.negated else name


@TABLE.command(
    SA_IPSEC,
    "match address ipv4 WORD$acl",
    "Traffic to protect\nBy addresses\nIPv4\nExtended access list",
    no=ARGUMENTS_OPTIONAL,
)
def match_address(ctx: Context, acl: str | None = None) -> None:
    _refuse_other_family(ctx, ipv6=False)
    ctx.target.acl = None if ctx.negated else acl


@TABLE.command(
    SA_IPSEC,
    "replay counter window-size (64|128|256|512|1024)$size",
    """Replay protection
    By sequence numbers
    Size of the window
    64 packets
    128 packets
    256 packets
    512 packets
    1024 packets""",
    no="replay",
)
def replay(ctx: Context, size: str = str(DEFAULT_REPLAY_WINDOW)) -> None:
    ctx.target.replay_window = int(size) if not ctx.negated or ctx.defaulted else None
    ctx.target.replay_time = None


@TABLE.command(
    SA_IPSEC,
    "replay time [window-size <1-100>$seconds]",
    "Replay protection\nBy time\nSize of the window\nSeconds",
    no="replay time [window-size <1-100>$seconds]",
)
def replay_time(ctx: Context, seconds: int = DEFAULT_TIME_WINDOW) -> None:
    ctx.target.replay_window = DEFAULT_REPLAY_WINDOW
    ctx.target.replay_time = None if ctx.negated else seconds


@TABLE.command(
    SA_IPSEC,
    "match address ipv6 WORD$acl",
    "Traffic to protect\nBy addresses\nIPv6\nIPv6 access list",
    no=ARGUMENTS_OPTIONAL,
)
def match_address6(ctx: Context, acl: str | None = None) -> None:
    _refuse_other_family(ctx, ipv6=True)
    ctx.target.acl6 = None if ctx.negated else acl


def _refuse_other_family(ctx: Context, *, ipv6: bool) -> None:
    """A group protects traffic of one family."""
    for group in ctx.router.model.block(GdoiGroups).groups.values():
        mine = group.local is not None and any(sa is ctx.target for sa in group.local.sas.values())
        if mine and group.ipv6 != ipv6 and not ctx.negated:
            own, other = ("IPv6", "IPv4") if group.ipv6 else ("IPv4", "IPv6")
            raise CommandError(f"% Group {group.name} is an {own} group: an {other} access list cannot be used.")


@TABLE.command(SA_IPSEC, "tag cts sgt", "Inline tagging\nTrustSec\nSecurity group tag", no="tag [cts sgt]")
def tag(ctx: Context) -> None:
    ctx.target.tag = not ctx.negated

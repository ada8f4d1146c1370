"""The `set` lines of entries for point-to-point SAs."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.features.crypto_map.config import CRYPTO_MAP
from iosemu.features.crypto_map.tunnel import NO_VOLUME, Peer, ReverseRoute, TunnelSettings
from iosemu.features.ipsec import words
from iosemu.features.ipsec.config import PFS_GROUPS

TABLE = CommandTable()
_SET = "Set values for encryption/decryption\n"
_SA = _SET + "Security association parameters\n"
_MANY_PEERS = 40


def _tunnel(ctx: Context) -> TunnelSettings:
    settings: TunnelSettings = ctx.target.tunnel
    return settings


@TABLE.command(
    CRYPTO_MAP,
    "set peer (A.B.C.D$address|WORD$name) [dynamic$dynamic] [default$default]",
    _SET
    + """Allowed Encryption/Decryption peer
    IP address of peer
    Host name of the peer
    Resolve the peer name for each negotiation
    Set this peer as the default one""",
    no="set peer (A.B.C.D$address|WORD$name)",
)
def set_peer(
    ctx: Context,
    address: IPv4Address | None = None,
    name: str = "",
    dynamic: str | None = None,
    default: str | None = None,
) -> None:
    peers = _tunnel(ctx).peers
    word = str(address) if address is not None else name
    others = [peer for peer in peers if peer.name != word]
    if ctx.negated:
        peers[:] = others
        return
    if len(others) >= _MANY_PEERS:
        raise CommandError(f"% No more than {_MANY_PEERS} peers are allowed.")
    peer = Peer(word, bool(default), bool(dynamic))
    if default and any(item.default for item in others):
        raise CommandError("% A default peer is already configured.")
    # The default peer stands first.
    peers[:] = [peer, *others] if default else [*peers, peer] if len(others) == len(peers) else peers


@TABLE.command(
    CRYPTO_MAP,
    "set transform-set LINE$names",
    f"{_SET}Specify list of transform sets in priority order\nProposal tags",
    no=ARGUMENTS_OPTIONAL,
)
def set_transform_set(ctx: Context, names: str = "") -> None:
    _tunnel(ctx).transform_sets = [] if ctx.negated else words.transform_set_names(ctx, names)


@TABLE.command(
    CRYPTO_MAP,
    f"set pfs [({'|'.join(PFS_GROUPS)})$group]",
    f"{_SET}Specify pfs settings\n" + "\n".join(f"D-H Group{name.removeprefix('group')}" for name in PFS_GROUPS),
    no=ARGUMENTS_OPTIONAL,
)
def set_pfs(ctx: Context, group: str = "group1") -> None:
    _tunnel(ctx).pfs = None if ctx.negated else group


@TABLE.command(
    CRYPTO_MAP,
    f"set security-association {words.lifetime(2592000)}",
    _SA + words.LIFETIME_HELP,
    no=f"set security-association {words.NO_LIFETIME}",
)
def set_lifetime(
    ctx: Context,
    seconds: int | None = None,
    days: int | None = None,
    kilobytes: int | None = None,
    disable: str | None = None,
) -> None:
    tunnel = _tunnel(ctx)
    if ctx.negated:
        if "kilobytes" in ctx.line.split():
            tunnel.kilobytes = None
        else:
            tunnel.seconds = tunnel.days = None
    elif kilobytes is not None or disable:
        tunnel.kilobytes = NO_VOLUME if disable else kilobytes
    else:
        tunnel.seconds, tunnel.days = seconds, days


@TABLE.command(
    CRYPTO_MAP,
    "set security-association idle-time <60-86400>$seconds [default$default]",
    _SA
    + """Automatically delete IPSec SAs after a given idle period.
    Inactivity time in seconds
    Begin with the default peer again""",
    no=ARGUMENTS_OPTIONAL,
)
def set_idle_time(ctx: Context, seconds: int | None = None, default: str | None = None) -> None:
    tunnel = _tunnel(ctx)
    tunnel.idle_time = None if ctx.negated else seconds
    tunnel.idle_default = bool(default) and not ctx.negated


@TABLE.command(
    CRYPTO_MAP,
    "set security-association level per-host",
    f"{_SA}specify a security association granularity level for identities\nrequest an SA for each pair of hosts",
    no=ARGUMENTS_OPTIONAL,
)
def set_level(ctx: Context) -> None:
    _tunnel(ctx).per_host = not ctx.negated


@TABLE.command(
    CRYPTO_MAP,
    f"set security-association {words.REPLAY}",
    _SA + words.REPLAY_HELP,
    no=f"set security-association {words.NO_REPLAY}",
)
def set_replay(ctx: Context, size: str = "0", disable: str | None = None) -> None:
    _tunnel(ctx).replay = None if ctx.negated else int(size)


@TABLE.command(
    CRYPTO_MAP,
    "set security-association dfbit (clear|copy|set)$rule",
    f"{_SA}Handling of encapsulated DF bit\n{words.DF_HELP}",
    no=ARGUMENTS_OPTIONAL,
)
def set_df_bit(ctx: Context, rule: str | None = None) -> None:
    _tunnel(ctx).df_bit = None if ctx.negated else rule


@TABLE.command(
    CRYPTO_MAP,
    "set isakmp-profile WORD$name",
    f"{_SET}Specify isakmp Profile\nName of the profile",
    no=ARGUMENTS_OPTIONAL,
)
def set_isakmp_profile(ctx: Context, name: str | None = None) -> None:
    _tunnel(ctx).isakmp_profile = None if ctx.negated else name


@TABLE.command(
    CRYPTO_MAP,
    "reverse-route [(static$static|remote-peer A.B.C.D$gateway [gateway$by_gateway] [static$static])]",
    """Reverse Route Injection.
    Create routes based on static ACLs permanently
    Create route in route table for remote tunnel endpoint
    Next hop of the route
    The next hop is a gateway to the remote tunnel endpoint
    Create routes based on static ACLs permanently""",
    no=ARGUMENTS_OPTIONAL,
)
def reverse_route(
    ctx: Context, gateway: IPv4Address | None = None, by_gateway: str | None = None, static: str | None = None
) -> None:
    wanted = ReverseRoute(gateway, bool(by_gateway), bool(static))
    _tunnel(ctx).reverse_route = None if ctx.negated else wanted

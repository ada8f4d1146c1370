"""Global settings of ISAKMP."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandTable, Context
from iosemu.cli.kept import declare
from iosemu.features.accounts.master_key import CLEAR, stored
from iosemu.features.isakmp.config import IsakmpConfig, KeepaliveConfig
from iosemu.features.isakmp.keys import HostKey

TABLE = CommandTable()
_HEAD = "Encryption module\nConfigure ISAKMP policy\n"


def _config(ctx: Context) -> IsakmpConfig:
    return ctx.router.model.block(IsakmpConfig)


@TABLE.command(
    CONFIG,
    "crypto isakmp default policy",
    _HEAD + "Default policies\nPolicies that hold while none is configured",
    no=ARGUMENTS_OPTIONAL,
)
def default_policy(ctx: Context) -> None:
    _config(ctx).default_policies = not ctx.negated or ctx.defaulted


_HOST_KEY = "crypto isakmp key [(0|6)$kind] WORD$key hostname WORD$host [no-xauth$no_xauth]"


@TABLE.command(
    CONFIG,
    _HOST_KEY,
    _HEAD
    + """Set pre-shared key for remote peer
    Specifies an UNENCRYPTED password will follow
    Specifies an ENCRYPTED password will follow
    The UNENCRYPTED (cleartext) user password
    define shared key with hostname
    Hostname that the peer calls itself
    Bypasses XAuth for this peer""",
    no=_HOST_KEY,
)
def host_key(ctx: Context, key: str, host: str, kind: str = CLEAR, no_xauth: str | None = None) -> None:
    keys = _config(ctx).host_keys
    keys[:] = [item for item in keys if item.host != host]
    if not ctx.negated:
        kind, key = stored(ctx.router, kind, key)
        keys.append(HostKey(key, host, kind, bool(no_xauth)))


@TABLE.command(
    CONFIG,
    "crypto isakmp identity (address|dn|hostname)$kind",
    _HEAD
    + """Set the identity which ISAKMP will use
    Use the IP address of the interface for the identity
    Use the distinguished name of the router cert for the identity
    Use the hostname of the router for the identity""",
    no=ARGUMENTS_OPTIONAL,
)
def identity(ctx: Context, kind: str = "address") -> None:
    _config(ctx).identity = "address" if ctx.negated else kind


@TABLE.command(
    CONFIG,
    "crypto isakmp keepalive <10-3600>$interval [<2-60>$retry] [(periodic$periodic|on-demand)]",
    _HEAD
    + """Set a keepalive interval for use with IOS peers
    Number of seconds between keep alives
    Number of seconds between retries if keepalive fails
    keepalives sent at regular intervals
    keepalives sent on demand""",
    no=ARGUMENTS_OPTIONAL,
)
def keepalive(ctx: Context, interval: int = 10, retry: int | None = None, periodic: str | None = None) -> None:
    _config(ctx).keepalive = None if ctx.negated else KeepaliveConfig(interval, retry, bool(periodic))


@TABLE.command(
    CONFIG,
    "crypto isakmp nat keepalive <5-3600>$seconds",
    _HEAD
    + """Set a nat keepalive interval for use with IOS peers
    Set a nat keepalive interval for use with IOS peers
    Number of seconds between keep alives""",
    no=ARGUMENTS_OPTIONAL,
)
def nat_keepalive(ctx: Context, seconds: int | None = None) -> None:
    _config(ctx).nat_keepalive = None if ctx.negated else seconds


@TABLE.command(
    CONFIG,
    "crypto isakmp aggressive-mode disable",
    _HEAD + "ISAKMP aggressive mode\nDisable ISAKMP aggressive mode",
    no=ARGUMENTS_OPTIONAL,
)
def aggressive_mode(ctx: Context) -> None:
    _config(ctx).aggressive_mode = ctx.negated


@TABLE.command(
    CONFIG, "crypto isakmp fragmentation", _HEAD + "Send and take large messages in fragments", no=ARGUMENTS_OPTIONAL
)
def fragmentation(ctx: Context) -> None:
    _config(ctx).fragmentation = not ctx.negated


@TABLE.command(
    CONFIG,
    "crypto isakmp invalid-spi-recovery",
    _HEAD + "Initiate IKE and send Invalid SPI Notify",
    no=ARGUMENTS_OPTIONAL,
)
def invalid_spi_recovery(ctx: Context) -> None:
    _config(ctx).invalid_spi_recovery = not ctx.negated


declare(
    TABLE,
    CONFIG,
    lambda ctx: _config(ctx).kept,
    """
crypto isakmp key [(0|6)] WORD address ipv6 X:X:X:X::X/<0-128> [no-xauth]
crypto isakmp disconnect-revoked-peers
crypto isakmp diagnose error = <0-1000>
crypto isakmp performance
crypto isakmp xauth timeout = <5-90>
""",
)

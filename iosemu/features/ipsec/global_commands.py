"""`crypto ipsec` lines that hold for all SAs, and `crypto logging session`."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, CommandTable, Context
from iosemu.features.interface.config import CONFIG_IF
from iosemu.features.ipsec import words
from iosemu.features.ipsec.config import DEFAULT_KILOBYTES, DEFAULT_LIFETIME, DEFAULT_WINDOW, IpsecConfig

TABLE = CommandTable()
_HEAD = "Encryption module\nConfigure IPSEC policy\n"
_SA = _HEAD + "Security association parameters\n"


def _config(ctx: Context) -> IpsecConfig:
    return ctx.router.model.block(IpsecConfig)


@TABLE.command(
    CONFIG,
    f"crypto ipsec security-association {words.lifetime(86400)}",
    _SA + words.LIFETIME_HELP,
    no=f"crypto ipsec security-association {words.NO_LIFETIME}",
)
def lifetime(
    ctx: Context,
    seconds: int = DEFAULT_LIFETIME,
    days: int | None = None,
    kilobytes: int = DEFAULT_KILOBYTES,
    disable: str | None = None,
) -> None:
    config = _config(ctx)
    if "kilobytes" in ctx.line.split():
        config.kilobytes = DEFAULT_KILOBYTES if ctx.negated else 0 if disable else kilobytes
    elif ctx.negated:
        config.lifetime, config.days = DEFAULT_LIFETIME, None
    else:
        config.lifetime, config.days = (days * 86400 if days is not None else seconds), days


@TABLE.command(
    CONFIG,
    f"crypto ipsec security-association {words.REPLAY}",
    _SA + words.REPLAY_HELP,
    no=f"crypto ipsec security-association {words.NO_REPLAY}",
)
def replay(ctx: Context, size: str = "0", disable: str | None = None) -> None:
    _config(ctx).replay = DEFAULT_WINDOW if ctx.negated else int(size)


@TABLE.command(
    CONFIG,
    "crypto ipsec security-association idle-time <60-86400>$seconds",
    f"{_SA}Automatically delete IPSec SAs after a given idle period.\nInactivity time in seconds",
    no=ARGUMENTS_OPTIONAL,
)
def idle_time(ctx: Context, seconds: int | None = None) -> None:
    _config(ctx).idle_time = None if ctx.negated else seconds


@TABLE.command(
    CONFIG,
    "crypto ipsec df-bit (clear|copy|set)$rule",
    f"{_HEAD}Handling of encapsulated DF bit.\n{words.DF_HELP}",
    no=ARGUMENTS_OPTIONAL,
)
def df_bit(ctx: Context, rule: str = "copy") -> None:
    _config(ctx).df_bit = "copy" if ctx.negated else rule


@TABLE.command(
    CONFIG_IF,
    "crypto ipsec df-bit (clear|copy|set)$rule",
    f"{_HEAD}Handling of encapsulated DF bit.\n{words.DF_HELP}",
    no=ARGUMENTS_OPTIONAL,
)
def interface_df_bit(ctx: Context, rule: str = "copy") -> None:
    rules = _config(ctx).df_bits
    if ctx.negated:
        rules.pop(ctx.target.name, None)
    else:
        rules[ctx.target.name] = rule


@TABLE.command(
    CONFIG,
    "crypto ipsec fragmentation (before-encryption|after-encryption)$when",
    f"{_HEAD}Handling of fragmentation of near-MTU sized packets\nPerform fragmentation before encryption\n"
    "Perform fragmentation after encryption",
    no=ARGUMENTS_OPTIONAL,
)
def fragmentation(ctx: Context, when: str = "before-encryption") -> None:
    _config(ctx).fragment_first = ctx.negated or when == "before-encryption"


@TABLE.command(
    CONFIG,
    "crypto logging session",
    "Encryption module\nLogging of crypto events\nLogging of sessions that come up and go down",
    no=ARGUMENTS_OPTIONAL,
)
def log_sessions(ctx: Context) -> None:
    _config(ctx).log_sessions = not ctx.negated


@TABLE.command(
    PRIV_EXEC,
    "show crypto ipsec security-association lifetime",
    "Show running system information\nEncryption module\nShow IPSEC policy\nShow parameters for IPSec security "
    "associations\nLifetime of IPSec security associations",
)
def show_lifetime(ctx: Context) -> str:
    config = _config(ctx)
    return f"Security association lifetime: {volume_text(config.kilobytes)}/{config.lifetime} seconds\n"


def volume_text(kilobytes: int) -> str:
    """`4608000 kilobytes`; a limit that is off is 0 here."""
    return f"{kilobytes} kilobytes" if kilobytes else "kilobytes disabled"

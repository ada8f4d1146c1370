"""The `client` lines of a member's group, and `passive`."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.features.gdoi.configuration.algorithms import CIPHERS, HASHES
from iosemu.features.gdoi.configuration.config import CONFIG_GROUP
from iosemu.wire.gdoi.profile import RFC6407

TABLE = CommandTable()
_CLIENT = "Set the group client parameters\n"
MAXIMUM_TRANSFORM_SETS = 6


@TABLE.command(CONFIG_GROUP, "passive", "Take clear packets in as well until this is taken back", no=ARGUMENTS_OPTIONAL)
def passive(ctx: Context) -> None:
    ctx.target.passive = not ctx.negated


@TABLE.command(
    CONFIG_GROUP,
    "interop profile (gdoid-1.5iec|gdoid-2005)$name",
    """Peers that are no routers (not a command of IOS)
    How they write GDOI
    The reference implementation of 2011 on a little-endian machine
    The reference implementation of 2005""",
    no=ARGUMENTS_OPTIONAL,
)
def interop_profile(ctx: Context, name: str = RFC6407.name) -> None:
    ctx.target.profile = RFC6407.name if ctx.negated else name


@TABLE.command(
    CONFIG_GROUP,
    "client bypass-policy",
    _CLIENT + "Let GDOI traffic of this router pass whatever the policy says",
    no=ARGUMENTS_OPTIONAL,
)
def bypass_policy(ctx: Context) -> None:
    ctx.target.bypass_policy = not ctx.negated


@TABLE.command(
    CONFIG_GROUP,
    "client fail-close revert",
    _CLIENT + "Fail-close parameters\nGo back to fail-close when registration fails and the SAs end",
    no=ARGUMENTS_OPTIONAL,
)
def fail_close_revert(ctx: Context) -> None:
    ctx.target.fail_close_revert = not ctx.negated


@TABLE.command(
    CONFIG_GROUP,
    "client recovery-check interval <100-1000>$seconds",
    _CLIENT + "Register again when the data plane meets errors\nAt most once in an interval\nSeconds",
    no=ARGUMENTS_OPTIONAL,
)
def recovery_check(ctx: Context, seconds: int | None = None) -> None:
    ctx.target.recovery_interval = None if ctx.negated else seconds


@TABLE.command(
    CONFIG_GROUP,
    "client status active-sa track <1-1000>$number",
    _CLIENT + "Status\nWhether there are data SAs\nShow it by a stub tracking object\nTracked object",
    no=ARGUMENTS_OPTIONAL,
)
def active_sa_track(ctx: Context, number: int | None = None) -> None:
    ctx.target.active_sa_track = None if ctx.negated else number


@TABLE.command(
    CONFIG_GROUP,
    "client rekey encryption LINE$words",
    _CLIENT + "Rekey parameters\nAccepted ciphers\n3des-cbc, des-cbc, aes 128, aes 192 or aes 256, several of them",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_encryption(ctx: Context, words: str = "") -> None:
    ctx.target.rekey_ciphers = () if ctx.negated else _ciphers(words)


def _ciphers(text: str) -> tuple[str, ...]:
    """`aes` takes the number behind it, 128 without one."""
    found: list[str] = []
    for word in text.split():
        if found and found[-1] == "aes" and word.isdigit():
            found[-1] = f"aes {word}"
        else:
            found.append(word)
        if found[-1] != "aes" and found[-1] not in CIPHERS:
            raise CommandError(at=word)
    return tuple(dict.fromkeys("aes 128" if item == "aes" else item for item in found))


@TABLE.command(
    CONFIG_GROUP,
    "client rekey hash LINE$words",
    _CLIENT + "Rekey parameters\nAccepted hashes\nsha, sha256, sha384 or sha512, several of them",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_hash(ctx: Context, words: str = "") -> None:
    found = words.split()
    for word in found:
        if word not in HASHES:
            raise CommandError(at=word)
    ctx.target.rekey_hashes = () if ctx.negated else tuple(dict.fromkeys(found))


@TABLE.command(
    CONFIG_GROUP,
    "client transform-sets LINE$names",
    _CLIENT + "Accepted transform sets\nUp to six names",
    no=ARGUMENTS_OPTIONAL,
)
def transform_sets(ctx: Context, names: str = "") -> None:
    found = names.split()
    if len(found) > MAXIMUM_TRANSFORM_SETS:
        raise CommandError(at=found[MAXIMUM_TRANSFORM_SETS])
    ctx.target.transform_sets = () if ctx.negated else tuple(dict.fromkeys(found))

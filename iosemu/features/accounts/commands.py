"""`username`, `enable secret`, `enable password`, `service password-encryption`."""

from __future__ import annotations

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context
from iosemu.cli.privilege import ALL
from iosemu.features.accounts.config import Accounts, PasswordHolder, User, hidden
from iosemu.features.accounts.passwords import Secret, hashed, well_formed

TABLE = CommandTable()
SECRET_SPEC = "[(0|5|8|9)$kind] LINE$text"
_SECRET = f"secret$secret {SECRET_SPEC}"
_PASSWORD = "password$password [(0|7)$kind] LINE$text"
SECRET_HELP = """An UNENCRYPTED password will follow
A MD5 HASHED secret will follow
A PBKDF2 HASHED secret will follow
A SCRYPT HASHED secret will follow
The UNENCRYPTED (cleartext) secret"""
_PASSWORD_HELP = """An UNENCRYPTED password will follow
A HIDDEN password will follow
The UNENCRYPTED (cleartext) password"""
ALGORITHMS = {"md5": 5, "sha256": 8, "scrypt": 9}
_ALGORITHM = "[algorithm-type (md5|scrypt|sha256)$algorithm]"
_ALGORITHM_HELP = """Algorithm to use for hashing the plaintext secret
Encode the password using the MD5 algorithm
Encode the password using the SCRYPT hashing algorithm
Encode the password using the PBKDF2 hashing algorithm"""
TOO_SHORT = "% Password too short - must be at least {length} characters. Password configuration failed"
NOT_A_HASH = """\
ERROR: The secret you entered is not a valid encrypted secret.
To enter an UNENCRYPTED secret, do not specify type {kind} encryption.
When you properly enter an UNENCRYPTED secret, it will be encrypted."""


def _stored(ctx: Context, text: str, kind: str, secret: bool, algorithm: str = "scrypt") -> Secret:
    number = int(kind)
    shortest = ctx.router.model.block(Accounts).min_length or 0
    if number == 0 and len(text) < shortest and not ctx.session.loading:
        raise CommandError(TOO_SHORT.format(length=shortest))
    if not well_formed(number, text):
        raise CommandError(NOT_A_HASH.format(kind=number) if secret else f"Invalid encrypted password: {text}")
    if secret and number == 0:
        return hashed(text, ctx.router.clock.random_bytes, ALGORITHMS[algorithm])
    stored = Secret(number, text)
    return hidden(stored) if ctx.router.model.block(Accounts).encryption else stored


def stored_secret(ctx: Context, text: str, kind: str) -> Secret:
    """A secret line's value as the model keeps it, hashed; raises CommandError for a stored form that is none."""
    return _stored(ctx, text, kind, True)


def stored_password(ctx: Context, text: str, kind: str) -> Secret:
    """A password line's value as the model keeps it; raises CommandError for a stored form that is none."""
    return _stored(ctx, text, kind, False)


@TABLE.command(
    CONFIG,
    f"enable {_ALGORITHM} secret$secret [level <1-15>$level] {_SECRET.removeprefix('secret$secret ')}",
    f"""Modify enable password parameters
    {_ALGORITHM_HELP}
    Assign the privileged level secret
    Set exec level password
    Level number
    {SECRET_HELP}""",
    no="enable secret$secret [level <1-15>$level]",
)
def enable_secret(
    ctx: Context, secret: str = "", text: str = "", kind: str = "0", level: int = ALL, algorithm: str = "scrypt"
) -> str | None:
    accounts = ctx.router.model.block(Accounts)
    stored = None if ctx.negated else _stored(ctx, text, kind, True, algorithm)
    if level == ALL:
        accounts.enable_secret = stored
    elif stored is None:
        accounts.level_secrets.pop(level, None)
    else:
        accounts.level_secrets[level] = stored
    password = accounts.enable_password
    if kind == "0" and text and level == ALL and password and password.verify(text):
        return (
            "The enable secret you have chosen is the same as your enable password.\n"
            "This is not recommended.  Re-enter the enable secret.\n\n"
        )
    return None


@TABLE.command(
    CONFIG,
    f"enable {_PASSWORD}",
    f"Modify enable password parameters\nAssign the privileged level password\n{_PASSWORD_HELP}",
    no=ARGUMENTS_OPTIONAL,
)
def enable_password(ctx: Context, password: str = "", text: str = "", kind: str = "0") -> str | None:
    accounts = ctx.router.model.block(Accounts)
    accounts.enable_password = None if ctx.negated else _stored(ctx, text, kind, False)
    if kind == "0" and text and accounts.enable_secret and accounts.enable_secret.verify(text):
        return (
            "The enable password you have chosen is the same as your enable secret.\n"
            "This is not recommended.  Re-enter the enable password.\n\n"
        )
    return None


@TABLE.command(
    CONFIG,
    f"username WORD$name [privilege <0-15>$privilege] [({_ALGORITHM} {_SECRET}|{_PASSWORD})]",
    f"""Establish User Name Authentication
    User name
    Set user privilege level
    User privilege level
    {_ALGORITHM_HELP}
    Specify the secret for the user
    {SECRET_HELP}
    Specify the password for the user
    {_PASSWORD_HELP}""",
    no="username WORD$name",
)
def username(
    ctx: Context,
    name: str,
    privilege: int | None = None,
    secret: str = "",
    password: str = "",
    text: str = "",
    kind: str = "0",
    algorithm: str = "scrypt",
) -> None:
    users = ctx.router.model.block(Accounts).users
    if ctx.negated:
        users.pop(name, None)
        return
    stored = _stored(ctx, text, kind, bool(secret), algorithm) if secret or password else None
    user = users.setdefault(name, User(name))
    if privilege is not None:
        user.privilege = privilege
    if stored is not None:
        user.password, user.secret = stored, bool(secret)


@TABLE.command(
    CONFIG,
    "security passwords min-length <0-16>$length",
    """Infra Security CLIs
    Password security CLIs
    Minimum length of passwords
    Minimum length of all user/enable passwords""",
    no="security passwords min-length",
)
def min_length(ctx: Context, length: int | None = None) -> None:
    ctx.router.model.block(Accounts).min_length = None if ctx.negated else length


@TABLE.command(
    CONFIG,
    "service password-encryption",
    "Modify use of network based services\nEncrypt system passwords",
    no=ARGUMENTS_OPTIONAL,
)
def password_encryption(ctx: Context) -> None:
    accounts = ctx.router.model.block(Accounts)
    accounts.encryption = None if ctx.defaulted else not ctx.negated
    if accounts.encryption:
        # What is there is hidden for good: turning the service off brings nothing back.
        for block in ctx.router.model.blocks():
            if isinstance(block, PasswordHolder):
                block.hide_passwords()

"""The lines of `server local` besides its rekeys, sender IDs and data SAs."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandTable, Context
from iosemu.cli.kept import declare
from iosemu.features.gdoi.configuration.config import (
    LOCAL_SERVER,
)
from iosemu.router.names import InterfaceName

TABLE = CommandTable()


@TABLE.command(
    LOCAL_SERVER,
    "address ipv4 A.B.C.D$address",
    "Local address of the key server\nIPv4 address\nLocal address",
    no=ARGUMENTS_OPTIONAL,
)
def address(ctx: Context, address: IPv4Address | None = None) -> None:
    ctx.target.address = None if ctx.negated else address


@TABLE.command(
    LOCAL_SERVER,
    "authorization address ipv4 WORD$acl",
    "Authorization of members\nBy address\nIPv4 address\nStandard access list",
    no=ARGUMENTS_OPTIONAL,
)
def authorization(ctx: Context, acl: str | None = None) -> None:
    ctx.target.authorization = None if ctx.negated else acl


@TABLE.command(
    LOCAL_SERVER,
    "authorization identity WORD$name",
    "Authorization of members\nBy the identity of phase 1\nName of a crypto identity",
    no=ARGUMENTS_OPTIONAL,
)
def authorization_identity(ctx: Context, name: str | None = None) -> None:
    ctx.target.identity_list = None if ctx.negated else name


@TABLE.command(
    LOCAL_SERVER,
    "registration interface INTERFACE$interface",
    "Registration of members\nWhere it is taken\nInterface name",
    no=ARGUMENTS_OPTIONAL,
)
def registration_interface(ctx: Context, interface: InterfaceName | None = None) -> None:
    ctx.target.registration_interface = None if ctx.negated else interface


@TABLE.command(
    LOCAL_SERVER,
    "registration periodic crl trustpoint WORD$name",
    """Registration of members
    Again and again
    When there is a new revocation list
    Of the CA of a trustpoint
    Trustpoint name""",
    no=ARGUMENTS_OPTIONAL,
)
def registration_crl(ctx: Context, name: str | None = None) -> None:
    ctx.target.crl_trustpoint = None if ctx.negated else name


@TABLE.command(
    LOCAL_SERVER,
    "sa receive-only",
    "Security association\nMembers decrypt, and send in clear",
    no=ARGUMENTS_OPTIONAL,
)
def receive_only(ctx: Context) -> None:
    ctx.target.receive_only = not ctx.negated


declare(
    TABLE,
    LOCAL_SERVER,
    lambda ctx: ctx.target.kept,
    """
gdoi
gikev2 = WORD
pfs
sa d3p window sec = <1-100>
sa d3p window msec = <1000-100000>
sa pair-wise-keying [safety-limit <1-1000000>]
""",
)

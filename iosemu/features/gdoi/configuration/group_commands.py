"""`crypto gdoi group` and the lines of a member's group."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandError, CommandTable, Context, Interaction, yes_or_no
from iosemu.cli.kept import declare
from iosemu.cli.table import Handler
from iosemu.engines.coop.config import MAXIMUM_SERVERS
from iosemu.engines.gdoi.config import GroupIdentity
from iosemu.features.gdoi.configuration.config import CONFIG_GROUP, LOCAL_SERVER, GdoiGroup, GdoiGroups, LocalServer
from iosemu.router.names import InterfaceName

TABLE = CommandTable()


REMOVAL = (
    "% The Key Server and Group Member will destroy created and downloaded policies.\n"
    "% All Group Members are required to re-register.\n\n"
)


def _group(word: str) -> Handler:
    def group(ctx: Context, name: str, family: str | None = None) -> Interaction | None:
        groups = ctx.router.model.block(GdoiGroups).groups
        if ctx.negated:
            return _remove(ctx, name)
        found = groups.setdefault(name, GdoiGroup(name, word=word, ipv6=bool(family)))
        if found.ipv6 != bool(family):
            raise CommandError(f"Group {name} is an {'IPv6' if found.ipv6 else 'IPv4'} group.")
        ctx.enter(CONFIG_GROUP, found)
        return None

    return group


def _remove(ctx: Context, name: str) -> Interaction:
    """A key server asks first: its members lose their keys."""
    groups = ctx.router.model.block(GdoiGroups).groups
    found = groups.get(name)
    if found is not None and found.local is not None and not ctx.session.loading:
        yield REMOVAL
        if not (yield from yes_or_no("Do you want to continue ? [yes/no]: ")):
            return
    groups.pop(name, None)


for _word, _text in (("gdoi", "Configure a GKM (Group Key Management) Group"), ("gkm", "Configure GKM")):
    TABLE.command(
        CONFIG,
        f"crypto {_word} group [ipv6$family] WORD$name",
        f"Encryption module\n{_text}\nConfigure a group\nIPv6 group\nGroup Name",
        no=f"crypto {_word} group [ipv6$family] WORD$name",
    )(_group(_word))

declare(
    TABLE,
    CONFIG_GROUP,
    lambda ctx: ctx.target.kept,
    """
server address ipv6 X:X:X:X::X
server hostname (ipv4|ipv6) WORD
client pfs
client protocol = (gdoi|gikev2 WORD)
client transport-encrypt-key = (group-key|pair-wise-key)
""",
)


@TABLE.command(
    CONFIG_GROUP,
    "identity number <0-2147483647>$number",
    "Set the identity of the group\nIdentity is a number\nGroup number",
    no=ARGUMENTS_OPTIONAL,
)
def identity_number(ctx: Context, number: int | None = None) -> None:
    ctx.target.identity = None if ctx.negated or number is None else GroupIdentity(number)


@TABLE.command(
    CONFIG_GROUP,
    "identity address ipv4 A.B.C.D$address",
    "Set the identity of the group\nIdentity is an address\nIPv4 address\nGroup address",
    no=ARGUMENTS_OPTIONAL,
)
def identity_address(ctx: Context, address: IPv4Address | None = None) -> None:
    ctx.target.identity = None if ctx.negated or address is None else GroupIdentity(address)


@TABLE.command(
    CONFIG_GROUP,
    "server address ipv4 A.B.C.D$address",
    "Set the group server for the group\nIdentity of the server is an address\nIPv4 address\nServer address",
    no="server address ipv4 A.B.C.D$address",
)
def server_address(ctx: Context, address: IPv4Address) -> None:
    servers: list[IPv4Address] = ctx.target.servers
    if ctx.negated:
        servers[:] = [item for item in servers if item != address]
    elif address not in servers:
        if len(servers) >= MAXIMUM_SERVERS:
            raise CommandError(f"% A group has at most {MAXIMUM_SERVERS} key servers.\n")
        servers.append(address)


@TABLE.command(
    CONFIG_GROUP,
    "server local",
    "Set the group server for the group\nConfigure this router as the group's key server",
    no=ARGUMENTS_OPTIONAL,
)
def server_local(ctx: Context) -> None:
    if ctx.negated:
        ctx.target.local = None
        return
    ctx.target.local = ctx.target.local or LocalServer()
    ctx.enter(LOCAL_SERVER, ctx.target.local)


@TABLE.command(
    CONFIG_GROUP,
    "client registration interface INTERFACE$interface",
    """Set the group client parameters
    Registration parameters
    Interface to register from
    Interface name""",
    no=ARGUMENTS_OPTIONAL,
)
def registration_interface(ctx: Context, interface: InterfaceName | None = None) -> None:
    ctx.target.registration_interface = None if ctx.negated else interface

"""ip domain, ip host, ip name-server, show hosts."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, USER_EXEC, CommandTable, Context
from iosemu.features.dns.config import BROADCAST, NamesConfig

TABLE = CommandTable()
_IP = "Global IP configuration subcommands\n"
MAXIMUM_SERVERS = 6


def _names(ctx: Context) -> NamesConfig:
    return ctx.router.model.block(NamesConfig)


def domain_name(ctx: Context, name: str | None = None) -> None:
    _names(ctx).domain = None if ctx.negated else name


def domain_lookup(ctx: Context) -> None:
    _names(ctx).lookup = not ctx.negated or ctx.defaulted


def domain_list(ctx: Context, name: str | None = None) -> None:
    domains = _names(ctx).domains
    if not ctx.negated and name is not None and name not in domains:
        domains.append(name)
    elif ctx.negated:
        domains[:] = [item for item in domains if name not in (None, item)]


for _separator in (" ", "-"):
    _helps = f"{_IP}IP DNS Resolver\n" if _separator == " " else _IP
    for _word, _text, _handler in (
        ("name WORD$name", "Define the default domain name\nDefault domain name", domain_name),
        ("lookup", "Enable IP Domain Name System hostname translation", domain_lookup),
        ("list WORD$name", "Domain name to complete unqualified host names\nA domain name", domain_list),
    ):
        TABLE.command(
            CONFIG, f"ip domain{_separator}{_word}", f"{_helps}{_text}", no=ARGUMENTS_OPTIONAL, hidden=_separator == "-"
        )(_handler)


@TABLE.command(
    CONFIG,
    "ip host [vrf WORD$vrf] WORD$name [<0-65535>] A.B.C.D$first [A.B.C.D$second] [A.B.C.D$third] [A.B.C.D$fourth]",
    f"""{_IP}Add an entry to the ip hostname table
    Specify VRF
    VRF name
    Name of host
    Default telnet port number
    Host IP address
    Host IP address
    Host IP address
    Host IP address""",
    no="ip host [vrf WORD$vrf] WORD$name",
)
def ip_host(ctx: Context, name: str, vrf: str = "", **addresses: IPv4Address) -> None:
    hosts = _names(ctx).hosts
    if ctx.negated:
        hosts.pop((vrf, name), None)
    else:
        hosts[vrf, name] = list(addresses.values())


@TABLE.command(
    CONFIG,
    "ip name-server [vrf WORD$vrf] A.B.C.D$first [A.B.C.D$second] [A.B.C.D$third]",
    f"""{_IP}Specify address of name server to use
    Specify VRF
    VRF name
    Domain server IP address
    Domain server IP address
    Domain server IP address""",
    no=ARGUMENTS_OPTIONAL,
)
def ip_name_server(ctx: Context, vrf: str = "", **addresses: IPv4Address) -> None:
    servers = _names(ctx).servers
    if not ctx.negated:
        wanted = [*servers.get(vrf, []), *addresses.values()]
        servers[vrf] = list(dict.fromkeys(wanted))[:MAXIMUM_SERVERS]
        return
    left = [item for item in servers.get(vrf, []) if addresses and item not in addresses.values()]
    servers.pop(vrf, None)
    if left:
        servers[vrf] = left


@TABLE.command(
    USER_EXEC,
    "show hosts",
    "Show running system information\nIP domain-name, lookup style, nameservers, and host table",
)
def show_hosts(ctx: Context) -> str:
    names = _names(ctx)
    service = "domain service" if names.lookup else "static mappings"
    servers = ", ".join(map(str, names.servers.get("", []))) or BROADCAST
    rows = [
        f"Default domain is {names.domain or 'not set'}",
        *(["Domain list: " + ", ".join(names.domains)] if names.domains else []),
        f"Name/address lookup uses {service}",
        f"Name servers are {servers}",
        "",
        "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate",
        "       temp - temporary, perm - permanent",
        "       NA - Not Applicable None - Not defined",
        "",
        f"{'Host':<26}{'Port':<6}{'Flags':<11}{'Age':<4}{'Type':<7}Address(es)",
    ]
    for (vrf, host), addresses in names.hosts.items():
        if not vrf:
            rows.append(f"{host:<26}{'None':<6}{'(perm, OK)':<11}{'0':<4}{'IP':<7}{'  '.join(map(str, addresses))}")
    return "".join(f"{row}\n" for row in rows)

"""What crypto maps do, whatever the kind of their entries: show crypto map, ipsec sa, session."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import PRIV_EXEC, CommandTable, Context
from iosemu.features.crypto_map.config import CryptoMaps, MapEntry
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_HEAD = "Show running system information\nEncryption module\n"
CODES = """
Code: C - IKE Configuration mode, D - Dead Peer Detection
K - Keepalives, N - NAT-traversal, T - cTCP encapsulation
X - IKE Extended Authentication, F - IKE Fragmentation
R - IKE Auto Reconnect, U - IKE Dynamic Route Update
S - SIP VPN
"""


@TABLE.command(
    PRIV_EXEC,
    "show crypto map [ipv6$family] [(tag WORD$tag|interface INTERFACE$interface)]",
    f"{_HEAD}Crypto maps\nThose of IPv6\nOne crypto map\nCrypto map tag\nCrypto maps of an interface\nInterface name",
)
def show_crypto_map(
    ctx: Context, tag: str | None = None, interface: InterfaceName | None = None, family: str | None = None
) -> str:
    maps = ctx.router.model.block(CryptoMaps)
    lines = []
    for item in maps.maps.values():
        used = maps.interfaces(item.name)
        if family is not None and not item.ipv6:
            continue
        if (tag is not None and item.name != tag) or (interface is not None and interface not in used):
            continue
        for sequence in sorted(item.entries):
            entry = item.entries[sequence]
            lines.append(f'Crypto Map {"IPv6" if item.ipv6 else "IPv4"} "{item.name}" {sequence} {entry.kind}')
            lines += [f"\t{line}" for line in _described(ctx, item.name, entry)]
            lines.append(f"\tInterfaces using crypto map {item.name}:")
            lines += [f"\t\t{name}" for name in used]
            lines.append("")
    return "".join(f"{line}\n" for line in lines)


def _described(ctx: Context, name: str, entry: MapEntry) -> list[str]:
    for provider in ctx.router.service(CryptoPath).providers:
        lines = provider.describe(name, entry)
        if lines is not None:
            return lines
    return ["Inactive: this kind of entry is kept without effect here"]


@TABLE.command(
    PRIV_EXEC,
    "show crypto dynamic-map [tag WORD$tag]",
    f"{_HEAD}Crypto map templates\nOne crypto map template\nCrypto map template tag",
)
def show_dynamic_map(ctx: Context, tag: str | None = None) -> str:
    lines = ["Crypto Map Templates:", ""]
    for name, entries in ctx.router.model.block(CryptoMaps).dynamic.items():
        for sequence in sorted(entries) if tag in (None, name) else ():
            lines.append(f'Crypto Map Template"{name}" {sequence}')
            lines += [f"\t{line}" for line in _described(ctx, name, entries[sequence])]
            lines.append("")
    return "".join(f"{line}\n" for line in lines)


@TABLE.command(
    PRIV_EXEC,
    "show crypto ipsec sa [ipv6$family] [(peer A.B.C.D$peer|interface INTERFACE$interface|map WORD$map_name)]"
    " [detail$detail]",
    _HEAD
    + """Show IPSEC policy
    IPSEC SA table
    Those of IPv6
    IPsec SAs to a peer
    Address of the peer
    IPsec SAs of an interface
    Interface name
    IPsec SAs of a crypto map
    Crypto map name
    Detailed counters""",
)
def show_ipsec_sa(
    ctx: Context,
    peer: IPv4Address | None = None,
    interface: InterfaceName | None = None,
    map_name: str | None = None,
    detail: str | None = None,
    family: str | None = None,
) -> str:
    lines: list[str] = []
    for where, name, ipv6 in ctx.router.model.block(CryptoMaps).placed:
        if family is not None and not ipv6:
            continue
        if (interface is not None and where != interface) or (map_name is not None and name != map_name):
            continue
        lines += _sas_on(ctx, (where, name, ipv6), peer, bool(detail))
    return "".join(f"{line}\n" for line in lines)


def _sas_on(ctx: Context, place: tuple[InterfaceName, str, bool], peer: IPv4Address | None, detail: bool) -> list[str]:
    where, name, ipv6 = place
    providers = ctx.router.service(CryptoPath).providers
    flows = [flow for provider in providers for flow in provider.flows(where, ipv6, detail)]
    flows = [flow for flow in flows if peer is None or flow.peer == str(peer)]
    if not flows:
        return []
    local = next((found for provider in providers if (found := provider.local_address(where, ipv6))), IPv4Address(0))
    head = ["", f"interface: {where}", f"    Crypto map tag: {name}, local addr {local}"]
    return head + [line for flow in flows for line in flow.lines]


@TABLE.command(
    PRIV_EXEC,
    "show crypto session [detail$detail]",
    f"{_HEAD}Show crypto sessions (tunnels)\nShow detailed session information",
)
def show_session(ctx: Context, detail: str | None = None) -> str:
    text = f"Crypto session current status\n{CODES if detail else ''}\n"
    for where, _, ipv6 in ctx.router.model.block(CryptoMaps).placed:
        for provider in ctx.router.service(CryptoPath).providers:
            for lines in provider.sessions(where, ipv6, bool(detail)):
                text += "".join(f"{line}\n" for line in (f"Interface: {where}", *lines, ""))
    return text

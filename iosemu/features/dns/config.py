"""Domain, name servers and static names."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.router.model import Model
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

BROADCAST = "255.255.255.255"


@dataclass
class NamesConfig:
    """Names of hosts, and servers that know others. `hosts` and `servers` keep what is inside a VRF under its name (""
    is the global table)."""

    domain: str | None = None
    domains: list[str] = field(default_factory=list)
    lookup: bool = True
    hosts: dict[tuple[str, str], list[IPv4Address]] = field(default_factory=dict)
    servers: dict[str, list[IPv4Address]] = field(default_factory=dict)


def resolve(model: Model, name: str, vrf: str = "") -> IPv4Address | None:
    """The address of a static name of a routing instance, with the domains tried behind it; None when there is none."""
    names = model.block(NamesConfig)
    domains = [names.domain] if names.domain and not names.domains else names.domains
    candidates = [name.lower(), *(f"{name}.{domain}".lower() for domain in domains)]
    found = {host.lower(): addresses for (own, host), addresses in names.hosts.items() if own == vrf}
    return next((found[candidate][0] for candidate in candidates if candidate in found), None)


def _vrf(name: str) -> str:
    return f"vrf {name} " if name else ""


def _lines(router: Router) -> list[Lines]:
    names = router.model.block(NamesConfig)
    lines = [] if names.lookup else ["no ip domain lookup"]
    lines += [f"ip domain list {domain}" for domain in names.domains]
    lines += [f"ip domain name {names.domain}"] if names.domain else []
    for (vrf, host), addresses in names.hosts.items():
        lines.append(f"ip host {_vrf(vrf)}{host} {' '.join(map(str, addresses))}")
    for vrf, servers in names.servers.items():
        lines += [f"ip name-server {_vrf(vrf)}{server}" for server in servers]
    return [lines]


SECTION = Section(Place.IP_GLOBAL, _lines)

"""How an entry of a group's access list reads in shows and messages."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from iosemu.engines.acl import AclEntry
from iosemu.features.acl.names import PROTOCOLS
from iosemu.features.ipv6_acl.config import PROTOCOLS6


def address_text(entry: AclEntry, address: int) -> str:
    """An address of an entry."""
    return str(IPv6Address(address)).upper() if entry.ipv6 else str(IPv4Address(address))


def network_text(entry: AclEntry, address: int, wildcard: int) -> str:
    """A network of an entry, by the length of its prefix."""
    return f"{address_text(entry, address)}/{(entry.any_wildcard ^ wildcard).bit_count()}"


def masked_text(entry: AclEntry, address: int, wildcard: int) -> str:
    """A network as address and mask; IPv6 has no masks."""
    if entry.ipv6:
        return network_text(entry, address, wildcard)
    return f"{IPv4Address(address)}/{IPv4Address(entry.any_wildcard ^ wildcard)}"


def protocol_text(entry: AclEntry) -> str:
    """The protocol of an entry."""
    names = PROTOCOLS6 if entry.ipv6 else PROTOCOLS
    return {number: name for name, number in names.items()}.get(entry.protocol, str(entry.protocol))


def acl_line(entry: AclEntry) -> str:
    """An entry of a group's list; single ports print as `port = N`, those of IPv6 as `eq N`."""
    ends = [
        _end(entry, entry.source, entry.source_wildcard, entry.source_port),
        _end(entry, entry.destination, entry.destination_wildcard, entry.destination_port),
    ]
    return f"{'permit' if entry.permit else 'deny'} {protocol_text(entry)} {' '.join(ends)}"


def _end(entry: AclEntry, address: int, wildcard: int, port: int) -> str:
    if wildcard == entry.any_wildcard:
        text = "any"
    elif wildcard == 0:
        text = f"host {address_text(entry, address)}"
    elif entry.ipv6:
        text = network_text(entry, address, wildcard)
    else:
        text = f"{IPv4Address(address)} {IPv4Address(wildcard)}"
    return f"{text} {'eq' if entry.ipv6 else 'port ='} {port}" if port else text

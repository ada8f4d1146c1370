"""What an SA is for: proxy identities on the wire (RFC 2407 section 4.6.2), access list entries inside."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, summarize_address_range

from iosemu.engines.acl import ANY_WILDCARD, AclEntry
from iosemu.engines.esp.verdict import Flow
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import TCP, UDP
from iosemu.wire.isakmp_payloads import Identity, IdType

NO_PORT = -1


def identities(flow: AclEntry) -> tuple[Identity, Identity]:
    """Our end and the peer's end of a flow."""
    return (
        _identity(flow.source, flow.source_wildcard, flow.protocol, flow.source_port),
        _identity(flow.destination, flow.destination_wildcard, flow.protocol, flow.destination_port),
    )


def flow_between(own: Identity, peer: Identity) -> AclEntry:
    """The flow between two identities; raises WireError for those that are no IPv4 addresses, or do not fit."""
    if own.protocol != peer.protocol:
        raise WireError("identities of different protocols")
    ends = (*_address(own), own.port), (*_address(peer), peer.port)
    return AclEntry(True, own.protocol, *ends[0], *ends[1])


def flow_of_hosts(own: IPv4Address, peer: IPv4Address) -> AclEntry:
    """All traffic between two hosts: what is meant where no identities are sent (RFC 2409 section 5.5)."""
    return AclEntry(True, 0, int(own), 0, 0, int(peer), 0, 0)


def normalized(entry: AclEntry) -> AclEntry:
    """The permit entry without the bits of the addresses that match anything."""
    return replace(
        entry,
        permit=True,
        source=entry.source & ~entry.source_wildcard & ANY_WILDCARD,
        destination=entry.destination & ~entry.destination_wildcard & ANY_WILDCARD,
    )


def narrowed(entry: AclEntry, flow: Flow) -> AclEntry:
    """The part of an entry between the two hosts of a packet."""
    return replace(entry, source=flow[1], source_wildcard=0, destination=flow[3], destination_wildcard=0)


def covers(entry: AclEntry, flow: AclEntry) -> bool:
    """Whether all packets of a flow match an entry."""
    ends = (
        (entry.source, entry.source_wildcard, flow.source, flow.source_wildcard),
        (entry.destination, entry.destination_wildcard, flow.destination, flow.destination_wildcard),
    )
    if any((own ^ other) & ~wild & ANY_WILDCARD or wider & ~wild for own, wild, other, wider in ends):
        return False
    ports = (entry.source_port, flow.source_port), (entry.destination_port, flow.destination_port)
    return entry.protocol in (0, flow.protocol) and all(own in (0, other) for own, other in ports)


def matches(entry: AclEntry, flow: Flow) -> bool:
    """Whether a packet's flow matches. A later fragment has no ports: only what an entry permits is believed to be
    meant by it then, as IOS does."""
    if entry.matches(*flow):
        return True
    if not entry.permit or flow[2] != NO_PORT or flow[0] not in (TCP, UDP):
        return False
    return replace(entry, source_port=0, destination_port=0).matches(*flow)


def _identity(address: int, wildcard: int, protocol: int, port: int) -> Identity:
    if wildcard == 0:
        return Identity(IdType.IPV4_ADDR, address.to_bytes(4, "big"), protocol, port)
    mask = ~wildcard & ANY_WILDCARD
    data = (address & mask).to_bytes(4, "big") + mask.to_bytes(4, "big")
    return Identity(IdType.IPV4_ADDR_SUBNET, data, protocol, port)


def _address(identity: Identity) -> tuple[int, int]:
    """Address and wildcard."""
    data = identity.data
    if identity.kind == IdType.IPV4_ADDR and len(data) == 4:
        return int.from_bytes(data, "big"), 0
    first, second = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:], "big")
    if identity.kind == IdType.IPV4_ADDR_SUBNET and len(data) == 8:
        return first & second, ~second & ANY_WILDCARD
    if identity.kind == IdType.IPV4_ADDR_RANGE and len(data) == 8 and first <= second:
        networks = list(summarize_address_range(IPv4Address(first), IPv4Address(second)))
        if len(networks) == 1:
            return first, int(networks[0].hostmask)
    raise WireError(f"identity of type {identity.kind} is no IPv4 address, subnet or range of a subnet")

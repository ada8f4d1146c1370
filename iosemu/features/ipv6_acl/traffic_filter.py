"""`ipv6 traffic-filter`: lists on the forwarding path."""

from __future__ import annotations

from ipaddress import IPv6Address

from iosemu.cli import CommandTable, Context
from iosemu.engines.esp.verdict import flow6_of
from iosemu.features.acl.access_group import place
from iosemu.features.acl.config import AccessList, Entry
from iosemu.features.acl.judge import Judge
from iosemu.features.acl.packet_log import Flow
from iosemu.features.interface.config import CONFIG_IF
from iosemu.features.ipv6_acl.config import Ipv6AccessLists
from iosemu.router.interfaces import Interface
from iosemu.router.model import Model
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution
from iosemu.wire import icmpv6
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import TCP, UDP
from iosemu.wire.ipv6 import ICMPV6, upper_layer

TABLE = CommandTable()
# Without these no neighbour finds the other: they pass unless an entry says otherwise.
_DISCOVERY = (icmpv6.NEIGHBOR_SOLICITATION, icmpv6.NEIGHBOR_ADVERTISEMENT)


@TABLE.command(
    CONFIG_IF,
    "ipv6 traffic-filter WORD$name (in|out)$direction",
    """IPv6 interface subcommands
    Access control list for packets
    Access-list name
    Inbound packets
    Outbound packets""",
    no="ipv6 traffic-filter [WORD$name] (in|out)$direction",
)
def traffic_filter(ctx: Context, direction: str, name: str = "") -> None:
    groups = ctx.router.model.block(Ipv6AccessLists).groups.setdefault(str(ctx.target.name), {})
    if ctx.negated:
        groups.pop(direction, None)
    else:
        groups[direction] = name


def _lines(model: Model, interface: str) -> list[str]:
    groups = model.block(Ipv6AccessLists).groups.get(interface, {})
    found = [direction for direction in ("in", "out") if direction in groups]
    return [f" ipv6 traffic-filter {groups[direction]} {direction}" for direction in found]


CONTRIBUTION = Contribution("interface", 41, _lines)


class Ipv6Family:
    """See `judge.Family`."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def flow_of(self, packet: bytes) -> Flow:
        """The flow of a packet."""
        return flow6_of(packet)

    def is_permitted_anyway(self, packet: bytes) -> bool:
        """Neighbour discovery is."""
        return _icmp(packet)[:1] in [bytes((kind,)) for kind in _DISCOVERY]

    def refuse(self, packet: bytes, interface: Interface) -> None:
        """Tell the sender."""
        self._router.ip6.icmp.error(icmpv6.UNREACHABLE, icmpv6.PROHIBITED, packet, interface)

    def describe(self, access_list: AccessList, entry: Entry, packet: bytes, flow: Flow) -> tuple[str, str]:
        """The message about a packet."""
        protocol, source_number, source_port, destination_number, destination_port = flow
        source, destination = (str(IPv6Address(number)).upper() for number in (source_number, destination_number))
        head = f"list {access_list.name}/{entry.sequence} {'permitted' if entry.permit else 'denied'}"
        if protocol in (TCP, UDP):
            word = "tcp" if protocol == TCP else "udp"
            ports = max(source_port, 0), max(destination_port, 0)
            return "ACCESSLOGP", f"{head} {word} {source}({ports[0]}) -> {destination}({ports[1]}), "
        if protocol == ICMPV6:
            message = "/".join(str(octet) for octet in _icmp(packet))
            return "ACCESSLOGDP", f"{head} icmpv6 {source} -> {destination} ({message}), "
        return "ACCESSLOGNP", f"{head} {max(protocol, 0)} {source} -> {destination}, "


def _icmp(packet: bytes) -> bytes:
    """Type and code of an ICMPv6 message, empty for anything else."""
    try:
        protocol, offset, begins = upper_layer(packet)
    except WireError:
        return b""
    return packet[offset : offset + 2] if protocol == ICMPV6 and begins else b""


class TrafficFilterService:
    """Puts the lists on the interfaces."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.judge = Judge(router, Ipv6Family(router), "IPV6_ACL")

    def reconcile(self) -> None:
        """Set or remove the hooks of every interface."""
        block = self._router.model.block(Ipv6AccessLists)
        self.judge.load(block.lists)
        for interface in self._router.interfaces:
            wanted = block.groups.get(str(interface.name), {})
            place(self.judge, wanted, interface.input_hooks6, interface.output_hooks6, self.is_own)

    def stop(self) -> None:
        """Nothing runs."""

    def is_own(self, packet: bytes, interface: Interface) -> bool:
        """Whether the router itself sends a packet."""
        source = int.from_bytes(packet[8:24], "big")
        link_local = interface.link_local is not None and source == int(interface.link_local)
        return not source or link_local or self._router.ip6.is_local_number(source, interface.vrf)

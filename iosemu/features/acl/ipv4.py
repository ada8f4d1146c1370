"""What access lists must know of IPv4 packets."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.esp.verdict import flow_of
from iosemu.features.acl.config import AccessList, Entry
from iosemu.features.acl.packet_log import Flow
from iosemu.router.interfaces import Interface
from iosemu.router.router import Router
from iosemu.wire import icmp
from iosemu.wire.ipv4 import ICMP, TCP, UDP


class Ipv4Family:
    """See `judge.Family`."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def flow_of(self, packet: bytes) -> Flow:
        """The flow of a packet."""
        return flow_of(packet)

    def is_permitted_anyway(self, packet: bytes) -> bool:
        """Nothing is."""
        return False

    def refuse(self, packet: bytes, interface: Interface) -> None:
        """Tell the sender."""
        code = icmp.ADMINISTRATIVELY_PROHIBITED
        self._router.ip.icmp.error(icmp.UNREACHABLE, code, packet, interface.address, vrf=interface.vrf)

    def describe(self, access_list: AccessList, entry: Entry, packet: bytes, flow: Flow) -> tuple[str, str]:
        """The message about a packet."""
        protocol, source_number, source_port, destination_number, destination_port = flow
        source, destination = IPv4Address(source_number), IPv4Address(destination_number)
        head = f"list {access_list.name} {'permitted' if entry.permit else 'denied'}"
        if not access_list.extended:
            return "IPACCESSLOGS", f"{head} {source} "
        if protocol in (TCP, UDP):
            word = "tcp" if protocol == TCP else "udp"
            ports = max(source_port, 0), max(destination_port, 0)
            return "IPACCESSLOGP", f"{head} {word} {source}({ports[0]}) -> {destination}({ports[1]}), "
        if protocol == ICMP:
            start = (packet[0] & 0x0F) * 4
            message = "/".join(str(octet) for octet in packet[start : start + 2])
            return "IPACCESSLOGDP", f"{head} icmp {source} -> {destination} ({message}), "
        return "IPACCESSLOGNP", f"{head} {protocol} {source} -> {destination}, "

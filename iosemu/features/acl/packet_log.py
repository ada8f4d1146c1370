"""The `log` word of an entry: the first packet of a flow at once, then a count every five minutes."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.features.acl.config import AccessList, Entry
from iosemu.router.router import Router
from iosemu.wire.ipv4 import ICMP, TCP, UDP

INTERVAL = 300.0
LIMIT = 1024
Flow = tuple[int, int, int, int, int]
_Key = tuple[str, int, Flow]


class PacketLog:
    """Counts packets of logged entries by flow."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._counts: dict[_Key, int] = {}

    def note(self, name: str, access_list: AccessList | None, entry: Entry, packet: bytes, flow: Flow) -> None:
        """A packet met an entry."""
        key = name, entry.sequence, flow
        if key in self._counts:
            self._counts[key] += 1
            return
        if access_list is None or len(self._counts) >= LIMIT:
            return
        self._counts[key] = 0
        mnemonic, text = _describe(access_list, entry, packet, flow)
        self._router.syslog.log("SEC", 6, mnemonic, f"{text}1 packet ")
        self._router.clock.call_later(INTERVAL, lambda: self._report(key, mnemonic, text))

    def _report(self, key: _Key, mnemonic: str, text: str) -> None:
        count = self._counts.pop(key)
        if count:
            self._router.syslog.log("SEC", 6, mnemonic, f"{text}{count} packet{'' if count == 1 else 's'} ")
            self._counts[key] = 0
            self._router.clock.call_later(INTERVAL, lambda: self._report(key, mnemonic, text))


def _describe(access_list: AccessList, entry: Entry, packet: bytes, flow: Flow) -> tuple[str, str]:
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

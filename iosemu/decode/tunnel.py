"""What a tunnel carries inside an ESP packet: GRE, and IPv4 or NHRP in it."""

from __future__ import annotations

from iosemu.wire.errors import WireError
from iosemu.wire.gre import PROTOCOL_IPV4, PROTOCOL_NHRP, GrePacket
from iosemu.wire.ipv4 import Packet
from iosemu.wire.nhrp import INDICATIONS, NhrpPacket
from iosemu.wire.nhrp_parts import ClientEntry


def gre_lines(data: bytes) -> list[str]:
    """What stands behind an IPv4 header of the protocol GRE; raises WireError when the GRE header is malformed."""
    gre = GrePacket.parse(data)
    key = f", key {gre.key}" if gre.key is not None else ""
    lines = [f"GRE{key}, protocol 0x{gre.protocol:04x}, {len(gre.payload)} octets"]
    try:
        if gre.protocol == PROTOCOL_IPV4:
            packet = Packet.parse(gre.payload)
            lines.append(f"tunnel packet {packet.source} -> {packet.destination}, protocol {packet.protocol}")
        elif gre.protocol == PROTOCOL_NHRP:
            lines += _nhrp(NhrpPacket.parse(gre.payload))
    except WireError as error:
        lines.append(f"malformed: {error}")
    return lines


def _nhrp(packet: NhrpPacket) -> list[str]:
    name = packet.operation.name.replace("_", " ").title()
    lines = [f"NHRP {name}, {packet.source} ({packet.nbma}) about {packet.destination}"]
    if packet.operation in INDICATIONS:
        return [*lines, f"code {packet.error}, {len(packet.quoted)} octets quoted"]
    lines[0] += f", request {packet.request}"
    return lines + [_entry(entry) for entry in packet.entries]


def _entry(entry: ClientEntry) -> str:
    where = f"{entry.protocol or 'the sender'} at {entry.nbma or 'its address'}"
    return f"entry: code {entry.code}, prefix {entry.prefix}, holding {entry.holding} s, {where}"

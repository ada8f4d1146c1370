"""Packets into the SAs of two peers and out again: tunnel and transport mode, plain or in UDP (RFC 4303, RFC 3948)."""

from __future__ import annotations

from iosemu.crypto.randomness import RandomBytes
from iosemu.engines.esp.tunnel import RefusedError, inner_packet, outer_header, seal, unseal
from iosemu.engines.esp.verdict import REPLAYED
from iosemu.engines.ipsec.sa import SaPair
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.esp import NEXT_HEADER_IPV4, NEXT_HEADER_NONE
from iosemu.wire.ipv4 import ESP, UDP
from iosemu.wire.udp import HEADER_LENGTH as UDP_HEADER


def encapsulate(packet: bytes, pair: SaPair, identification: int, random: RandomBytes) -> bytes:
    """The ESP packet for a whole IPv4 packet; raises NonceExhaustedError when the SA may not send any more."""
    if pair.transport:
        return _transport(packet, pair, random)
    body = _in_udp(seal(packet, NEXT_HEADER_IPV4, pair.outbound, random), pair)
    dont_fragment = pair.policy.df_rule.bit(packet)
    addresses = pair.local.address.packed + pair.remote.address.packed
    protocol = UDP if pair.udp else ESP
    return outer_header(addresses, len(body), packet[1], identification, dont_fragment, protocol) + body


def decapsulate(packet: bytes, pair: SaPair) -> bytes | None:
    """The packet inside, None for a dummy packet. `packet` is whole and no fragment. Raises RefusedError."""
    header = (packet[0] & 0x0F) * 4
    start = header + (UDP_HEADER if packet[9] == UDP else 0)
    data = packet[start : int.from_bytes(packet[2:4], "big")]
    sequence = int.from_bytes(data[4:8], "big")
    window = pair.inbound.window
    if window is not None and not window.allows(sequence):
        raise RefusedError(REPLAYED)
    payload, next_header = unseal(data, pair.inbound.cipher)
    if window is not None:
        window.take(sequence)
    if next_header == NEXT_HEADER_NONE:
        return None
    if pair.transport:
        return _with_payload(packet[:header], next_header, payload)
    return inner_packet(payload, next_header)


def _transport(packet: bytes, pair: SaPair, random: RandomBytes) -> bytes:
    """The packet's own header with ESP behind it (RFC 4303 section 3.1.1)."""
    header = (packet[0] & 0x0F) * 4
    body = _in_udp(seal(packet[header:], packet[9], pair.outbound, random), pair)
    return _with_payload(packet[:header], UDP if pair.udp else ESP, body)


def _with_payload(header: bytes, protocol: int, payload: bytes) -> bytes:
    total = (len(header) + len(payload)).to_bytes(2, "big")
    changed = header[:2] + total + header[4:9] + bytes((protocol, 0, 0)) + header[12:]
    return changed[:10] + internet_checksum(changed).to_bytes(2, "big") + changed[12:] + payload


def _in_udp(body: bytes, pair: SaPair) -> bytes:
    """With a UDP header in front where a NAT is between the peers; its checksum is zero (RFC 3948 section 2.1)."""
    if not pair.udp:
        return body
    ports = pair.local.port.to_bytes(2, "big") + pair.remote.port.to_bytes(2, "big")
    return ports + (UDP_HEADER + len(body)).to_bytes(2, "big") + bytes(2) + body

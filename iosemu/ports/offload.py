"""Frames that the host has left unfinished: checksums still to be computed, data of many segments behind one header.

A header in front of each frame, that of virtio-net (OASIS virtio 1.2, section 5.1.6), says what is left to do. TUN and
TAP devices use it with IFF_VNET_HDR, packet sockets with PACKET_VNET_HDR.
"""

from __future__ import annotations

import struct

from iosemu.ports.sums import folded, remainder, value
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import TCP, UDP
from iosemu.wire.ipv6 import HEADER as IPV6_HEADER

HEADER = struct.Struct("=BBHHHH")
PLAIN = bytes(HEADER.size)
NEEDS_CHECKSUM = 1
GSO_NONE, GSO_TCP4, GSO_TCP6, GSO_UDP, ECN = 0, 1, 4, 5, 0x80
FIN_PSH, CWR = 0x09, 0x80
_LENGTH_ID = struct.Struct("!HH")
_LONG = struct.Struct("!I")
_SHORT = struct.Struct("!H")
# The headers of TCP over IPv4: between what all segments have in common there are length, identification, checksum,
# sequence number, flags and checksum.
_USUAL = struct.Struct("!2sHH4sH12sI5sB2sHH")


def finished(data: bytes, network: int) -> list[bytes]:
    """The frames that a frame with its header in front stands for, complete and none longer than its link allows.

    `network` is how far the IP header is from the front of a frame. Raises WireError for a header that does not fit.
    """
    try:
        flags, kind, _, size, start, offset = HEADER.unpack_from(data)
        frame = data[HEADER.size :]
        if not kind:
            return [_summed(frame, network, start, offset) if flags & NEEDS_CHECKSUM else frame]
        if not size:
            raise WireError("segments of no size")
        kind &= ~ECN
        if kind in (GSO_TCP4, GSO_TCP6):
            return segments(frame, network, start, size, TCP)
        if kind == GSO_UDP:
            return segments(frame, network, start, size, UDP)
    except (struct.error, IndexError):
        raise WireError("offload header does not fit its frame") from None
    raise WireError(f"offload of kind {kind}")


def _summed(frame: bytes, network: int, start: int, offset: int) -> bytes:
    """Put in a checksum. The field holds the sum of the pseudo header already."""
    if start + offset + 2 > len(frame):
        raise WireError("checksum outside its frame")
    if frame[network] >> 4 == 4:
        end = network + int.from_bytes(frame[network + 2 : network + 4], "big")
    else:
        end = network + IPV6_HEADER + int.from_bytes(frame[network + 4 : network + 6], "big")
    checksum = folded(value(frame[start:end])) ^ 0xFFFF or 0xFFFF
    at = start + offset
    return frame[:at] + checksum.to_bytes(2, "big") + frame[at + 2 :]


def segments(frame: bytes, network: int, start: int, size: int, protocol: int) -> list[bytes]:
    """Split a frame with more data than a segment may have, whose transport header stands at `start`, into segments of
    `size` octets, as the host itself would have."""
    head_end = start + ((frame[start + 12] >> 4) * 4 if protocol == TCP else 8)
    head = bytearray(frame[:head_end])
    version = head[network] >> 4
    if not network < start < head_end <= len(frame) or version not in (4, 6):
        raise WireError("segments without headers")
    if protocol == TCP and start - network == 20 and head_end - start >= 20:
        return _usual_segments(frame, network, head_end, size)
    sum_at = start + (16 if protocol == TCP else 6)
    head[sum_at : sum_at + 2] = b"\0\0"
    addresses = head[network + 12 : network + 20] if version == 4 else head[network + 8 : network + 40]
    constant = value(addresses) + protocol
    identification = 0
    if version == 4:
        identification = _SHORT.unpack_from(head, network + 4)[0]
        head[network + 2 : network + 6] = bytes(4)
        head[network + 10 : network + 12] = bytes(2)
        network_sum = value(head[network:start])
    sequence, flags = 0, 0
    if protocol == TCP:
        sequence, flags = _LONG.unpack_from(head, start + 4)[0], head[start + 13]
        head[start + 4 : start + 8] = bytes(4)
        head[start + 13] = 0
    else:
        head[start + 4 : start + 6] = bytes(2)
    constant += value(head[start:])
    found = []
    for number, position in enumerate(range(head_end, len(frame), size)):
        chunk = frame[position : position + size]
        transport = head_end - start + len(chunk)
        total = constant + value(chunk) + transport
        if version == 4:
            length = head_end - network + len(chunk)
            own = identification + number & 0xFFFF
            _LENGTH_ID.pack_into(head, network + 2, length, own)
            _SHORT.pack_into(head, network + 10, folded(network_sum + length + own) ^ 0xFFFF)
        else:
            _SHORT.pack_into(head, network + 4, head_end - network - IPV6_HEADER + len(chunk))
        if protocol == TCP:
            own = sequence + position - head_end & 0xFFFFFFFF
            last = position + size >= len(frame)
            bits = flags & (0xFF if last else ~FIN_PSH) & (0xFF if number == 0 else ~CWR)
            _LONG.pack_into(head, start + 4, own)
            head[start + 13] = bits
            total += own + bits
        else:
            _SHORT.pack_into(head, start + 4, transport)
            total += transport
        checksum = folded(total) ^ 0xFFFF
        _SHORT.pack_into(head, sum_at, checksum or (0xFFFF if protocol == UDP else 0))
        found.append(b"".join((head, chunk)))
    return found


def _usual_segments(frame: bytes, network: int, head_end: int, size: int) -> list[bytes]:
    """The same for TCP over IPv4 without options, which is most of all traffic."""
    a, _, own, b, _, c, sequence, d, flags, e, _, urgent = _USUAL.unpack_from(frame, network)
    front, options = frame[:network], frame[network + _USUAL.size : head_end]
    network_sum = value(a + b) + value(c[:8])
    constant = value(c) + TCP + value(d[:4]) + (d[4] << 8) + value(e) + urgent + value(options)
    join, pack, sum_of, number_of = b"".join, _USUAL.pack, remainder(), int.from_bytes
    head, limbs, shift = head_end - network, size >> 3, 8 * (size & 1)
    rest = limbs << 3
    found = []
    bits = flags & ~FIN_PSH
    for position in range(head_end, len(frame), size):
        chunk = frame[position : position + size]
        length = head + len(chunk)
        if position + size >= len(frame):
            bits |= flags & FIN_PSH
        if len(chunk) != size or not limbs:
            total = value(chunk)
        else:
            total = sum_of(chunk, limbs) * 256 + (number_of(chunk[rest:], "big") << shift)
        total += constant + length - 20 + sequence + bits
        header_sum, checksum = (network_sum + length + own) % 0xFFFF, total % 0xFFFF
        header_sum, checksum = header_sum ^ 0xFFFF if header_sum else 0, checksum ^ 0xFFFF if checksum else 0
        header = pack(a, length, own, b, header_sum, c, sequence, d, bits, e, checksum, urgent)
        found.append(join((front, header, options, chunk)))
        own, sequence = own + 1 & 0xFFFF, sequence + size & 0xFFFFFFFF
        bits &= ~CWR
    return found

"""ESP packets: opened and verified with the keys at hand."""

from __future__ import annotations

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.esp_ciphers import esp_cipher
from iosemu.crypto.esp_transforms import EspTransform
from iosemu.decode.keys import Keys
from iosemu.decode.record import Record
from iosemu.decode.tunnel import gre_lines
from iosemu.wire.errors import WireError
from iosemu.wire.esp import NEXT_HEADER_IPV4, NEXT_HEADER_IPV6, EspPacket, remove_trailer
from iosemu.wire.ipv4 import GRE, Packet
from iosemu.wire.ipv6 import Packet6


def explain_esp(record: Record, data: bytes, known: Keys) -> None:
    """What stands behind the IP header, or behind the UDP header of a peer behind a NAT."""
    try:
        esp = EspPacket.parse(data)
    except WireError as error:
        record.title = f"ESP, malformed: {error}"
        record.checks["ESP"] = False
        return
    record.title = "ESP"
    record.lines.append(f"SPI 0x{esp.spi:08x}, sequence {esp.sequence}")
    keys = known.teks.get(data[:4])
    if keys is None:
        record.lines.append("encrypted; no key")
        return
    transform = EspTransform(keys.encryption, keys.key_bits, keys.integrity)
    cipher = esp_cipher(transform, keys.encryption_key, keys.integrity_key, keys.salt)
    try:
        inner, next_header = remove_trailer(cipher.open(data[:8], esp.body))
        if transform.icv_size:
            record.checks["ICV"] = True
        record.lines.append(f"{transform.display()}, next header {next_header}")
        if next_header not in (NEXT_HEADER_IPV4, NEXT_HEADER_IPV6):
            record.lines.append(f"transport mode, protocol {next_header}, {len(inner)} octets")
            return
        inside = Packet.parse(inner) if next_header == NEXT_HEADER_IPV4 else Packet6.parse(inner)
        ends = f"{inside.source} -> {inside.destination}"
        record.lines.append(f"inner packet {ends}, protocol {inside.protocol}, {len(inner)} octets")
        if inside.protocol == GRE:
            record.lines += gre_lines(inside.payload)
    except CryptoError:
        record.checks["ICV"] = False
    except WireError as error:
        record.lines.append(f"inner packet is malformed: {error}")

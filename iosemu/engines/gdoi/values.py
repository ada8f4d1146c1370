"""Values in downloads that several payloads check alike."""

from __future__ import annotations

from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyPacket

# RFC 2407 section 4.5.4.
DEFAULT_LIFETIME = 28800


def limited(lifetime: int) -> int:
    """A lifetime in seconds as it is; raises WireError for one of more than 32 bits."""
    if lifetime >= 1 << 32:
        raise WireError("lifetime of more than 32 bits")
    return lifetime


def octets(packet: KeyPacket, kind: int, size: int) -> bytes:
    """An attribute of a key packet; raises WireError where none has this size."""
    for attribute in packet.attributes:
        if attribute.kind == kind and len(attribute.as_bytes()) == size:
            return attribute.as_bytes()
    if size == 0:
        return b""
    raise WireError(f"key packet without {size} octets in attribute {kind}")

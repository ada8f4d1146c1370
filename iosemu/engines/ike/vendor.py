"""Vendor IDs (RFC 2408 section 3.16)."""

from __future__ import annotations

# RFC 3706: twelve fixed octets, then the version 1.0.
DEAD_PEER_DETECTION = bytes.fromhex("afcad71368a1f1c96b8696fc77570100")

# First 16 octets of SHA-256("iosemu GET VPN private formats 1"): the sender understands docs/private-formats.md.
IOSEMU = bytes.fromhex("adc29a200a1bb768ff5848f34183d6e9")

Version = tuple[int, int, int]


def iosemu_vendor_id(version: Version) -> bytes:
    """Our vendor ID with the GET VPN software version behind it."""
    return IOSEMU + bytes(version)


def peer_version(vendor_ids: list[bytes]) -> Version | None:
    """The version of a peer that sent our vendor ID, None for a foreign one."""
    for vendor_id in vendor_ids:
        if vendor_id[:16] == IOSEMU and len(vendor_id) == 19:
            return vendor_id[16], vendor_id[17], vendor_id[18]
    return None

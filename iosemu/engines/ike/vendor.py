"""Vendor IDs (RFC 2408 section 3.16)."""

from __future__ import annotations

from collections.abc import Iterable

# RFC 3706: fourteen fixed octets, then the version 1.0.
DEAD_PEER_DETECTION = bytes.fromhex("afcad71368a1f1c96b8696fc77570100")

# MD5 of "RFC 3947".
NAT_TRAVERSAL = bytes.fromhex("4a131c81070358455c5728f20e95452f")

# IKE fragmentation: sixteen octets, then four that say in which modes.
FRAGMENTATION = bytes.fromhex("4048b7d56ebce88525e7de7f00d6c2d3")
FRAGMENTATION_MODES = bytes.fromhex("c0000000")

# First 16 octets of SHA-256("iosemu GET VPN private formats 1"): the sender understands docs/private-formats.md.
IOSEMU = bytes.fromhex("adc29a200a1bb768ff5848f34183d6e9")

Version = tuple[int, int, int]


def iosemu_vendor_id(version: Version) -> bytes:
    """Our vendor ID with the GET VPN software version behind it."""
    return IOSEMU + bytes(version)


def own_vendor_ids(version: Version, fragmentation: bool) -> list[bytes]:
    """What we tell a peer about ourselves, in the first message that we send it."""
    ids = [NAT_TRAVERSAL, DEAD_PEER_DETECTION, iosemu_vendor_id(version)]
    return [*ids, FRAGMENTATION + FRAGMENTATION_MODES] if fragmentation else ids


def peer_version(vendor_ids: Iterable[bytes]) -> Version | None:
    """The version of a peer that sent our vendor ID, None for a foreign one."""
    for vendor_id in vendor_ids:
        if vendor_id[:16] == IOSEMU and len(vendor_id) == 19:
            return vendor_id[16], vendor_id[17], vendor_id[18]
    return None


def detects_dead_peers(vendor_ids: Iterable[bytes]) -> bool:
    """Whether a peer answers R-U-THERE."""
    return any(vendor_id[:14] == DEAD_PEER_DETECTION[:14] for vendor_id in vendor_ids)


def traverses_nat(vendor_ids: Iterable[bytes]) -> bool:
    """Whether a peer knows RFC 3947."""
    return NAT_TRAVERSAL in vendor_ids


def joins_fragments(vendor_ids: Iterable[bytes]) -> bool:
    """Whether a peer takes messages in fragments."""
    return any(vendor_id[:16] == FRAGMENTATION for vendor_id in vendor_ids)

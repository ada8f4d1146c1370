"""Pieces that several GDOI shows share."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.gdoi.acl import ANY_WILDCARD, AclEntry
from iosemu.engines.ike.vendor import Version
from iosemu.features.acl.names import PROTOCOLS

FIRST_HANDLE = 0x40000002


def acl_line(entry: AclEntry) -> str:
    """An entry of a group's list; single ports print as `port = N`."""
    names = {number: name for name, number in PROTOCOLS.items()}
    ends = [
        _end(entry.source, entry.source_wildcard, entry.source_port),
        _end(entry.destination, entry.destination_wildcard, entry.destination_port),
    ]
    action = "permit" if entry.permit else "deny"
    return f"{action} {names.get(entry.protocol, str(entry.protocol))} {' '.join(ends)}"


def _end(address: int, wildcard: int, port: int) -> str:
    if wildcard == ANY_WILDCARD:
        text = "any"
    elif wildcard == 0:
        text = f"host {IPv4Address(address)}"
    else:
        text = f"{IPv4Address(address)} {IPv4Address(wildcard)}"
    return f"{text} port = {port}" if port else text


def spi_text(spi: bytes) -> str:
    """`0x5A69F51E(1516893470)`."""
    number = int.from_bytes(spi, "big")
    return f"0x{number:08X}({number})"


def version_text(version: Version | None) -> str:
    """`1.0.17`; a foreign implementation has none."""
    return ".".join(map(str, version)) if version else "Unknown"


def elapsed(seconds: float) -> str:
    """`hh:mm:ss`."""
    total = int(seconds)
    return f"{total // 3600:02d}:{total // 60 % 60:02d}:{total % 60:02d}"

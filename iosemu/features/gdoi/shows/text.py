"""Pieces that several GDOI shows share."""

from __future__ import annotations

from iosemu.engines.ike.vendor import Version

FIRST_HANDLE = 0x40000002


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

"""How older releases print what a key server shows: without what they did not have yet."""

from __future__ import annotations

from iosemu.features.system.config import SystemConfig
from iosemu.router.model import Model

# Labels of lines that came later than 15.1.
LATER = frozenset(
    {
        "Re-auth on new CRL",
        "Group Type",
        "Crypto Path",
        "Key Management Path",
        "IP D3P Window",
        "Split Resiliency Factor",
        "CKM status",
        "Tagging method",
        "Local KS Version",
        "Local KS version",
        "Local COOP Version",
        "Local COOP version",
        "Peer Version",
        "Peer COOP version",
        "COOP Protocol",
        "Per-user timer remaining time",
    }
)


def as_printed(lines: list[str], model: Model) -> list[str]:
    """The lines of a group as the release of the router prints them."""
    release = model.block(SystemConfig).release
    if release >= (15, 2):
        return lines
    found: list[str] = []
    for line in lines:
        label = line.partition(":")[0].strip()
        if label == "Peer Sessions":
            found.append("")
        if label == "Group Server list" and release < (15, 0):
            found.append("    Group Server list        : Local")
        elif label not in LATER:
            found.append(line)
        if label == "IPSec SA Direction" and release < (15, 0):
            found.append("    Active Group Server      : Local")
    return found

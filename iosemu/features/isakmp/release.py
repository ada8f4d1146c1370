"""The GET VPN software version of a release: what a router tells its peers of itself in phase 1."""

from __future__ import annotations

from iosemu.engines.ike.vendor import Version
from iosemu.features.system.config import SystemConfig
from iosemu.router.model import Model

# From which release on a router has which version, the newest first.
VERSIONS: tuple[tuple[tuple[int, int], Version], ...] = (
    ((17, 0), (1, 0, 27)),
    ((16, 0), (1, 0, 25)),
    ((15, 6), (1, 0, 17)),
    ((15, 2), (1, 0, 4)),
)
BASE: Version = (1, 0, 1)


def software_version(model: Model) -> Version:
    """That of the release in the `version` line."""
    release = model.block(SystemConfig).release
    return next((version for since, version in VERSIONS if release >= since), BASE)

"""What speakers under test know of their peers."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.ike.peers import Strangers
from iosemu.wire.isakmp import Identity


class SharedKey(Strangers):
    """Everybody has the same key; without one nobody has any."""

    def __init__(self, key: bytes | None) -> None:
        self._key = key

    def psk(self, address: IPv4Address, identity: Identity | None = None) -> bytes | None:
        return self._key

"""What speakers under test know of their peers."""

from __future__ import annotations

from iosemu.engines.common import Endpoint
from iosemu.engines.ike.credentials import PeerCertificate
from iosemu.engines.ike.keepalive import Keepalive
from iosemu.engines.ike.peers import Strangers
from iosemu.wire.isakmp_payloads import Identity, IdType


class SharedKey(Strangers):
    """Everybody has the same key; without one nobody has any."""

    def __init__(self, key: bytes | None, keepalive: Keepalive | None = None) -> None:
        self._key, self._keepalive = key, keepalive

    def keepalive(self, remote: Endpoint) -> Keepalive | None:
        return self._keepalive

    def psk(self, remote: Endpoint, identity: Identity | None = None) -> bytes | None:
        return self._key


class NamedKeys(Strangers):
    """Aggressive mode: keys by the name that a peer calls itself, ours towards everybody."""

    def __init__(self, name: str, keys: dict[str, bytes], own: bytes | None = None) -> None:
        self._name, self._keys, self._own = name, keys, own

    def psk(self, remote: Endpoint, identity: Identity | None = None) -> bytes | None:
        return self._own or self._keys.get(identity.data.decode() if identity else "")

    def own_identity(self, remote: Endpoint, local: Endpoint, method: int) -> Identity:
        return Identity(IdType.FQDN, self._name.encode())

    def aggressive(self, remote: Endpoint) -> bool:
        return True

    def accepts(self, remote: Endpoint, identity: Identity, certificate: PeerCertificate | None) -> bool:
        return identity.kind == IdType.FQDN

"""Whether there is a key for the server, and who is connected."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.cli import Session
from iosemu.crypto.rsa import RsaKey
from iosemu.features.crypto_keys import store
from iosemu.features.ssh.config import SshConfig
from iosemu.router.router import Router

SMALLEST_KEY = 768


@dataclass(frozen=True, slots=True)
class Transport:
    """What a connection is protected by."""

    cipher: str
    mac: str


class SshService:
    """What the SSH server of a router needs to know, and what shows need to know of it. `served` is set by whoever
    listens; then the server works with a key of its own where none is configured."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.served = False
        self.connections: dict[Session, Transport] = {}
        self._had_key: bool | None = None

    @property
    def enabled(self) -> bool:
        """Whether SSH can be used."""
        return self.served or self.key() is not None

    def key(self) -> RsaKey | None:
        """The key pair of the server: the one that was chosen, else the first that is large enough."""
        nvram = self._router.nvram
        chosen = self._router.model.block(SshConfig).key_label
        for label in [chosen] if chosen else store.labels(nvram):
            key = store.load(nvram, label)
            if key is not None and key.bits >= SMALLEST_KEY:
                return key
        return None

    def reconcile(self) -> None:
        """Tell when a key comes or goes."""
        has_key = self.key() is not None
        if self._had_key is not None and has_key != self._had_key:
            self._router.syslog.log("SSH", 5, *_CHANGES[has_key])
        self._had_key = has_key

    def stop(self) -> None:
        """Nothing runs."""


_CHANGES = {
    True: ("ENABLED", "SSH 2.0 has been enabled"),
    False: ("DISABLED", "SSH 2.0 has been disabled"),
}

"""Debug output of the forwarding path: packets and ICMP, by hooks that are there only while they are wanted."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.router.icmp import Listener
from iosemu.router.router import Router
from iosemu.wire.icmp import IcmpMessage

NAMES = {0: "echo reply", 3: "dst unreachable", 8: "echo", 11: "time exceeded"}


class DebugService:
    """Listens to ICMP; every other flag is looked at by the code it covers."""

    def __init__(self, router: Router) -> None:
        self._router = router
        listener: Listener = self._icmp
        self._stop = router.ip.icmp.listen(listener)

    def reconcile(self) -> None:
        """Nothing of it is configuration."""

    def stop(self) -> None:
        """Listen no more."""
        self._stop()

    def _icmp(self, source: IPv4Address, message: IcmpMessage, *_: object) -> None:
        name = NAMES.get(message.kind, f"type {message.kind}, code {message.code}")
        self._router.debugging.emit("ip icmp", f"ICMP: {name} rcvd, src {source}")

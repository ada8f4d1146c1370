"""The `log` word of an entry: the first packet of a flow at once, then a count every five minutes."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.features.acl.config import AccessList, Entry
from iosemu.router.router import Router

INTERVAL = 300.0
LIMIT = 1024
Flow = tuple[int, int, int, int, int]
_Key = tuple[str, int, Flow]
# Mnemonic and text of the message about a packet that met an entry.
Describe = Callable[[AccessList, Entry, bytes, Flow], tuple[str, str]]


class PacketLog:
    """Counts packets of logged entries by flow."""

    def __init__(self, router: Router, describe: Describe, facility: str) -> None:
        self._router = router
        self._describe = describe
        self._facility = facility
        self._counts: dict[_Key, int] = {}

    def note(self, name: str, access_list: AccessList | None, entry: Entry, packet: bytes, flow: Flow) -> None:
        """A packet met an entry."""
        key = name, entry.sequence, flow
        if key in self._counts:
            self._counts[key] += 1
            return
        if access_list is None or len(self._counts) >= LIMIT:
            return
        self._counts[key] = 0
        mnemonic, text = self._describe(access_list, entry, packet, flow)
        self._router.syslog.log(self._facility, 6, mnemonic, f"{text}1 packet ")
        self._router.clock.call_later(INTERVAL, lambda: self._report(key, mnemonic, text))

    def _report(self, key: _Key, mnemonic: str, text: str) -> None:
        count = self._counts.pop(key)
        if count:
            self._router.syslog.log(self._facility, 6, mnemonic, f"{text}{count} packet{'' if count == 1 else 's'} ")
            self._counts[key] = 0
            self._router.clock.call_later(INTERVAL, lambda: self._report(key, mnemonic, text))

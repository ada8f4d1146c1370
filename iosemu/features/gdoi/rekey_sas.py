"""KEKs as rekey SAs: the connection IDs that shows call them by."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.engines.common import Event
from iosemu.engines.gdoi.events import KeyInstalled
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.ike.engine import IkeEngine
from iosemu.engines.keylog import KekKeys
from iosemu.features.isakmp.role import RekeySa, algorithms


class RekeyConnections:
    """Gives each KEK a number beside those of the phase 1 SAs when it is installed; `made` counts them."""

    def __init__(self, engine: IkeEngine) -> None:
        self._engine = engine
        self._numbers: dict[bytes, int] = {}
        self.made = 0

    def observe(self, event: Event, live: Iterable[Kek]) -> None:
        """Take the number of a new KEK; those of KEKs that do not live any more are forgotten."""
        if isinstance(event, KeyInstalled) and isinstance(event.record, KekKeys):
            spis = {kek.spi for kek in live}
            self._numbers = {spi: number for spi, number in self._numbers.items() if spi in spis}
            self._add(event.record.spi)

    def number(self, kek: Kek) -> int:
        """The connection ID of a KEK."""
        return self._numbers[kek.spi] if kek.spi in self._numbers else self._add(kek.spi)

    def _add(self, spi: bytes) -> int:
        self.made += 1
        self._numbers[spi] = number = self._engine.new_connection_id()
        return number

    def describe(self, kek: Kek, destination: object, source: object) -> RekeySa:
        """A KEK for the shows of phase 1."""
        names = algorithms(kek.sig_hash, kek.encryption, kek.key_bits)
        return RekeySa(str(destination), str(source), self.number(kek), names)

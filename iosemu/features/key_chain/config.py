"""`key chain` blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.features.accounts.config import hidden, stored_text
from iosemu.features.accounts.passwords import Secret
from iosemu.features.key_chain.lifetime import Lifetime
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section


@dataclass
class Key:
    """One key of a chain; a lifetime that is None is always."""

    string: Secret | None = None
    accept: Lifetime | None = None
    send: Lifetime | None = None
    algorithm: str | None = None

    def lines(self) -> Lines:
        """What stands below `key N`."""
        lines = [] if self.string is None else [f"key-string {stored_text(self.string).removeprefix('0 ')}"]
        for word, lifetime in (("accept", self.accept), ("send", self.send)):
            lines += [] if lifetime is None else [f"{word}-lifetime {lifetime}"]
        return lines + ([] if self.algorithm is None else [f"cryptographic-algorithm {self.algorithm}"])


@dataclass
class KeyChain:
    """Keys by number. `kind` is `macsec` or `tcp` of such a chain, else empty."""

    kind: str = ""
    keys: dict[int, Key] = field(default_factory=dict)


@dataclass
class KeyChains:
    """All chains by name."""

    by_name: dict[str, KeyChain] = field(default_factory=dict)

    def hide_passwords(self) -> None:
        """Encrypt the keys that are in the clear."""
        for chain in self.by_name.values():
            for key in chain.keys.values():
                key.string = key.string and hidden(key.string)


def _paragraphs(router: Router) -> list[Lines]:
    found = []
    for name, chain in router.model.block(KeyChains).by_name.items():
        lines = [f"key chain {name} {chain.kind}".rstrip()]
        for number, key in sorted(chain.keys.items()):
            lines += [f" key {number}", *(f"  {line}" for line in key.lines())]
        found.append(lines)
    return found


SECTION = Section(Place.KEY_CHAIN, _paragraphs)

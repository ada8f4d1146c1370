"""The configuration model: one block per feature, kept by its type."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, TypeVar

B = TypeVar("B")


class Model:
    """Blocks are dataclasses with defaults for every field; an untouched block equals an absent one."""

    def __init__(self) -> None:
        self._blocks: dict[type[Any], Any] = {}

    def block(self, kind: type[B]) -> B:
        """The block of a feature, made on first use."""
        block = self._blocks.get(kind)
        if block is None:
            block = self._blocks[kind] = kind()
        return block

    def blocks(self) -> list[Any]:
        """All blocks that are in use."""
        return list(self._blocks.values())

    def copy(self) -> Model:
        """An independent copy."""
        other = Model()
        other._blocks = deepcopy(self._blocks)
        return other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model):
            return NotImplemented
        kinds = self._blocks.keys() | other._blocks.keys()
        return all(self.block(kind) == other.block(kind) for kind in kinds)

    __hash__ = None  # type: ignore[assignment]

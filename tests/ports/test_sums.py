"""Sums of checksums are those of the definition, by each way to them."""

from __future__ import annotations

from random import Random

import pytest

from iosemu.ports import sums
from iosemu.wire.checksum import internet_checksum


@pytest.mark.parametrize("kind", ["GMP", "Python"])
def test_sums(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "Python":
        monkeypatch.setattr(sums, "remainder", lambda: sums._by_python)
    random = Random(2)
    for size in [*range(200), 1349, 1460, 65535]:
        for data in (random.randbytes(size), bytes(size), b"\xff" * size):
            assert sums.folded(sums.value(data)) ^ 0xFFFF == internet_checksum(data)
            assert sums.value(bytearray(data)) == sums.value(data)

"""Both engines: what is shown of one holds for the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iosemu.fastpath.native import Native, native_module
from iosemu.fastpath.pure import Engine, Pure
from tests.requirements import require


@pytest.fixture(params=["Python", "native"])
def engine(request: pytest.FixtureRequest) -> Callable[[], Engine]:
    """What makes an engine, for each worker its own."""
    if request.param == "Python":
        return Pure
    require("module:iosemu.fastpath._native")
    module = native_module()
    assert module is not None
    return lambda: Native(module)

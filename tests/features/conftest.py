"""What the tests of several features share."""

from __future__ import annotations

import pytest

from tests.features.three_routers import Row, build_row


@pytest.fixture
def row() -> Row:
    """Three routers in a row that know their neighbours."""
    return build_row()

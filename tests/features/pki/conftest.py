"""What the tests of certificates share."""

from __future__ import annotations

import pytest

from tests.features.pki.authority import Authority


@pytest.fixture(scope="module")
def authority() -> Authority:
    """A CA that nobody here wrote; making its keys takes a moment."""
    return Authority()

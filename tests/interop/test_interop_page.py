"""docs/ike-interop.md says what the tests show."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tests.interop.strongswan import VERSION, installed_version
from tests.requirements import REQUIRE_ALL

ROOT = Path(__file__).resolve().parents[2]


def test_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate_ike_interop", ROOT / "docs" / "generate_ike_interop.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "ike-interop.md").read_text() == module.page(), "run: python docs/generate_ike_interop.py"


def test_version_that_the_page_names_is_the_one_tested() -> None:
    """Elsewhere than in continuous integration another version will do."""
    version = installed_version()
    assert version == VERSION or not REQUIRE_ALL

"""What a test needs from its machine. Without it the test is skipped with the reason; where IOSEMU_REQUIRE_ALL is set,
that is a failure."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

REQUIRE_ALL = bool(os.environ.get("IOSEMU_REQUIRE_ALL"))


def require(*needs: str) -> None:
    """Skip the test, or fail it, unless all needs are met: "root", a path, or the name of a program."""
    for need in needs:
        if not _met(need):
            reason = f"this test needs {need}"
            if REQUIRE_ALL:
                pytest.fail(reason)
            pytest.skip(reason)


def _met(need: str) -> bool:
    if need == "root":
        return sys.platform == "linux" and os.geteuid() == 0
    if need.startswith("/"):
        return Path(need).exists()
    return shutil.which(need) is not None

"""What a test needs from its machine. Without it the test is skipped with the reason; where IOSEMU_REQUIRE_ALL is set,
that is a failure."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRE_ALL = bool(os.environ.get("IOSEMU_REQUIRE_ALL"))


def require(*needs: str, scope: str = "test") -> None:
    """Skip the test, or fail it, unless all needs are met: "root", a path, "module:NAME", or the name of a program.

    At the top of a file `scope` is "module".
    """
    for need in needs:
        if not _met(need):
            unmet(f"this test needs {need}", scope=scope)


def unmet(reason: str, scope: str = "test") -> NoReturn:
    """Skip the test, or fail it, for a reason that it found out itself."""
    if REQUIRE_ALL:
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=scope == "module")


def free_ports(count: int) -> list[int]:
    """UDP ports of loopback that nobody has."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for item in sockets:
        item.bind(("127.0.0.1", 0))
    ports = [item.getsockname()[1] for item in sockets]
    for item in sockets:
        item.close()
    return ports


def _importable(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _met(need: str) -> bool:
    if need == "root":
        return sys.platform == "linux" and os.geteuid() == 0
    if need.startswith("module:"):
        return _importable(need.removeprefix("module:"))
    if need.startswith("/"):
        return Path(need).exists()
    return shutil.which(need) is not None

"""A router that listens on loopback, as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CONFIG = Path(__file__).parent / "router.cfg"
START_LIMIT = 30.0


@dataclass(frozen=True)
class Served:
    """Where a router listens, and who may come in: `joe` has to enable, `admin` need not."""

    host: str
    ssh: int
    telnet: int
    user: str = "joe"
    password: str = "low"
    enable: str = "ena"
    admin: str = "admin"
    admin_password: str = "adm"


@contextmanager
def served(config: Path, folder: Path) -> Iterator[Served]:
    """Run a router until the block ends."""
    arguments = ["run", str(config), "--ssh", "127.0.0.1:0", "--telnet", "127.0.0.1:0", "--no-console"]
    process = subprocess.Popen(
        [sys.executable, "-m", "iosemu", *arguments, "--nvram", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ports = {}
        for _ in range(2):
            _, protocol, address = process.stdout.readline().split()
            ports[protocol] = int(address.rpartition(":")[2])
        yield Served("127.0.0.1", ports["ssh"], ports["telnet"])
    finally:
        process.terminate()
        process.communicate(timeout=START_LIMIT)


@pytest.fixture
def router(tmp_path: Path) -> Iterator[Served]:
    """A fresh router for each test."""
    with served(CONFIG, tmp_path / "nvram") as found:
        yield found

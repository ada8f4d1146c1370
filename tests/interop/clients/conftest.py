"""A router that listens on loopback, as a process of its own: alone, or as a node of a lab in which a GET VPN works."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
CONFIG = Path(__file__).parent / "router.cfg"
EXAMPLE = ROOT / "examples" / "getvpn-basic"
NODE = "R1"
START_LIMIT = 30.0
# For tests of what costs time and would be the same in a lab.
alone = pytest.mark.parametrize("router", ["alone"], indirect=True)


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
def served(arguments: list[str], doors: int) -> Iterator[Served]:
    """Run the program, which prints a row for each door, until the block ends; the router is the node R1."""
    command = [sys.executable, "-m", "iosemu", *arguments]
    command += ["--ssh", "127.0.0.1:0", "--telnet", "127.0.0.1:0", "--no-console"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        rows = [process.stdout.readline().split() for _ in range(doors)]
        ports = {protocol: int(address.rpartition(":")[2]) for node, protocol, address in rows if node == NODE}
        yield Served("127.0.0.1", ports["ssh"], ports["telnet"])
    finally:
        process.terminate()
        process.communicate(timeout=START_LIMIT)


def lab_with_router(folder: Path) -> Path:
    """The example with one more router, on a port of its provider router."""
    shutil.copytree(EXAMPLE, folder)
    lab = yaml.safe_load((folder / "lab.yml").read_text())
    shutil.copy(CONFIG, folder / "configs" / "R1.cfg")
    lab["nodes"][NODE] = {"config": "configs/R1.cfg"}
    lab["links"].append([f"{NODE}:GigabitEthernet0/0", "P:GigabitEthernet0/7"])
    (folder / "lab.yml").write_text(yaml.safe_dump(lab))
    return folder


@pytest.fixture(params=["alone", "in a lab"])
def router(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """A fresh router for each test."""
    if request.param == "alone":
        arguments, doors = ["run", str(CONFIG), "--nvram", str(tmp_path / "nvram")], 2
    else:
        # Six routers, each with two doors.
        arguments, doors = ["lab", "run", str(lab_with_router(tmp_path / "lab"))], 12
    with served(arguments, doors) as found:
        yield found

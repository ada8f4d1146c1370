"""The module in C, built so that it watches its memory and its arithmetic, under all that is thrown at it here."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.requirements import require, unmet

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "iosemu" / "fastpath" / "_native.c"
FLAGS = ("-std=gnu11", "-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover")
TESTS = ("test_differential.py", "test_native.py", "test_engines.py", "test_channels.py")
# Run by an interpreter that gets the module from a path before anybody asks for it.
PROGRAM = """
import importlib.util, sys
import pytest
import iosemu.fastpath
spec = importlib.util.spec_from_file_location("iosemu.fastpath._native", sys.argv[1])
sys.modules[spec.name] = iosemu.fastpath._native = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
sys.exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *sys.argv[2:]]))
"""


def built(folder: Path) -> Path:
    """The module with its watchers; skips where it cannot be made."""
    target = folder / f"_native{sysconfig.get_config_var('EXT_SUFFIX')}"
    include = f"-I{sysconfig.get_path('include')}"
    command = ("cc", *FLAGS, "-shared", "-fPIC", include, str(SOURCE), "-o", str(target), "-lcrypto")
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        unmet(f"no module with sanitizers: {result.stderr.strip().splitlines()[-1]}")
    return target


def test_nothing_leaves_its_memory(tmp_path: Path) -> None:
    require("cc")
    module = built(tmp_path)
    library = subprocess.check_output(("cc", "-print-file-name=libasan.so"), text=True).strip()
    environment = {
        **os.environ,
        "LD_PRELOAD": library,
        # The interpreter keeps much until it ends; octets of its own allocator have no borders that could be watched.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "PYTHONMALLOC": "malloc",
    }
    environment.pop("IOSEMU_NATIVE", None)
    files = [str(Path(__file__).with_name(name)) for name in TESTS]
    result = subprocess.run(
        (sys.executable, "-c", PROGRAM, str(module), *files),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-8000:]
    assert " skipped" not in result.stdout

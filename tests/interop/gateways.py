"""The lab of examples/linux-gateways with a vty line to each of its routers."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from tests.interop.router import LINES, Router, connect_to
from tests.requirements import require

# The script of the example, its boxes, and a line to each router.
Lab = tuple[ModuleType, Any, "dict[str, Router]"]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "linux-gateways"


def example() -> ModuleType:
    """The script of the example."""
    spec = importlib.util.spec_from_file_location("linux_gateways", EXAMPLE / "linux_gateways.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["linux_gateways"] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def lab(folder: Path, changes: Mapping[str, str] = MappingProxyType({}), *options: str) -> Iterator[Lab]:
    """The lab with a vty line to each router; `changes` are made in the texts of the configurations, and each router is
    started with `options`."""
    require("root", "ip", "iperf3")
    script = example()
    configs = folder / "configs"
    configs.mkdir()
    for file in (EXAMPLE / "configs").glob("*.cfg"):
        text = file.read_text().removesuffix("end\n") + LINES
        for before, after in changes.items():
            text = text.replace(before, after)
        (configs / file.name).write_text(text)
    with script.gateways(f"lg{os.getpid()}", folder, configs, "--telnet=127.0.0.1:2023", *options) as boxes:
        spaces = {"KS1": boxes.ks1, "GM1": boxes.gm1, "GM2": boxes.gm2}
        routers = {}
        for name, space in spaces.items():
            log = folder / f"{name}.log"
            routers[name] = Router(connect_to(space, log), log, 0)
        yield script, boxes, routers

"""Draws docs/states.md: the state table of each engine.

python docs/generate_states.py
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "states.md"
HEAD = """\
# States

Made by `python docs/generate_states.py` from the tables in `iosemu/engines/*/states.py`, which the engines enforce: a
transition that is not drawn here cannot happen. A test fails where this page is not up to date.
"""
# What the first element of a key with three stands for.
ROLES = {True: "initiator", False: "responder"}


def tables() -> Iterator[tuple[str, str, dict[tuple[Any, ...], Enum]]]:
    """Name of the engine, first line of its docstring, table; in the order of the names."""
    for path in sorted((ROOT / "iosemu" / "engines").glob("*/states.py")):
        name = path.parent.name
        module = importlib.import_module(f"iosemu.engines.{name}.states")
        yield name, (module.__doc__ or "").strip().partition("\n")[0], module.TRANSITIONS


def diagram(transitions: dict[tuple[Any, ...], Enum]) -> list[str]:
    """A Mermaid state diagram."""
    states = list(dict.fromkeys([*(key[-2] for key in transitions), *transitions.values()]))
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{state.value}" as {state.name}' for state in states]
    for (*_, source, step), target in transitions.items():
        lines.append(f"    {source.name} --> {target.name}: {step.value}")
    return [*lines, "```"]


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, about, transitions in tables():
        parts.append(f"\n## {name}\n\n{about}\n")
        roles = sorted({key[0] for key in transitions if len(key) == 3}, reverse=True)
        for role in roles:
            own = {key: target for key, target in transitions.items() if key[0] == role}
            parts.append("\n" + "\n".join([f"{ROLES[role].capitalize()}:", "", *diagram(own)]) + "\n")
        if not roles:
            parts.append("\n" + "\n".join(diagram(transitions)) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    TARGET.write_text(page())

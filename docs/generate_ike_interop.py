"""Writes docs/ike-interop.md: what the tests against foreign IKE implementations show.

python docs/generate_ike_interop.py
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "ike-interop.md"
HEAD = """\
# IKE against other implementations

Made by `python docs/generate_ike_interop.py` from the tests in `tests/interop`, which continuous integration runs; a
test fails where this page is not up to date. The peer is strongSwan {version} (Debian's charon-systemd) in a network
namespace, iosemu a process of its own (`iosemu run --no-console`) on a TAP device.
"""
SUITES = """\
## Suites

With strongSwan initiating main mode each of the encryptions with each of the hashes and groups below: {count} suites.
With strongSwan initiating aggressive mode and the router either mode those of the table, where each encryption meets
each group and each hash, and each hash each group. No algorithm that both have is left out.
"""
WORDS = {"md5": "MD5", "sha": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


def suites() -> Iterator[str]:
    """What was negotiated, with the table of the pairs."""
    from tests.interop.ike_suites import ENCRYPTION, GROUP, every_suite, pairs_of_suites

    yield SUITES.format(count=len(every_suite()))
    yield "| group | " + " | ".join(f"`{name}`" for name in ENCRYPTION) + " |"
    yield "|---" * (len(ENCRYPTION) + 1) + "|"
    hashes = {(suite.group, suite.encryption): WORDS[suite.hash] for suite in pairs_of_suites()}
    for group, word in GROUP.items():
        cells = [f"{group} ({word})", *(hashes[group, encryption] for encryption in ENCRYPTION)]
        yield "| " + " | ".join(cells) + " |"


def claims() -> Iterator[str]:
    """A section for each module of tests: its subject, and what each test shows by its docstring or its name."""
    for path in sorted((ROOT / "tests" / "interop").glob("test_ike_*.py")):
        module = ast.parse(path.read_text())
        yield f"## {(ast.get_docstring(module) or path.stem).splitlines()[0].rstrip('.')}"
        yield ""
        yield f"`tests/interop/{path.name}`:"
        yield ""
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                text = ast.get_docstring(node) or node.name.removeprefix("test_").replace("_", " ").capitalize() + "."
                yield f"- {' '.join(text.split())}"
        yield ""


def page() -> str:
    """The whole page."""
    from tests.interop.strongswan import VERSION

    return "\n".join([HEAD.format(version=VERSION), *claims(), *suites(), ""])


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    TARGET.write_text(page())

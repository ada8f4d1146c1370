"""What the READMEs show is what the program prints: every command is run, and its output read line by line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.driver import boot, do

ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / "README.md", *sorted(ROOT.glob("examples/*/README.md")), *sorted(ROOT.glob("docs/*.md"))]
# Lines are left out where a README has this.
GAP = "..."
SETTLE, PAUSE = 60, 10
TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?")
PROMPT = re.compile(r"(?:lab> ?|(?P<node>[A-Z]+[0-9]*)(?:\([a-z-]+\))?#)(?P<line>.*)")


def blocks(text: str) -> list[list[str]]:
    """The fenced blocks of a page, without their indentation."""
    found = re.findall(r"^( *)```\w*\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)
    return [[line.removeprefix(indent) for line in body.splitlines()] for indent, body in found]


def shell_commands(block: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each command behind a `$`, with what it prints."""
    text = "\n".join(block).replace("\\\n", " ")
    for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *printed = command.splitlines()
        yield line, printed


def console_lines(text: str) -> list[tuple[str | None, str, list[str]]]:
    """Node (none on the lab console), line, and what it prints, of all that a page types on consoles."""
    found: list[tuple[str | None, str, list[str]]] = []
    for block in blocks(text):
        inside = False
        for line in block:
            prompt = PROMPT.fullmatch(line)
            if prompt is not None:
                found.append((prompt["node"], prompt["line"].partition("   ")[0].strip(), []))
            elif inside:
                found[-1][2].append(line)
            inside = inside or prompt is not None
    return found


def shows(printed: str, expected: list[str]) -> bool:
    """Whether all expected lines are printed, one below the other, but where there is a gap."""
    lines = [r"(?:.*\n)*" if line == GAP else re.escape(line.rstrip()) + r" *\n" for line in expected]
    return re.fullmatch("".join(lines) + r"\n*", printed) is not None


def missing(printed: str, expected: list[str]) -> list[str]:
    """Lines that are not part of what is printed, in their order; times do not count."""
    rows = iter(TIME.sub("", printed).splitlines())
    return [line for line in expected if not any(TIME.sub("", line.rstrip()) in row for row in rows)]


def test_commands_are_found() -> None:
    assert sum(len(list(shell_commands(block))) for file in FILES for block in blocks(file.read_text())) >= 5
    assert sum(len(console_lines(file.read_text())) for file in FILES) > 50


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_commands_print(file: Path, tmp_path: Path) -> None:
    program = tmp_path / ".venv" / "bin" / "iosemu"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m iosemu "$@"\n')
    program.chmod(0o755)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    for block in blocks(file.read_text()):
        for line, expected in shell_commands(block):
            result = subprocess.run(
                line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert (result.returncode, result.stderr) == (0, ""), line
            assert not expected or shows(result.stdout, expected), f"$ {line}\n{result.stdout}"


@pytest.mark.parametrize("folder", [file.parent for file in FILES if (file.parent / "lab.yml").exists()], ids=str)
def test_what_consoles_show(folder: Path) -> None:
    """A session in virtual time, at the pace of somebody who types."""
    lab = boot(folder)
    do(lab, f"wait {SETTLE}")
    for node, line, expected in console_lines((folder / "README.md").read_text()):
        if line in ("", *lab.topology.nodes) or line.startswith("iosemu "):
            continue
        printed = do(lab, line if node is None else f"{node}: {line}", f"wait {PAUSE}")
        assert missing(printed, expected) == [], f"{line}\n{printed}"

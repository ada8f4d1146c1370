"""Keystrokes on the real console: each script of `transcripts/` leaves exactly the screen beside it.

With IOSEMU_UPDATE_TRANSCRIPTS=1 the screens are written anew; read the difference before you keep it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.terminal import play

FOLDER = Path(__file__).parent / "transcripts"
SCRIPTS = sorted(FOLDER.glob("*.in"))


def test_the_scripts_are_found() -> None:
    assert len(SCRIPTS) >= 14


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_leaves_its_screen(script: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    monkeypatch.chdir(tmp_path)
    own = script.with_suffix(".cfg")
    config = own if own.exists() else FOLDER / "router.cfg"
    prompt = "Username:" if own.exists() else "R1>"
    shown = play(script, ["run", str(config), "--virtual-time"], prompt)
    expected = script.with_suffix(".out")
    if os.environ.get("IOSEMU_UPDATE_TRANSCRIPTS"):
        expected.write_text(shown)
    assert shown == expected.read_text()

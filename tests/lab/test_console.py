"""The lab console on a terminal."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from pathlib import Path

import pytest

from iosemu.labs.lab import Lab
from iosemu.labs.runner import run_item
from tests.cli.terminal import play
from tests.lab.driver import scenario

LAB = "name: two\nnodes: {A: {}, B: {}}\nlinks: [[A:Gi0/0, B:Gi0/0]]\n"


def shown(folder: Path, script: str) -> list[str]:
    """The lines on the screen behind the greeting, after keys as `play` takes them."""
    (folder / "lab.yml").write_text(LAB)
    (folder / "keys").write_text(script)
    screen = play(folder / "keys", ["lab", "run", str(folder)], "lab>")
    return re.split(r"^exit  .*\n", screen, flags=re.MULTILINE)[1].splitlines()


def test_control_c_ends_the_command_and_not_the_lab(tmp_path: Path) -> None:
    keys = "wait 1e9\n<CTRL-C>\\\nA: ping 192.0.2.1 repeat 100000\n<CTRL-C>\\\nxyz<CTRL-C>\\\nnodes\nexit\n"
    lines = shown(tmp_path, keys)
    assert "exit or Ctrl-D ends the lab" in lines
    assert lines[-2:] == ["B               on", "lab> exit"]


def is_over(lab: Lab, ends: float) -> bool:
    return lab.clock.now() > ends


def test_a_wait_that_jumps_ends_too_when_it_is_aborted() -> None:
    lab = scenario("01-psk-single-ks")
    for item in ("wait 1e9", "H1: ping 10.1.2.10 repeat 1000000000"):
        ends = lab.clock.now() + 100
        asyncio.run(run_item(lab, item, partial(is_over, lab, ends)))
        assert lab.clock.now() < 1e6


@pytest.mark.parametrize("bracketed", [False, True])
def test_what_is_pasted_goes_to_the_consoles_and_prompts_in_its_order(tmp_path: Path, bracketed: bool) -> None:
    """As a terminal sends it that tells what is pasted, and as one does that does not."""
    typed = ["A", "conf t", "hostname X", "end", "<CTRL-]>nodes", "B", "show clock", "<CTRL-]>exit"]
    text = "<ENTER>".join(typed)
    lines = shown(tmp_path, f"<ESC [200~>{text}<ESC [201~>\n" if bracketed else f"{text}\n")
    prompts = [line for line in lines if re.match(r"lab>|[ABX](\(config\))?#", line)]
    # With the brackets, all of it stands at the first prompt.
    assert prompts[0].startswith("lab> A")
    assert prompts[1:5] == ["A#conf t", "A(config)#hostname X", "X(config)#end", "X#"]
    assert prompts[5:] == ["lab> nodes", "lab> B", "B#show clock", "B#", "lab> exit"]

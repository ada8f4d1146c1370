"""What `lab.yml` types at the first boot of a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.crypto.keys import parse_public_key
from iosemu.labs.topology import LabError, load_topology
from tests.lab.driver import boot, do


def lab_file(folder: Path, items: str) -> Path:
    (folder / "lab.yml").write_text(f"name: keys\nnodes:\n  R1:\n    boot: {items}\nlinks: []\n")
    return folder


def test_answers_follow_the_line_that_asks_and_time_passes(tmp_path: Path) -> None:
    lab = boot(lab_file(tmp_path, '["wait 90", ["crypto key generate rsa label K", "768"]]'))
    assert lab.clock.now() >= 90
    shown = do(lab, "R1: show crypto key mypubkey rsa K").partition("Key Data:")[2]
    assert parse_public_key(bytes.fromhex(shown)).bits == 768


@pytest.mark.parametrize("items", ["[[]]", "[{a: b}]", "[[a, [b]]]", "[null]"])
def test_anything_but_lines_and_answers_is_refused(tmp_path: Path, items: str) -> None:
    with pytest.raises(LabError, match=r"nodes\.R1\.boot\[0\]: a command is needed"):
        load_topology(lab_file(tmp_path, items))

"""What `lab.yml` types at the first boot of a node."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from iosemu.crypto.keys import parse_public_key
from iosemu.labs.lab import Lab
from iosemu.labs.topology import LabError, load_topology
from iosemu.router.clock import VirtualClock
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


def test_each_of_two_wires_between_the_same_nodes_has_a_capture_of_its_own(tmp_path: Path) -> None:
    wires = "[[A:Gi0/0, B:Gi0/0], [A:Gi0/1, B:Gi0/1]]"
    (tmp_path / "lab.yml").write_text(f"nodes: {{A: {{}}, B: {{}}}}\nlinks: {wires}\n")
    lab = Lab(load_topology(tmp_path), VirtualClock(1))
    lab.capture(tmp_path)
    lab.close()
    assert sorted(file.name for file in tmp_path.glob("*.pcapng")) == ["A--B-2.pcapng", "A--B.pcapng"]


def test_a_startup_config_that_is_no_text_is_refused_line_by_line(tmp_path: Path) -> None:
    """A reload must not end the lab."""
    lab = boot(lab_file(tmp_path, "[]"))
    lab.routers["R1"].nvram.write("startup-config", b"\x00\xff\xfe junk\nhostname R7\n")
    lab.power("R1", on=False)
    lab.power("R1", on=True)
    assert lab.routers["R1"].hostname == "R7"


def test_a_line_that_is_no_command_is_told(tmp_path: Path) -> None:
    lab = Lab(load_topology(lab_file(tmp_path, '["conf t", "hostname", "hostnam X", "bogus", "end"]')), VirtualClock(1))
    assert asyncio.run(lab.boot()) == [
        "R1: hostname  <- incomplete command",
        "R1: bogus  <- invalid input detected at '^' marker",
    ]
    assert lab.routers["R1"].hostname == "X"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("nodes: {../x: {}}", r"nodes\.\.\./x: a name has letters"),
        (
            "nodes: {A: {}, B: {}}\nlinks: [{name: /tmp/x, endpoints: [A:Gi0/0, B:Gi0/0]}]",
            r"links\[0\]\.name: a name has",
        ),
        ("nodes: {wait: {}}", "nodes.wait: wait is a command of the lab console"),
        ("nodes:\n  A: {}\n  B: {}\n  A: {}", "lab.yml:4: 'A' is there twice"),
    ],
)
def test_names_that_cannot_be_are_refused(tmp_path: Path, text: str, error: str) -> None:
    (tmp_path / "lab.yml").write_text(text)
    with pytest.raises(LabError, match=error):
        load_topology(tmp_path)

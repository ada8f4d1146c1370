"""Every command that is looked for on a router of this kind: accepted, printed, negated, helped."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from iosemu.cli.modes import CONFIG
from iosemu.router.running_config import print_running_config
from tests.features.typist import Typist, new_router

FOLDER = Path(__file__).parent / "reference"
ROOT = Path(__file__).resolve().parents[2]
NOT_PRINTED = "-"
# What the lines of the list refer to.
PRELUDE = """
vrf definition RED
ip domain name lab.local
ip access-list extended ACL
 permit ip any any
crypto ipsec transform-set TS esp-aes esp-sha-hmac
crypto ipsec profile PROF
 set transform-set TS
crypto gdoi group G
 identity number 1
crypto map M 10 gdoi
 set group G
crypto map ipv6 M6 10 gdoi
interface Loopback0
 ip address 10.7.7.1 255.255.255.255
interface GigabitEthernet0/0
 no ip address
"""
ERRORS = ("% Invalid", "% Incomplete", "% Ambiguous", "% Unrecognized", "% Unknown command")


@dataclass(frozen=True)
class Listed:
    """A command of the list, the commands that open its mode, and how it is printed."""

    parents: tuple[str, ...]
    line: str
    printed: str

    def __str__(self) -> str:
        return " / ".join([*self.parents, self.line])


def listed() -> Iterator[Listed]:
    """The configuration commands of the list."""
    parents: list[str] = []
    for row in (FOLDER / "config.txt").read_text().splitlines():
        if row.startswith("#") or not row.strip():
            continue
        depth = len(row) - len(row.lstrip())
        line, _, printed = row.strip().partition(" => ")
        del parents[depth:]
        yield Listed(tuple(parents), line, printed or line)
        parents.append(line)


def exec_lines() -> list[str]:
    """The EXEC commands of the list."""
    rows = (FOLDER / "exec.txt").read_text().splitlines()
    return [row for row in rows if row and not row.startswith("#")]


LISTED = list(listed())


def prepared(item: Listed) -> Typist:
    """A router in the mode of a command."""
    typist = new_router(PRELUDE)
    typist.type("configure terminal")
    for parent in item.parents:
        printed = typist.type(parent)
        assert not any(error in printed for error in ERRORS), parent
    return typist


def lines_of(typist: Typist) -> list[str]:
    return [line.strip() for line in print_running_config(typist.router).splitlines()]


@pytest.mark.parametrize("item", LISTED, ids=str)
def test_a_configuration_command_is_accepted_printed_and_negated(item: Listed) -> None:
    typist = prepared(item)
    before = print_running_config(typist.router)
    printed = typist.type(item.line)
    assert not any(error in printed for error in ERRORS), printed
    if item.printed != NOT_PRINTED:
        assert item.printed.strip() in lines_of(typist)
    typist.session.levels = typist.session.levels[: 1 + len(item.parents)]
    back = f"default {item.line[3:]}" if item.line.startswith("no ") else f"no {item.line}"
    answer = typist.type(back, "yes")
    assert not any(error in answer for error in ERRORS), answer
    if item.printed != NOT_PRINTED and item.printed.strip() not in [line.strip() for line in before.splitlines()]:
        assert item.printed.strip() not in lines_of(typist)


@pytest.mark.parametrize("item", LISTED, ids=str)
def test_help_leads_through_every_word_of_a_configuration_command(item: Listed) -> None:
    typist = prepared(item)
    _follow(typist, item.line)


@pytest.mark.parametrize("line", exec_lines())
def test_an_exec_command_is_accepted_and_helped(line: str) -> None:
    typist = new_router(PRELUDE)
    _follow(typist, line)
    # A question that insists on a word gets a no.
    printed = typist.type(line, "no")
    assert not any(error in printed for error in ERRORS), printed


def _follow(typist: Typist, line: str) -> None:
    """At each blank `?` lists something, and at the end `<cr>`; a word that is no value is among what is listed."""
    words = line.split()
    for count in range(1, len(words)):
        text = typist.session.help(" ".join(words[:count]) + " ")
        assert text.strip(), words[:count]
        assert not text.startswith("%"), (words[:count], text)
    end = typist.session.help(f"{line} ")
    assert "<cr>" in end or "LINE" in end or typist.session.help(line).strip(), end


def test_the_list_is_long() -> None:
    assert len(LISTED) > 400
    assert len(exec_lines()) > 150
    assert CONFIG.is_config


def test_the_table_of_commands_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate_commands", ROOT / "docs" / "generate_commands.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "commands.md").read_text() == module.page(), "run: python docs/generate_commands.py"

"""One configuration in the place of another: any pair of configurations, both ways."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.cli import load_config
from iosemu.features.archive.replace import NotAConfigError, replace
from iosemu.features.archive.tree import ConfigNode, parse_tree, render
from iosemu.features.assembly import build_grammar
from iosemu.router.names import parse_name
from iosemu.router.running_config import print_running_config
from tests.features.typist import new_router

ROOT = Path(__file__).resolve().parents[3]
FILES = [*sorted((ROOT / "running-configs").rglob("*.cfg")), *sorted((ROOT / "tests" / "configs").glob("*.cfg"))]
# Lines that need others around them are not left out alone.
KEEP = ("version", "hostname", "crypto ipsec transform-set", "crypto gdoi group", "crypto gkm group", "encapsulation")


def thinned(nodes: list[ConfigNode], random: Random, share: float) -> list[ConfigNode]:
    """Some of the lines of a configuration."""
    return [
        ConfigNode(node.line, thinned(node.children, random, share))
        for node in nodes
        if node.line.startswith(KEEP) or random.random() < share
    ]


def variant(path: Path, seed: int) -> str:
    """A configuration that this router prints, made of some lines of a file."""
    random = Random(seed)
    text = "\n".join(render(thinned(parse_tree(path.read_text()), random, random.choice((0.5, 0.9, 1.0)))))
    router = new_router().router
    load_config(router, build_grammar(), text)
    return print_running_config(router)


@settings(max_examples=100)
@given(st.sampled_from(FILES), st.sampled_from(FILES), st.integers(0, 2**16))
def test_replacing_there_and_back_is_the_identity(first: Path, second: Path, seed: int) -> None:
    a, b = variant(first, seed), variant(second, seed + 1)
    router = new_router(a).router
    outcome = replace(router, build_grammar(), b)
    assert outcome.failed == []
    assert sorted(print_running_config(router).splitlines()) == sorted(_with_interfaces(b, router_text=a).splitlines())
    outcome = replace(router, build_grammar(), a)
    assert outcome.failed == []
    assert sorted(print_running_config(router).splitlines()) == sorted(_with_interfaces(a, router_text=b).splitlines())


def _with_interfaces(text: str, router_text: str) -> str:
    """Hardware stays: interfaces that only the other configuration names are there, shut down."""
    router = new_router(text).router
    for node in parse_tree(router_text):
        name = parse_name(node.line.removeprefix("interface ")) if node.line.startswith("interface ") else None
        if name is not None and not name.removable:
            router.interfaces.add(name)
    router.commit()
    return print_running_config(router)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_configuration_in_its_own_place_changes_nothing(path: Path) -> None:
    router = new_router(path.read_text()).router
    before = print_running_config(router)
    assert replace(router, build_grammar(), before).passes == []
    assert print_running_config(router) == before


def test_what_is_no_configuration_is_refused() -> None:
    with pytest.raises(NotAConfigError):
        replace(new_router().router, build_grammar(), "interface Loopback0\n")


def test_the_order_of_servers_is_restored() -> None:
    a = "hostname A\ncrypto gdoi group G\n server address ipv4 1.1.1.1\n server address ipv4 2.2.2.2\n"
    b = "hostname A\ncrypto gdoi group G\n server address ipv4 2.2.2.2\n server address ipv4 1.1.1.1\n"
    typist = new_router(a)
    assert replace(typist.router, build_grammar(), b).failed == []
    assert typist.section("crypto gdoi group")[1:] == [" server address ipv4 2.2.2.2", " server address ipv4 1.1.1.1"]


def test_the_order_of_access_list_entries_is_restored() -> None:
    a = "hostname A\nip access-list extended X\n permit tcp any any\n permit udp any any\n deny ip any any\n"
    b = "hostname A\nip access-list extended X\n permit udp any any\n permit icmp any any\n permit tcp any any\n"
    typist = new_router(a)
    assert replace(typist.router, build_grammar(), b).failed == []
    assert typist.section("ip access-list") == [
        "ip access-list extended X",
        " permit udp any any",
        " permit icmp any any",
        " permit tcp any any",
    ]


ENTRIES = st.lists(
    st.sampled_from(["permit tcp any any", "permit udp any any", "deny   ip any any", "remark r", "remark s"]),
    max_size=6,
)


@settings(max_examples=150)
@given(ENTRIES, ENTRIES, st.booleans())
def test_access_lists_end_right_where_a_remark_stands_twice(old: list[str], new: list[str], numbered: bool) -> None:
    opening, indent = ("", "access-list 100 ") if numbered else ("ip access-list extended X\n", " ")
    a, b = (
        "version 15.9\nhostname A\n" + opening + "".join(f"{indent}{item}\n" for item in items) for items in (old, new)
    )
    router = new_router(a).router
    assert replace(router, build_grammar(), b).failed == []
    assert print_running_config(router) == print_running_config(new_router(b).router)

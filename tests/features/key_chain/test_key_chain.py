"""Key chains: one key behind the other, lifetimes, and keys that are hidden."""

from __future__ import annotations

import pytest

from tests.features.typist import new_router, reloaded

CHAIN = """
key chain KC
 key 1
  key-string one
  accept-lifetime 00:00:00 1 Jan 2020 infinite
  send-lifetime local 00:00:00 Jan 1 2020 duration 60
 key 2
  key-string 0 two
  cryptographic-algorithm hmac-sha-256
"""
PRINTED = [
    "key chain KC",
    " key 1",
    "  key-string one",
    "  accept-lifetime 00:00:00 Jan 1 2020 infinite",
    "  send-lifetime local 00:00:00 Jan 1 2020 duration 60",
    " key 2",
    "  key-string two",
    "  cryptographic-algorithm hmac-sha-256",
]


def test_a_chain_is_printed_as_it_is_typed_key_behind_key() -> None:
    loaded, typed = new_router(CHAIN), new_router()
    typed.configure("\n".join(line.strip() for line in CHAIN.splitlines()))
    assert loaded.section("key chain") == typed.section("key chain") == PRINTED
    assert reloaded(loaded).model == loaded.router.model


def test_the_show_tells_which_lifetimes_hold() -> None:
    shown = new_router(CHAIN).type("show key chain KC").splitlines()
    assert shown[:4] == [
        "Key-chain KC:",
        '    key 1 -- text "one"',
        "        accept lifetime (00:00:00 Jan 1 2020) - (infinite) [valid now]",
        "        send lifetime (00:00:00 Jan 1 2020) - (duration 60)",
    ]
    assert shown[5].endswith("(always valid) - (always valid) [valid now]")


def test_keys_are_hidden_with_all_passwords() -> None:
    typist = new_router(CHAIN)
    typist.configure("service password-encryption\nkey chain KC\nkey 3\nkey-string three")
    lines = typist.section("key chain")
    assert not [line for line in lines if line.endswith((" one", " two", " three"))]
    assert sum("key-string 7 " in line for line in lines) == 3
    assert '"three"' in typist.type("show key chain")


@pytest.mark.parametrize(
    "line",
    ["00:00:00 Feb 30 2020 infinite", "25:00:00 Jan 1 2020 infinite", "00:00:00 Foo 1 2020 infinite",
     "00:00:00 Jan 1 2020 duration 0", "00:00:00 Jan 1 2020", "00:00:00 Jan 1 9999 duration 2147483647"],
)  # fmt: skip
def test_a_lifetime_that_cannot_be_is_refused(line: str) -> None:
    typist = new_router(CHAIN)
    assert "% " in typist.configure(f"key chain KC\nkey 1\naccept-lifetime {line}")
    assert typist.section("key chain") == PRINTED


def test_keys_and_chains_are_removed() -> None:
    typist = new_router(CHAIN)
    typist.configure("key chain KC\nkey 1\nno key-string\nno key 2")
    assert typist.section("key chain")[1:3] == PRINTED[1:2] + PRINTED[3:4]
    assert not [line for line in typist.section("key chain") if "key 2" in line]
    typist.configure("no key chain KC")
    assert typist.section("key chain") == []

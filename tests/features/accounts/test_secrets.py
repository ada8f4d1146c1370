"""Passwords: published hashes, levels, and what is never printed."""

from __future__ import annotations

import pytest

from iosemu.features.accounts.passwords import Secret, decode_7, encode_7
from tests.features.typist import new_router

# The examples that hashcat publishes for its modes 500, 9200 and 9300; the password of each is "hashcat".
PUBLISHED = [
    (5, "$1$28772684$iEwNOgGugqO9.bIz5sk8k/"),
    (8, "$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk"),
    (9, "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6"),
]


@pytest.mark.parametrize(("kind", "text"), PUBLISHED)
def test_published_hashes_are_verified(kind: int, text: str) -> None:
    assert Secret(kind, text).verify("hashcat")
    assert not Secret(kind, text).verify("hashcats")


def test_type_7_is_the_known_one() -> None:
    assert decode_7("02050D480809") == "cisco"
    assert decode_7(encode_7("a secret of 32 characters or more", 3)) == "a secret of 32 characters or more"


def test_a_level_has_a_secret_of_its_own() -> None:
    typist = new_router("enable secret top\nenable secret level 5 five\n")
    typist.session.privilege = 1
    assert typist.type("enable 5", "top", "top", "top").endswith("% Bad secrets\n\n")
    typist.type("enable 5", "five")
    assert typist.type("show privilege") == "Current privilege level is 5\n"
    typist.type("enable", "top")
    printed = typist.type("show running-config")
    assert "enable secret level 5 9 $9$" in printed
    assert "five" not in printed
    typist.configure("no enable secret level 5")
    assert "level 5" not in typist.type("show running-config")


def test_password_encryption_hides_what_is_there_and_what_comes() -> None:
    typist = new_router("username a password 0 cisco\nenable password cisco\n")
    typist.configure("service password-encryption\nusername b password other")
    printed = typist.type("show running-config")
    assert "cisco" not in printed
    assert "other" not in printed
    typist.configure("no service password-encryption")
    assert "cisco" not in typist.type("show running-config")
    assert "password 7" in typist.type("show running-config | include username b")


def test_a_bad_hash_is_refused_and_changes_nothing() -> None:
    typist = new_router()
    assert typist.configure("enable secret 5 nonsense").startswith("ERROR: The secret you entered is not a valid")
    assert "enable secret" not in typist.type("show running-config")


def test_a_secret_that_is_the_password_is_taken_with_a_word_of_warning() -> None:
    for first, second in (("password", "secret"), ("secret", "password")):
        typist = new_router()
        typist.configure(f"enable {first} same")
        printed = typist.configure(f"enable {second} same")
        assert f"The enable {second} you have chosen is the same as your enable {first}.\n" in printed
        assert typist.configure(f"enable {second} other") == ""

"""Questions that want a word."""

from __future__ import annotations

import pytest

from tests.features.typist import new_router

AGAIN = "% Please answer 'yes' or 'no'."


@pytest.mark.parametrize("line", ["reload", "clear crypto gdoi", "crypto key zeroize rsa", "no crypto gdoi group G"])
def test_another_answer_is_no_answer(line: str) -> None:
    typist = new_router("crypto gdoi group G\n server local\n  address ipv4 192.0.2.1\n")
    typist.type("crypto key generate rsa label K modulus 1024")
    if line.startswith("no "):
        typist.type("configure terminal")
    printed = typist.type(line, "maybe", "", "n")
    assert printed.count(AGAIN) == 2
    asked = [question.lstrip("\n") for question in typist.questions if "[yes/no]" in question]
    assert len(asked) == 3
    assert len(set(asked)) == 1
    typist.type("end")
    assert "crypto gdoi group G" in typist.type("show running-config")
    assert "Key name: K" in typist.type("show crypto key mypubkey rsa")


def test_an_abbreviation_is_an_answer() -> None:
    typist = new_router("crypto gdoi group G\n server local\n  address ipv4 192.0.2.1\n")
    typist.type("configure terminal")
    assert AGAIN not in typist.type("no crypto gdoi group G", "Y")
    assert "crypto gdoi group G" not in typist.type("do show running-config")


def test_a_protocol_that_does_not_exist() -> None:
    for command, named in (("ping", "ping"), ("traceroute", "trace")):
        printed = new_router().type(command, "ipx")
        assert printed.endswith(f'% Unknown protocol - "ipx", type "{named} ?" for help\n')

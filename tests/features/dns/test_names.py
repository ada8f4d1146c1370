"""Names of hosts, and words that are no commands."""

from __future__ import annotations

from tests.features.typist import new_router

UNKNOWN = "% Unknown command or computer name, or unable to find computer address\n"


def test_an_unknown_word_is_looked_up_as_a_name() -> None:
    typist = new_router()
    assert typist.type("foo") == f'Translating "foo"...domain server (255.255.255.255)\n{UNKNOWN}'
    assert typist.clock.now() >= 1
    typist.configure("ip name-server 10.0.0.53")
    assert typist.type("foo") == f'Translating "foo"...domain server (10.0.0.53)\n{UNKNOWN}'
    typist.configure("no ip domain-lookup")
    before = typist.clock.now()
    assert typist.type("foo") == f'Translating "foo"\n{UNKNOWN}'
    assert typist.clock.now() == before


def test_two_words_or_a_line_without_transport_get_a_caret() -> None:
    typist = new_router()
    assert typist.type("foo bar").splitlines()[1] == "% Invalid input detected at '^' marker."
    typist.configure("line con 0\ntransport preferred none")
    assert typist.type("foo").splitlines()[1] == "% Invalid input detected at '^' marker."


def test_static_names_are_pinged_and_shown() -> None:
    typist = new_router("interface Loopback0\n ip address 1.1.1.1 255.255.255.255\n")
    typist.configure("ip host me 1.1.1.1 2.2.2.2\nip domain name lab.local\nip host you.lab.local 1.1.1.1")
    assert "to 1.1.1.1, timeout" in typist.type("ping me")
    assert "to 1.1.1.1, timeout" in typist.type("ping you")
    assert typist.type("ping nobody") == "% Unrecognized host or address, or protocol not running.\n"
    assert typist.type("show hosts") == (
        "Default domain is lab.local\nName/address lookup uses domain service\nName servers are 255.255.255.255\n\n"
        "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate\n"
        "       temp - temporary, perm - permanent\n       NA - Not Applicable None - Not defined\n\n"
        "Host                      Port  Flags      Age Type   Address(es)\n"
        "me                        None  (perm, OK) 0   IP     1.1.1.1  2.2.2.2\n"
        "you.lab.local             None  (perm, OK) 0   IP     1.1.1.1\n"
    )


def test_old_spellings_are_stored_in_the_new_form() -> None:
    typist = new_router()
    typist.configure("ip domain-name old.example\nno ip domain-lookup\nip domain-list a.example")
    lines = typist.type("show running-config").splitlines()
    assert "ip domain name old.example" in lines
    assert "no ip domain lookup" in lines
    assert "ip domain list a.example" in lines
    typist.configure("no ip host none\nno ip domain name\nip domain lookup\nno ip domain list a.example")
    assert "ip domain" not in typist.type("show running-config")

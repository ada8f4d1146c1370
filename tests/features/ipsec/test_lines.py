"""The lines of site-to-site tunnels: typed, printed, taken back, refused."""

from __future__ import annotations

import pytest

from tests.features.typist import Typist, new_router

BASE = """
crypto ipsec transform-set T1 esp-aes 256 esp-sha256-hmac
crypto ipsec transform-set T2 esp-gcm
crypto map M 10 ipsec-isakmp
"""


@pytest.fixture
def typist() -> Typist:
    return new_router(BASE)


def entry(typist: Typist) -> list[str]:
    return typist.section("crypto map M")[1:]


LINES = [
    "set peer 192.0.2.1",
    "set peer hub.example dynamic",
    "set transform-set T1 T2 ",
    "set pfs group19",
    "set security-association lifetime seconds 600",
    "set security-association lifetime days 2",
    "set security-association lifetime kilobytes 5000",
    "set security-association lifetime kilobytes disable",
    "set security-association idle-time 120 default",
    "set security-association replay window-size 256",
    "set security-association replay disable",
    "set security-association dfbit clear",
    "set security-association level per-host",
    "set isakmp-profile P",
    "match address 101",
    "reverse-route",
    "reverse-route static",
    "reverse-route remote-peer 192.0.2.9 gateway",
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_printed_and_taken_back(typist: Typist, line: str) -> None:
    assert typist.configure(f"crypto map M 10 ipsec-isakmp\n{line}") == ""
    assert entry(typist) == [f" {line}"]
    assert typist.configure(f"crypto map M 10 ipsec-isakmp\nno {line}") == ""
    assert entry(typist) == []


def test_the_order_of_an_entry(typist: Typist) -> None:
    lines = ["description the branch", LINES[0], LINES[4], LINES[6], *LINES[8:10], *LINES[11:13], *LINES[2:4]]
    lines += [LINES[13], LINES[14], LINES[16]]
    typist.configure("crypto map M 10 ipsec-isakmp\n" + "\n".join(reversed(lines)))
    assert entry(typist) == [f" {line}" for line in lines]


def test_several_peers_and_the_default_one(typist: Typist) -> None:
    printed = typist.configure(
        "crypto map M 10 ipsec-isakmp\nset peer 192.0.2.1\nset peer 192.0.2.2\nset peer 192.0.2.3 default\n"
        "set peer 192.0.2.4 default"
    )
    assert "default peer is already configured" in printed
    assert entry(typist) == [" set peer 192.0.2.3 default", " set peer 192.0.2.1", " set peer 192.0.2.2"]


def test_a_transform_set_must_be_there(typist: Typist) -> None:
    printed = typist.configure("crypto map M 10 ipsec-isakmp\nset transform-set T1 NONE")
    assert 'transform set with tag "NONE" does not exist' in printed
    assert entry(typist) == []


def test_a_new_entry_says_what_is_missing(typist: Typist) -> None:
    printed = typist.configure("crypto map M 20 ipsec-isakmp")
    assert "% NOTE: This new crypto map will remain disabled until a peer" in printed
    assert "and a valid access list have been configured." in printed
    # One that stands for a dynamic map says nothing, and opens nothing.
    typist.configure("crypto dynamic-map D 10\nset transform-set T1")
    assert typist.configure("crypto map M 30 ipsec-isakmp dynamic D") == ""
    assert typist.section("crypto map M")[-1] == "crypto map M 30 ipsec-isakmp dynamic D "


def test_dynamic_maps(typist: Typist) -> None:
    typist.configure(
        "crypto dynamic-map D 10\nset transform-set T1\nreverse-route\ncrypto dynamic-map D 20\nset pfs group14"
    )
    block = [
        "crypto dynamic-map D 10",
        " set transform-set T1 ",
        " reverse-route",
        "crypto dynamic-map D 20",
        " set pfs group14",
    ]
    assert typist.section("crypto dynamic-map") == block
    typist.configure("crypto map M 30 ipsec-isakmp dynamic D")
    assert typist.configure("no crypto dynamic-map D 20\nno crypto dynamic-map D") == ""
    assert typist.section("crypto dynamic-map") == []
    # The entry goes on naming it: the lines of a saved configuration may come in any order.
    assert "crypto map M 30 ipsec-isakmp dynamic D " in typist.section("crypto map M")


GLOBAL = [
    "crypto ipsec security-association lifetime seconds 900",
    "crypto ipsec security-association lifetime days 1",
    "crypto ipsec security-association lifetime kilobytes disable",
    "crypto ipsec security-association replay window-size 1024",
    "crypto ipsec security-association replay disable",
    "crypto ipsec security-association idle-time 300",
    "crypto ipsec df-bit clear",
    "crypto ipsec fragmentation after-encryption",
    "crypto logging session",
]


@pytest.mark.parametrize("line", GLOBAL)
def test_a_global_line_is_printed_and_taken_back(line: str) -> None:
    typist = new_router()
    assert typist.configure(line) == ""
    assert line in typist.type("show running-config").splitlines()
    typist.configure(f"no {line}")
    assert line not in typist.type("show running-config").splitlines()


def test_lifetimes_as_they_are_shown(typist: Typist) -> None:
    show = "show crypto ipsec security-association lifetime"
    assert typist.type(show) == "Security association lifetime: 4608000 kilobytes/3600 seconds\n"
    typist.configure("crypto ipsec security-association lifetime days 1")
    assert typist.type(show) == "Security association lifetime: 4608000 kilobytes/86400 seconds\n"


def test_shows_without_tunnels(typist: Typist) -> None:
    assert typist.type("show crypto ipsec sa") == ""
    assert typist.type("show crypto session") == "Crypto session current status\n\n"
    assert "Peer" not in typist.type("show crypto map tag M")
    assert typist.type("show crypto map tag X") == ""
    assert typist.type("show crypto dynamic-map") == "Crypto Map Templates:\n\n"
    assert typist.type("clear crypto sa") == typist.type("clear crypto sa peer 192.0.2.1") == ""


def test_debug(typist: Typist) -> None:
    assert typist.type("debug crypto ipsec") == "Crypto IPSEC debugging is on\n"
    assert "Crypto IPSEC debugging is on" in typist.type("show debugging")

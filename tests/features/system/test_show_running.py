"""Parts of the running-config: an interface, a VRF, what is of one kind."""

from __future__ import annotations

import pytest

from tests.features.typist import new_router

CONFIG = """
vrf definition RED
 rd 1:1
class-map match-any CM
 match any
interface Loopback3
 vrf forwarding RED
 ip address 10.3.3.3 255.255.255.0
interface Loopback4
 ip address 10.4.4.4 255.255.255.0
ip route vrf RED 10.9.9.0 255.255.255.0 Null0
ip route 10.8.8.0 255.255.255.0 Null0
"""


def shown(form: str) -> list[str]:
    text = new_router(CONFIG).type(f"show running-config {form}")
    head, body = text.split("\n!\n", 1)
    assert head == f"Building configuration...\n\nCurrent configuration : {len(body) + 1} bytes"
    assert body.endswith("end\n\n")
    return [line for line in body.splitlines() if line not in ("!", "end", "")]


@pytest.mark.parametrize("form", ["vrf RED", "vrf"])
def test_a_vrf_with_what_is_in_it(form: str) -> None:
    assert shown(form) == [
        "vrf definition RED", " rd 1:1", "interface Loopback3", " vrf forwarding RED",
        " ip address 10.3.3.3 255.255.255.0", "ip route vrf RED 10.9.9.0 255.255.255.0 Null0",
    ]  # fmt: skip


def test_what_is_of_a_kind_and_one_interface() -> None:
    assert shown("class-map") == shown("class-map CM") == ["class-map match-any CM", " match any"]
    assert shown("class-map OTHER") == shown("policy-map") == []
    assert shown("interface Loopback4") == ["interface Loopback4", " ip address 10.4.4.4 255.255.255.0"]
    assert "Invalid" in new_router(CONFIG).type("show running-config interface Loopback5")


def test_the_view_is_the_whole() -> None:
    typist = new_router(CONFIG)
    assert typist.type("show running-config view full") == typist.type("show running-config")
    assert typist.type("show configuration") == typist.type("show startup-config")

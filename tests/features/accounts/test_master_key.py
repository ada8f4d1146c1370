"""Type 6: passwords that the master key seals."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import load_config
from iosemu.crypto.type6 import derive, seal, unseal
from iosemu.engines.common import Endpoint
from iosemu.features.assembly import build_grammar, build_router
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.router import Router
from iosemu.router.running_config import print_running_config
from tests.features.typist import Typist, new_router

PEER = IPv4Address("10.0.0.1")
KEY = "crypto isakmp key GETVPN address 10.0.0.1\n"


def key_line(typist: Typist) -> str:
    return next(
        line for line in print_running_config(typist.router).splitlines() if line.startswith("crypto isakmp key")
    )


def key_of(router: Router) -> bytes | None:
    return router.service(IsakmpService).directory.psk(Endpoint(PEER, 848))


def test_sealing_is_repeatable_and_authenticated() -> None:
    key = derive("a master key")
    assert seal(key, "cisco") == seal(key, "cisco") != seal(key, "cisco1")
    assert unseal(key, seal(key, "cisco")) == "cisco"
    assert unseal(derive("another"), seal(key, "cisco")) is None
    assert unseal(key, "A" + seal(key, "cisco")[1:]) is None
    assert unseal(key, "not sealed!") is None
    assert unseal(key, "") is None


def test_keys_are_sealed_once_both_commands_are_there_and_still_work() -> None:
    typist = new_router(KEY)
    typist.configure("password encryption aes")
    assert " key GETVPN " in key_line(typist)
    typist.type("configure terminal")
    assert (
        typist.type("key config-key password-encrypt", "mastermaster", "mastermaster") == "New key: \nConfirm key: \n"
    )
    sealed = key_line(typist)
    assert "crypto isakmp key 6 " in sealed
    assert "GETVPN" not in sealed
    assert key_of(typist.router) == b"GETVPN"
    typist.type("crypto isakmp key OTHER address 10.0.0.2")
    assert "OTHER" not in print_running_config(typist.router)
    assert "mastermaster" not in typist.type("do show running-config")


def test_a_sealed_key_survives_a_reload_and_is_of_no_use_elsewhere() -> None:
    typist = new_router("password encryption aes\n")
    typist.configure("key config-key password-encrypt mastermaster\n" + KEY)
    text = print_running_config(typist.router)
    again = build_router(typist.clock, typist.router.nvram)
    assert load_config(again, build_grammar(), text) == []
    assert key_of(again) == b"GETVPN"
    assert print_running_config(again) == text
    elsewhere = build_router(typist.clock)
    assert load_config(elsewhere, build_grammar(), text) == []
    assert key_of(elsewhere) is None
    assert print_running_config(elsewhere) == text


def test_the_master_key_can_be_changed_and_removed() -> None:
    typist = new_router("password encryption aes\n")
    typist.configure("key config-key password-encrypt mastermaster\n" + KEY)
    before = key_line(typist)
    typist.type("configure terminal")
    assert "Invalid old key" in typist.type("key config-key password-encrypt", "wrong")
    assert "do not match" in typist.type("key config-key password-encrypt", "mastermaster", "newmaster1", "newmaster2")
    assert "must be 8-127" in typist.type("key config-key password-encrypt short")
    assert key_line(typist) == before
    typist.type("key config-key password-encrypt", "mastermaster", "newmaster1", "newmaster1")
    assert key_line(typist) != before
    assert key_of(typist.router) == b"GETVPN"
    assert "unusable" in typist.type("no key config-key password-encrypt", "yes")
    assert key_of(typist.router) is None


def test_secrets_of_each_algorithm_and_a_shortest_length() -> None:
    typist = new_router("security passwords min-length 6\n")
    assert "% Password too short - must be at least 6 characters" in typist.configure("enable secret abc")
    for algorithm, sign in (("md5", "5 $1$"), ("sha256", "8 $8$"), ("scrypt", "9 $9$")):
        typist.configure(
            f"enable algorithm-type {algorithm} secret abcdef\nusername u algorithm-type {algorithm} secret abcdef"
        )
        text = print_running_config(typist.router)
        assert f"enable secret {sign}" in text
        assert f"username u secret {sign}" in text
        typist.type("disable")
        assert typist.type("enable", "abcdef") == "Password: \n"
        assert typist.session.privilege == 15
    assert "security passwords min-length 6" in text

"""Keyrings, profiles, peers and identities, between two routers that run phase 1 on UDP 500."""

from __future__ import annotations

import pytest

from iosemu.engines.common import Endpoint
from iosemu.features.isakmp.identity_text import identity_text
from iosemu.features.isakmp.service import IsakmpService
from tests.features.isakmp.peers import LEFT, RIGHT, established, initiate, pair


def test_the_key_with_the_longest_mask_among_all_keyrings_is_taken() -> None:
    left, right = pair(
        "crypto isakmp key wrong address 0.0.0.0\n"
        "crypto keyring K\n  pre-shared-key address 10.0.0.0 255.255.255.0 key right\n",
        "crypto isakmp key right address 10.0.0.1\ncrypto isakmp key wrong address 10.0.0.0 255.255.255.0\n",
    )
    initiate(left)
    assert len(established(left)) == len(established(right)) == 1
    assert "10.0.0.2        10.0.0.1        QM_IDLE" in left.type("show crypto isakmp sa")


def test_a_name_calls_for_the_key_of_that_name_in_aggressive_mode() -> None:
    left, right = pair(
        "crypto isakmp peer address 10.0.0.2\n set aggressive-mode password joint\n"
        " set aggressive-mode client-endpoint fqdn spoke.lab.example\n",
        "crypto isakmp key joint hostname spoke.lab.example\n",
    )
    initiate(left)
    (sa,) = established(right)
    assert identity_text(sa.peer_identity) == "spoke.lab.example"
    assert "Phase1 id: spoke.lab.example" in right.type("show crypto isakmp peers")


def test_aggressive_mode_that_is_disabled_is_refused_and_logged() -> None:
    left, right = pair(
        "crypto isakmp peer address 10.0.0.2\n set aggressive-mode password joint\n"
        " set aggressive-mode client-endpoint ipv4-address 10.0.0.1\n",
        "crypto isakmp key joint address 10.0.0.1\ncrypto isakmp aggressive-mode disable\n",
    )
    initiate(left)
    assert established(right) == []
    assert "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Aggressive mode failed with peer at 10.0.0.1" in right.log()


@pytest.mark.parametrize(("identity", "served"), [("hostname", True), ("address", False)])
def test_a_profile_serves_only_the_peers_that_it_matches(identity: str, served: bool) -> None:
    left, right = pair(
        f"crypto isakmp key joint address 10.0.0.2\ncrypto isakmp identity {identity}\n",
        "crypto keyring K\n  pre-shared-key address 10.0.0.1 key joint\n"
        "crypto isakmp profile P\n keyring K\n match identity host domain lab.example\n",
    )
    initiate(left)
    assert bool(established(right)) is served
    failed = "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Main mode failed with peer at 10.0.0.1"
    assert (failed in right.log()) is not served


def test_a_profile_says_who_we_are_and_watches_the_peer() -> None:
    left, right = pair(
        "crypto keyring K\n  pre-shared-key address 10.0.0.2 key joint\n"
        "crypto isakmp profile P\n keyring K\n self-identity fqdn left.example\n"
        " match identity address 10.0.0.2 255.255.255.255\n keepalive 10 retry 2\n",
        "crypto isakmp key joint address 10.0.0.1\n",
    )
    initiate(left)
    assert identity_text(established(right)[0].peer_identity) == "left.example"
    assert " aes  sha    psk  19 " in left.type("show crypto isakmp sa detail")
    assert "ip-address 10.0.0.2 255.255.255.255" in left.type("show crypto isakmp profile P")


def test_periodic_keepalive_ends_the_sa_of_a_peer_that_is_gone() -> None:
    left, right = pair(
        "crypto isakmp key joint address 10.0.0.2\ncrypto isakmp keepalive 10 periodic\n",
        "crypto isakmp key joint address 10.0.0.1\n",
    )
    initiate(left, 100.0)
    assert len(established(left)) == 1
    right.configure("interface GigabitEthernet0/0\nshutdown")
    left.wait(40)
    assert established(left) == []


def test_default_policies_hold_until_one_is_configured_or_they_are_turned_off() -> None:
    ours, theirs = (f"crypto isakmp key joint address {address}\n" for address in (RIGHT, LEFT))
    left, right = pair(ours, theirs, policy="")
    initiate(left)
    (sa,) = established(right)
    assert sa.suite is not None
    assert (sa.suite.encryption, sa.suite.hash, sa.suite.group) == ("aes", "sha1", 5)
    assert right.type("show crypto isakmp default policy").count("Default protection suite of priority 655") == 8
    right.configure("no crypto isakmp default policy")
    assert "suite" not in right.type("show crypto isakmp policy")


def test_the_keys_of_all_keyrings_are_shown() -> None:
    left, _ = pair(
        "crypto isakmp key one address 10.0.0.2\ncrypto isakmp key two hostname r.lab.example\n"
        "crypto keyring K\n  pre-shared-key address 10.1.0.0 255.255.0.0 key three\n",
        "",
    )
    assert left.type("show crypto isakmp key").splitlines()[2:] == [
        "default      10.0.0.2                                    one",
        "default      r.lab.example                               two",
        "K            10.1.0.0        [255.255.0.0]               three",
    ]


@pytest.mark.parametrize(("vrf", "established_there"), [("RED", True), ("BLUE", False)])
def test_a_keyring_of_a_vrf_is_for_the_peers_that_are_reached_through_it(vrf: str, established_there: bool) -> None:
    text = (
        "vrf definition RED\n address-family ipv4\n exit-address-family\n"
        f"vrf definition BLUE\n address-family ipv4\n exit-address-family\n"
        f"crypto keyring K vrf {vrf}\n  pre-shared-key address 10.0.0.0 255.255.255.0 key joint\n"
        "interface GigabitEthernet0/0\n vrf forwarding RED\n"
    )
    left, right = pair(text, text)
    service = left.router.service(IsakmpService)
    service.engine.initiate(Endpoint(LEFT, 500, "RED"), Endpoint(RIGHT, 500, "RED"), left.clock.now())
    service.pump()
    left.clock.run_until(10.0)
    assert bool(established(right)) is established_there


def test_a_crypto_map_names_the_profile_for_its_peer() -> None:
    left, right = pair(
        "crypto keyring K\n  pre-shared-key address 10.0.0.2 key joint\n"
        "crypto isakmp profile P\n keyring K\n self-identity fqdn left.example\n match identity host right.example\n"
        "crypto ipsec transform-set T esp-aes esp-sha-hmac\n"
        "ip access-list extended A\n permit ip host 10.9.0.1 host 10.9.0.2\n"
        "crypto map M 10 ipsec-isakmp\n set peer 10.0.0.2\n set transform-set T\n set isakmp-profile P\n"
        " match address A\ninterface GigabitEthernet0/0\n crypto map M\n",
        "crypto isakmp key joint address 10.0.0.1\ncrypto isakmp identity hostname\nip domain name example\n",
    )
    right.configure("hostname right")
    initiate(left)
    assert identity_text(established(right)[0].peer_identity) == "left.example"
    left.configure("crypto map M 10 ipsec-isakmp\nno set isakmp-profile")
    left.type("clear crypto isakmp")
    initiate(left)
    assert identity_text(established(right)[-1].peer_identity) == "10.0.0.1"

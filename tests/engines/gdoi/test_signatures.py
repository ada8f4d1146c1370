"""Signatures of rekeys: RSA and ECDSA, and the change from one key to another."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from iosemu.crypto.ec import EcKey
from iosemu.crypto.keys import SigningKey
from iosemu.crypto.rsa import RsaKey
from iosemu.engines.gdoi.member_events import PolicyRejected, RekeyRefused
from iosemu.engines.gdoi.server_events import RekeySent
from iosemu.engines.gdoi.signatures import algorithm_of, is_good, sign, signature_size
from iosemu.wire.attributes import number
from iosemu.wire.gdoi.numbers import KekAttribute, SigAlgorithm
from tests.engines.gdoi.network import SERVER, Network, of_type, pushes, sa_pair, server_config

# Octets of r and s, and the number of the algorithm (RFC 6407 section 5.3.7).
CURVES = {256: (64, 4), 384: (96, 5), 521: (132, 6)}


def curve_key(bits: int) -> EcKey:
    return EcKey.generate(bits, Random(bits).randbytes)


def signed_by(key: SigningKey, lifetime: int = 600) -> Network:
    return Network(server_config(lifetime=lifetime, signing_key=key, signing_kind=key.kind))


@pytest.mark.parametrize("bits", CURVES)
def test_a_curve_signs_with_its_own_hash(bits: int) -> None:
    key = curve_key(bits)
    signature = sign(key, {256: "sha256", 384: "sha384", 521: "sha512"}[bits], b"text")
    assert (len(signature), algorithm_of(key)) == CURVES[bits]
    assert len(signature) == signature_size(key)
    hash_name = {256: "sha256", 384: "sha384", 521: "sha512"}[bits]
    assert is_good(key.public, hash_name, b"text", signature)
    assert not is_good(key.public, hash_name, b"texT", signature)
    assert not is_good(key.public, hash_name, b"text", signature[:-1])


@pytest.mark.parametrize("bits", CURVES)
def test_rekeys_of_teks_and_keks_are_accepted(bits: int) -> None:
    network = signed_by(curve_key(bits))
    nodes = [network.join(1), network.join(2, foreign=True)]
    _, theirs = sa_pair(
        nodes[0].member.config.endpoint, replace(nodes[0].member.config.endpoint, address=SERVER), network.random
    )
    policy = network.server.policy(theirs, network.now).kek
    assert policy is not None
    assert number(policy.attributes, KekAttribute.SIG_ALGORITHM) == CURVES[bits][1]
    assert KekAttribute.SIG_HASH_ALGORITHM not in {item.kind for item in policy.attributes}
    network.run_until(2 * 600.0)
    network.server.rekey(network.now, new_kek=True)
    network.run_until(4 * 600.0)
    assert len(of_type(network.events, RekeySent)) >= 3
    for node in nodes:
        assert node.member.rekeys.received == len(of_type(network.events, RekeySent))
        assert node.member.registration.successes == 1
        assert node.member.kek is not None
        assert network.server.kek is not None
        assert node.member.kek.spi == network.server.kek.spi


def test_a_forged_rekey_is_refused() -> None:
    network = signed_by(curve_key(256))
    node = network.join(1)
    network.server.config = replace(network.server.config, signing_key=curve_key(521))
    network.server._former_keys.clear()
    network.server.rekey(network.now)
    network.settle()
    assert [event.reason for event in of_type(node.events, RekeyRefused)] == ["signature is wrong"]
    assert len(pushes(network)) == 1


@pytest.mark.parametrize("first", ["rsa", "ec"])
def test_another_key_needs_no_registration(first: str) -> None:
    rsa, ec = RsaKey.generate(1024, Random(3).randbytes), curve_key(384)
    old, new = (rsa, ec) if first == "rsa" else (ec, rsa)
    network = signed_by(old)
    node = network.join(1)
    network.server.update_config(replace(network.server.config, signing_key=new, signing_label="NEW"))
    network.run_until(3 * 600.0)
    assert node.member.kek is not None
    assert node.member.kek.public_key == new.public.spki
    assert node.member.rekeys.received >= 3
    assert (node.member.registration.successes, of_type(node.events, RekeyRefused)) == (1, [])


def test_a_key_of_another_algorithm_than_the_policy_says(monkeypatch: pytest.MonkeyPatch) -> None:
    network = signed_by(curve_key(256))
    monkeypatch.setattr("iosemu.engines.gdoi.kek_payloads.algorithm_of", lambda _: SigAlgorithm.ECDSA_384)
    node = network.join(1)
    reasons = [event.reason for event in of_type(node.events, PolicyRejected)]
    assert reasons == ["the public key is not of the signature algorithm"]

"""Proof by signatures: two speakers with certificates, whatever those look like to their owners."""

from __future__ import annotations

import pytest

from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.credentials import (
    CertificatePending,
    CertificateRefused,
    method_of,
)
from iosemu.engines.ike.events import MessageRefused, Reason
from iosemu.engines.ike.methods import Authentication
from iosemu.wire.isakmp import Header, PayloadType, parse_payloads
from tests.engines.ike.citizens import Citizen, key
from tests.engines.ike.path import A, B, Path, engine, meet

METHODS = list(Authentication)[1:]


def pair(method: Authentication, *, aggressive: bool = False) -> tuple[Citizen, Citizen, Path]:
    policy = IkePolicy(10, "aes", 256, "sha256", method, 19, 3600)
    a, b = Citizen("a.example", method, aggressive=aggressive), Citizen("b.example", method)
    return a, b, Path(engine(policy, directory=a), engine(policy, seed=2, directory=b))


def run(path: Path, until: float = 200.0) -> None:
    path.engines[A].initiate(A, B, path.now)
    path.run(until)


@pytest.mark.parametrize("aggressive", [False, True])
@pytest.mark.parametrize("method", METHODS, ids=lambda item: item.name)
def test_both_ends_prove_themselves_and_ask_for_their_authorities(method: Authentication, aggressive: bool) -> None:
    a, _, path = pair(method, aggressive=aggressive)
    run(path, 1.0)
    (ours,), (theirs,) = path.established(A), path.established(B)
    assert ours.key_record() == theirs.key_record()
    assert ours.peer_certificate is not None
    assert theirs.peer_certificate is not None
    assert (ours.peer_certificate.name, theirs.peer_certificate.name) == ("b.example", "a.example")
    assert a.asked_for == (b"DER name of the CA",)
    assert method_of(key(method, "a.example")) is method


@pytest.mark.parametrize("aggressive", [False, True])
@pytest.mark.parametrize("method", METHODS, ids=lambda item: item.name)
def test_a_signature_with_another_key_is_refused(method: Authentication, aggressive: bool) -> None:
    a, _, path = pair(method, aggressive=aggressive)
    a.signs_as = "mallory"
    run(path)
    assert Reason.BAD_SIGNATURE in path.refusals(B)
    assert path.established(B) == []
    assert path.engines[B].sas == []


def test_a_certificate_for_somebody_else_is_refused() -> None:
    a, _, path = pair(Authentication.RSA_SIGNATURES)
    a.calls_itself = "king.example"
    run(path)
    assert Reason.IDENTITY in path.refusals(B)
    assert path.established(B) == []


def test_a_certificate_that_is_not_believed_is_refused_with_the_reason() -> None:
    _, b, path = pair(Authentication.ECDSA_256)
    b.verdict = lambda _: CertificateRefused("certificate is revoked")
    run(path)
    refusals = [event for event in path.events[B] if isinstance(event, MessageRefused)]
    assert {(event.reason, event.detail) for event in refusals} == {(Reason.CERTIFICATE, "certificate is revoked")}
    assert path.engines[A].sas == path.engines[B].sas == []


@pytest.mark.parametrize("aggressive", [False, True])
def test_an_exchange_waits_for_a_verdict_and_goes_on(aggressive: bool) -> None:
    a, b, path = pair(Authentication.RSA_SIGNATURES, aggressive=aggressive)
    a.verdict = b.verdict = lambda _: CertificatePending()
    run(path, 3.0)
    assert path.established(A) == path.established(B) == []
    b.verdict = lambda _: None
    path.engines[B].resume(path.now)
    path.settle()
    a.verdict = lambda _: None
    path.engines[A].resume(path.now)
    path.settle()
    path.engines[B].resume(path.now)
    path.settle()
    assert len(path.established(A)) == len(path.established(B)) == 1


def test_without_a_certificate_there_is_nothing_to_offer() -> None:
    policy = IkePolicy(10, "aes", 256, "sha256", Authentication.RSA_SIGNATURES, 19, 3600)
    owner = Citizen("a.example", Authentication.RSA_SIGNATURES)
    path = meet(engine(policy, directory=owner), engine(policy, seed=2))
    assert set(path.refusals(B)) == {Reason.NO_CERTIFICATE}


def test_the_certificates_go_in_payloads_of_their_own() -> None:
    _, _, path = pair(Authentication.RSA_SIGNATURES, aggressive=True)
    run(path, 1.0)
    answer = path.carried[1].data
    kinds = [payload.kind for payload in parse_payloads(Header.parse(answer).next_payload, answer[28:])]
    assert kinds.count(PayloadType.CERT) == 2
    assert kinds.count(PayloadType.SIG) == 1
    assert PayloadType.HASH not in kinds

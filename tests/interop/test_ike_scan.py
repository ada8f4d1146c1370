"""ike-scan reads the responder as it reads any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.facing import KEY, PSK, ROUTER, router_facing
from tests.interop.ike_suites import Suite
from tests.interop.netns import check
from tests.requirements import require

POLICIES = Suite("aes 256", "sha256", 14).policy(10) + Suite("3des", "sha", 2).policy(20)
# ike-scan knows IOS 12.1 to 15.0 by an answer that comes six times, ten seconds apart; here time is ten times as fast.
SPEED = 10
PATTERN = "IOS, ten times as fast\t0, 1, 1, 1, 1, 1\n"


@pytest.fixture(scope="module")
def namespace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require("ike-scan")
    options = POLICIES + KEY, f"--speed={SPEED}"
    with router_facing(tmp_path_factory.mktemp("scan"), *options) as (_, namespace):
        yield namespace


def scan(namespace: str, *options: str) -> str:
    return check("ike-scan", "--multiline", *options, ROUTER, namespace=namespace)


def test_main_mode_handshake(namespace: str) -> None:
    """Main mode handshake with the one match among the eight transforms that ike-scan offers, and our vendor IDs."""
    answer = scan(namespace)
    assert "Main Mode Handshake returned" in answer
    assert "SA=(Enc=3DES Hash=SHA1 Auth=PSK Group=2:modp1024 LifeType=Seconds LifeDuration(4)=0x00007080)" in answer
    assert "(RFC 3947 NAT-T)" in answer
    assert "(Dead Peer Detection v1.0)" in answer


def test_suite_of_the_callers_choice(namespace: str) -> None:
    """A suite of the caller's choice, and NO-PROPOSAL-CHOSEN where there is no match."""
    answer = scan(namespace, "--trans=(1=7,14=256,2=4,3=1,4=14)")
    assert "SA=(Enc=AES KeyLength=256 Hash=SHA2-256 Auth=PSK Group=14:modp2048)" in answer
    assert "Notify message 14 (NO-PROPOSAL-CHOSEN)" in scan(namespace, "--trans=(1=7,14=256,2=4,3=1,4=21)")


def test_aggressive_mode_handshake_gives_what_psk_crack_needs(namespace: str, tmp_path: Path) -> None:
    """Aggressive mode handshake with a pre-shared key: psk-crack recovers the key from it."""
    parameters, words = tmp_path / "parameters", tmp_path / "words"
    words.write_text(f"wrong\n{PSK}\n")
    answer = scan(namespace, "--aggressive", "--id=me@example.com", "--dhgroup=2", f"--pskcrack={parameters}")
    assert "Aggressive Mode Handshake returned" in answer
    assert "ID(Type=ID_IPV4_ADDR, Value=192.0.2.1)" in answer
    assert f'key "{PSK}" matches' in check("psk-crack", f"--dictionary={words}", str(parameters))


def test_backoff_is_that_of_ios(namespace: str, tmp_path: Path) -> None:
    """The pace of its retransmissions is the one by which ike-scan knows IOS."""
    patterns = tmp_path / "patterns"
    patterns.write_text(PATTERN)
    answer = scan(namespace, "--showbackoff=3", f"--patterns={patterns}")
    assert "Implementation guess: IOS, ten times as fast" in answer, answer

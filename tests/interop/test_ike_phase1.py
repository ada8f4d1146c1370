"""Phase 1, strongSwan being the initiator, with pre-shared keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.interop.facing import KEY, PATIENCE, SECRETS, Facing, connection, connections, facing
from tests.interop.ike_suites import Suite, every_suite, pairs_of_suites

SUITE = Suite("aes 256", "sha256", 19)


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facing]:
    """A router that takes every suite."""
    policies = "".join(suite.policy(priority) for priority, suite in enumerate(every_suite(), start=1))
    with facing(tmp_path_factory.mktemp("every"), policies + KEY) as both:
        yield both


@pytest.mark.parametrize(("mode", "suites"), [("main", every_suite()), ("aggressive", pairs_of_suites())])
def test_every_suite(ends: Facing, mode: str, suites: list[Suite]) -> None:
    """Every suite of the table below, in main mode; in aggressive mode every pair of algorithms."""
    texts = [connection(f"s{number}", suite.proposal, mode=mode) for number, suite in enumerate(suites)]
    ends.charon.load(connections(*texts), SECRETS)
    failed = []
    for number, suite in enumerate(suites):
        if not ends.charon.initiate(f"s{number}", timeout=PATIENCE):
            failed.append(suite)
        ends.charon.terminate(f"s{number}")
    assert failed == [], ends.charon.log
    assert established(ends) == 0


def established(ends: Facing) -> int:
    """How many phase 1 SAs the router shows."""
    return len(re.findall(r"QM_IDLE", ends.router.do("show crypto isakmp sa")))


@pytest.mark.parametrize("mode", ["main", "aggressive"])
def test_either_end_deletes(ends: Facing, mode: str) -> None:
    """Either end deletes an SA, and the other forgets it (main and aggressive mode)."""
    ends.charon.load(connections(connection("one", SUITE.proposal, mode=mode)), SECRETS)
    assert ends.charon.initiate("one")
    ends.router.wait_for("show crypto isakmp sa", "QM_IDLE")
    ends.charon.terminate("one")
    assert established(ends) == 0
    assert ends.charon.initiate("one")
    ends.router.wait_for("show crypto isakmp sa", "QM_IDLE")
    ends.router.do("clear crypto isakmp")
    ends.charon.wait_for_log(r"received DELETE for IKE_SA one")
    assert "ESTABLISHED" not in ends.charon.sas()


def test_peer_reauthenticates(ends: Facing) -> None:
    """strongSwan reauthenticates before the lifetime ends: the new SA stays, the old one goes."""
    lifetimes = "rekey_time = 2s\n over_time = 2s\n rand_time = 0s"
    ends.charon.load(connections(connection("one", SUITE.proposal, settings=lifetimes)), SECRETS)
    assert ends.charon.initiate("one")
    ends.router.wait_for("show crypto isakmp sa", r"(?s)QM_IDLE.*QM_IDLE")
    assert len(set(re.findall(r"(IKE_SA one\[\d+\]) established", ends.charon.log))) == 2
    # The old one lives for over_time longer.
    ends.charon.wait_for_log(r"sending DELETE for IKE_SA one")
    assert "QM_IDLE" in ends.router.do("show crypto isakmp sa")
    ends.charon.terminate("one")


def test_what_does_not_match_leaves_nothing_behind(ends: Facing) -> None:
    """Different keys and suites without a match end with the log lines of IOS, and without an SA."""
    wrong = "secrets {\n ike {\n secret = Another\n }\n}\n"
    ends.charon.load(connections(connection("one", SUITE.proposal)), wrong)
    assert not ends.charon.initiate("one", timeout=1)
    ends.router.wait_for_log(r"%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from 192\.0\.2\.2 failed its sanity check")
    ends.charon.terminate("one")
    ends.charon.load(connections(connection("one", "camellia128-sha1-modp2048")), SECRETS)
    assert not ends.charon.initiate("one", timeout=PATIENCE)
    ends.router.wait_for_log(r"%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Main mode failed with peer at 192\.0\.2\.2")
    assert "NO_PROPOSAL_CHOSEN" in ends.charon.log

"""Phase 1 where the path matters: NAT, fragments, and peers that fall silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.facing import HIDDEN, KEY, SECRETS, connection, connections, facing, facing_through_nat
from tests.interop.ike_suites import Suite
from tests.interop.netns import check

SUITE = Suite("aes", "sha", 14)


@pytest.mark.parametrize("mode", ["main", "aggressive"])
def test_nat_moves_both_ends_to_port_4500(tmp_path: Path, mode: str) -> None:
    """With a NAT in front of strongSwan both ends move to port 4500, where dead peer detection and delete work on
    (main and aggressive mode)."""
    text = connection("one", SUITE.proposal, mode=mode, address=HIDDEN, settings="dpd_delay = 1s")
    with facing_through_nat(tmp_path, SUITE.policy(10) + KEY) as ends:
        ends.charon.load(connections(text), SECRETS)
        assert ends.charon.initiate("one")
        assert "local host is behind NAT" in ends.charon.log
        assert f"@ {HIDDEN}[4500]" in ends.charon.sas()
        ends.charon.wait_for_log(r"parsed INFORMATIONAL_V1 request \d+ \[ HASH N\(DPD_ACK\) \]")
        ends.router.do("clear crypto isakmp")
        ends.charon.wait_for_log("received DELETE for IKE_SA one")


def test_fragments_are_joined(tmp_path: Path) -> None:
    """An offer of fifty suites comes in fragments of 600 octets and is joined."""
    offers = ",".join(Suite("aes 256", "sha512", 20).proposal for _ in range(50))
    text = connection("one", f"{offers},{SUITE.proposal}", settings="fragmentation = force")
    with facing(tmp_path, SUITE.policy(10) + KEY, settings="fragment_size = 600") as ends:
        ends.charon.load(connections(text), SECRETS)
        assert ends.charon.initiate("one")
        assert "splitting IKE message" in ends.charon.log


def test_peer_notices_that_the_router_is_dead(tmp_path: Path) -> None:
    """strongSwan's dead peer detection is answered while the router lives, and finds out when it does not."""
    text = connection("one", SUITE.proposal, settings="dpd_delay = 1s\n dpd_timeout = 3s")
    with facing(tmp_path, SUITE.policy(10) + KEY) as ends:
        ends.charon.load(connections(text), SECRETS)
        assert ends.charon.initiate("one")
        ends.charon.wait_for_log(r"N\(DPD_ACK\)")
        check("ip", "link", "set", "wan0", "down", namespace=ends.namespace)
        ends.charon.wait_for_log(r"DPD check timed out")

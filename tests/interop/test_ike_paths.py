"""Phase 1 where the path matters: NAT, fragments, and peers that fall silent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.interop.facing import HIDDEN, KEY, PEER, ROUTER, SECRETS, connection, connections, facing, facing_through_nat
from tests.interop.ike_suites import Suite
from tests.interop.netns import check
from tests.interop.tunnel import CRYPTO, FAR, GATEWAY, site

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


def test_tunnel_through_a_nat(tmp_path: Path) -> None:
    """A tunnel through the NAT carries traffic, in UDP."""
    text = site("one", "aes256-sha256", ike=SUITE.proposal, address=HIDDEN)
    with facing_through_nat(
        tmp_path, SUITE.policy(10) + KEY + CRYPTO, "--port=Gi0/1=tap:lan0", carries_traffic=True
    ) as ends:
        check("ip", "address", "add", f"{FAR}/32", "dev", "lo", namespace=ends.charon.namespace)
        ends.charon.load(connections(text), SECRETS)
        assert ends.charon.initiate("one", "net"), ends.charon.log
        check("ping", "-c", "3", "-i", "0.1", "-W", "1", "-I", FAR, GATEWAY, namespace=ends.charon.namespace)
        assert "Tunnel UDP-Encaps" in ends.router.do("show crypto ipsec sa")


def test_transport_mode_is_agreed_upon(tmp_path: Path) -> None:
    """Quick mode for transport mode: strongSwan takes the answer. It has nothing here to carry it, as kernel-libipsec
    knows tunnel mode only, so that no traffic is shown."""
    rule = f"permit icmp host {ROUTER} host {PEER}"
    config = re.sub(r"permit .*", rule, CRYPTO.replace("mode tunnel", "mode transport"))
    child = f"""net {{
          mode = transport
          local_ts = {PEER}/32[icmp]
          remote_ts = {ROUTER}/32[icmp]
          esp_proposals = aes256-sha256
        }}"""
    with facing(tmp_path, SUITE.policy(10) + KEY + config) as ends:
        ends.charon.load(connections(connection("one", SUITE.proposal, children=child)), SECRETS)
        ends.charon.initiate("one", "net")
        ends.charon.wait_for_log("selected proposal: ESP:AES_CBC_256/HMAC_SHA2_256_128")
        assert "in use settings ={Transport, }" in ends.router.do("show crypto ipsec sa")


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

"""Quick mode and the traffic of Linux hosts through the tunnel, which strongSwan carries by kernel-libipsec."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.interop.facing import PEER, PSK, ROUTER, SECRETS, connections
from tests.interop.ike_suites import GROUP, pairs_of_suites
from tests.interop.netns import check, run
from tests.interop.tunnel import FAR, SUITE, Tunnel, site, tunnel
from tests.requirements import require

# The name by which the router calls itself in aggressive mode.
NAME = "r1.example"
AGGRESSIVE = f"""crypto isakmp peer address {PEER}
 set aggressive-mode password {PSK}
 set aggressive-mode client-endpoint fqdn {NAME}
"""
DEFAULT = "aes256-sha256"


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tunnel]:
    with tunnel(tmp_path_factory.mktemp("tunnel")) as both:
        yield both


def end(sites: Tunnel) -> None:
    """The tunnel goes, so that the next test makes its own."""
    sites.ends.charon.terminate("one")
    sites.ends.router.do("clear crypto session")
    sites.ends.router.wait_for("show crypto isakmp sa", r"conn-id status\s+IPv6")


def test_perfect_forward_secrecy(sites: Tunnel) -> None:
    """Perfect forward secrecy with every group, strongSwan and the router initiating by turns."""
    router, charon = sites.ends.router, sites.ends.charon
    for number, (group, word) in enumerate(GROUP.items()):
        router.configure(f"crypto map VPN 10 ipsec-isakmp\n set pfs group{group}")
        charon.load(connections(site("one", f"{DEFAULT}-{word}")), SECRETS)
        if number % 2:
            assert charon.initiate("one", "net"), (group, charon.log)
        assert sites.reaches() or sites.reaches(3), (group, charon.log)
        end(sites)
    router.configure("crypto map VPN 10 ipsec-isakmp\n no set pfs")


def phase1_comes_up(sites: Tunnel) -> bool:
    """Whether the host's packets make the router begin phase 1, and both ends have it. Quick mode follows in the same
    moment, and charon's threads may take it before the last message of aggressive mode: then it comes ten seconds later
    again, for which nobody waits here."""
    for _ in range(20):
        run("ping", "-c", "1", "-W", "0.1", FAR, namespace=sites.host)
        if "QM_IDLE" in sites.ends.router.do("show crypto isakmp sa"):
            return "ESTABLISHED" in sites.ends.charon.sas()
    return False


@pytest.mark.parametrize("mode", ["main", "aggressive"])
def test_every_suite_as_the_initiator(sites: Tunnel, mode: str) -> None:
    """The router as the initiator of main and aggressive mode, with every pair of algorithms in the table below."""
    router, charon = sites.ends.router, sites.ends.charon
    suites = pairs_of_suites()
    proposals = ",".join(suite.proposal for suite in suites)
    remote_id = NAME if mode == "aggressive" else ROUTER
    charon.load(connections(site("one", DEFAULT, ike=proposals, mode=mode, remote_id=remote_id)), SECRETS)
    if mode == "aggressive":
        router.configure(AGGRESSIVE)
    failed = []
    for suite in suites:
        router.configure("no crypto isakmp policy 10\n" + suite.policy(10))
        if not phase1_comes_up(sites):
            failed.append(suite)
        end(sites)
    router.configure("no crypto isakmp policy 10\n" + SUITE.policy(10))
    if mode == "aggressive":
        router.configure(f"no crypto isakmp peer address {PEER}")
    assert failed == [], charon.log


def test_much_traffic(sites: Tunnel) -> None:
    """TCP in both directions, whose large packets meet the MTU of the tunnel."""
    require("iperf3")
    sites.ends.charon.load(connections(site("one", "aes256gcm16,aes256-sha256")), SECRETS)
    assert sites.ends.charon.initiate("one", "net")
    sites.ends.router.do("clear crypto sa counters")
    check("iperf3", "--server", "--daemon", "--one-off", "--bind", FAR, namespace=sites.ends.namespace)
    report = json.loads(check("iperf3", "--client", FAR, "--bidir", "--time", "2", "--json", namespace=sites.host))
    for direction in ("sum_received", "sum_received_bidir_reverse"):
        assert report["end"][direction]["bytes"] > 100_000, report["end"]
    counters = sites.ends.router.do("show crypto ipsec sa")
    assert "#send errors 0, #recv errors 0" in counters
    end(sites)


def test_path_mtu(sites: Tunnel) -> None:
    """The router tells the host the largest packet that fits into ESP in UDP, to the octet, and such a one passes."""
    router, charon = sites.ends.router, sites.ends.charon
    charon.load(connections(site("one", "aes256-sha256")), SECRETS)
    assert charon.initiate("one", "net")
    ping = ("ping", "-c", "1", "-W", "2", "-M", "do", "-s")
    told = re.search(r"From 10\.1\.0\.1 .*mtu = (\d+)", run(*ping, "1472", FAR, namespace=sites.host).stdout)
    shown = re.search(r"plaintext mtu (\d+)", router.do("show crypto ipsec sa"))
    assert told is not None
    assert shown is not None
    assert told[1] == shown[1]
    assert run(*ping, str(int(told[1]) - 28), FAR, namespace=sites.host).returncode == 0
    end(sites)

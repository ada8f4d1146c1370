"""The life of a tunnel: rekeys, deletes, dead peers and NAT, with traffic going through it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.interop.facing import SECRETS, connections
from tests.interop.netns import check, overflows
from tests.interop.strongswan import charon
from tests.interop.tunnel import FAR, Tunnel, site, tunnel
from tests.requirements import require

ESP = "aes256-sha256"
# Emulated seconds per second, where the router's own timers are to be seen.
SPEED = 20


@contextmanager
def no_loss(sites: Tunnel, seconds: float) -> Iterator[None]:
    """The host pings through the tunnel for that long; every answer must come."""
    count = int(seconds / 0.05)
    command = ["ip", "netns", "exec", sites.host, "ping", "-q", "-c", str(count), "-i", "0.05", "-W", "1", FAR]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield
        printed, _ = process.communicate(timeout=60)
    assert f"{count} packets transmitted, {count} received" in printed, printed


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tunnel]:
    with tunnel(tmp_path_factory.mktemp("life")) as both:
        yield both


def spis(sites: Tunnel) -> list[str]:
    """The SPIs that the router receives with, the newest last."""
    printed = sites.ends.router.do("show crypto ipsec sa")
    inbound = printed.partition("inbound esp sas:")[2].partition("inbound ah sas:")[0]
    return re.findall(r"spi: (0x[0-9A-F]+)", inbound)


def test_peer_rekeys(sites: Tunnel) -> None:
    """strongSwan rekeys the tunnel by quick mode, without loss."""
    ends = sites.ends
    ends.charon.load(connections(site("one", ESP)), SECRETS)
    assert ends.charon.initiate("one", "net")
    before = spis(sites)
    with no_loss(sites, 2):
        assert ends.charon.swanctl("--rekey", "--child", "net").returncode == 0
    assert spis(sites)[-1] not in before
    ends.charon.terminate("one")


def test_peer_reauthenticates(sites: Tunnel) -> None:
    """strongSwan renews phase 1 under a tunnel twice, without loss."""
    ends = sites.ends
    lifetimes = "rekey_time = 2s\n over_time = 2s\n rand_time = 0s"
    ends.charon.load(connections(site("one", ESP, settings=lifetimes)), SECRETS)
    assert ends.charon.initiate("one", "net")
    with no_loss(sites, 5):
        pass
    assert len(set(re.findall(r"(IKE_SA one\[\d+\]) established", ends.charon.log))) >= 3
    ends.charon.terminate("one")


def test_either_end_deletes(sites: Tunnel) -> None:
    """A delete of the tunnel's SAs by either end ends those of the other; traffic brings up new ones."""
    ends = sites.ends
    ends.charon.load(connections(site("one", ESP)), SECRETS)
    assert ends.charon.initiate("one", "net")
    assert spis(sites)
    ends.charon.swanctl("--terminate", "--child", "net")
    ends.router.wait_for("show crypto ipsec sa", r"inbound esp sas:\s+inbound ah sas:")
    assert ends.charon.initiate("one", "net")
    ends.router.do("clear crypto sa")
    ends.charon.wait_for_log("received DELETE for ESP CHILD_SA")
    assert "INSTALLED" not in ends.charon.sas()
    assert sites.reaches() or sites.reaches(3)
    ends.charon.terminate("one")


def test_router_rekeys(tmp_path: Path) -> None:
    """The router renews the tunnel's SAs before their lifetime ends, without loss."""
    config = "crypto map VPN 10 ipsec-isakmp\n set security-association lifetime seconds 120\n"
    with tunnel(tmp_path, config, f"--speed={SPEED}") as sites:
        charon = sites.ends.charon
        charon.load(connections(site("one", ESP)), SECRETS)
        assert sites.reaches() or sites.reaches(3)
        with no_loss(sites, 7):
            pass
        assert len(set(re.findall(r"(CHILD_SA net\{\d+\}) established", charon.log))) >= 2
        charon.wait_for_log("received DELETE for ESP CHILD_SA")


def test_volume_of_the_sas_ends(tmp_path: Path) -> None:
    """The router renews the tunnel's SAs when 256 of their kilobytes are left, twice in a stream of UDP datagrams, of
    which none is lost."""
    require("iperf3")
    config = "crypto map VPN 10 ipsec-isakmp\n set security-association lifetime kilobytes 2560\n"
    with tunnel(tmp_path, config) as sites:
        ends = sites.ends
        ends.charon.load(connections(site("one", ESP)), SECRETS)
        assert sites.reaches() or sites.reaches(3)
        before = set(spis(sites))
        ends.router.do("clear crypto sa counters")
        check("iperf3", "--server", "--daemon", "--one-off", "--bind", FAR, namespace=ends.namespace)
        options = ("--udp", "--length", "1200", "--bitrate", "8M", "--bytes", "5M", "--json")
        full = overflows(ends.namespace)
        report = json.loads(check("iperf3", "--client", FAR, *options, namespace=sites.host))["end"]["sum"]
        assert "#send errors 0, #recv errors 0" in ends.router.do("show crypto ipsec sa")
        assert report["lost_packets"] == overflows(ends.namespace) - full, report
        assert len(re.findall(r"CHILD_SA net\{\d+\} established", ends.charon.log)) >= 3
        assert spis(sites)[-1] not in before


def test_lifetime_of_phase_1_ends(tmp_path: Path) -> None:
    """The router ends phase 1 with its lifetime and keeps the tunnel, as IOS does; strongSwan takes the delete for the
    end of the tunnel too, and both have it again with the router's next rekey."""
    config = """crypto isakmp policy 10
 lifetime 60
crypto map VPN 10 ipsec-isakmp
 set security-association lifetime seconds 120
"""
    with tunnel(tmp_path, config, f"--speed={SPEED}") as sites:
        charon = sites.ends.charon
        charon.load(connections(site("one", ESP)), SECRETS)
        assert sites.reaches() or sites.reaches(3)
        charon.wait_for_log(r"received DELETE for IKE_SA one\[1\]")
        assert len(spis(sites)) == 1
        charon.wait_for_log(r"CHILD_SA net\{2\} established")
        assert sites.reaches(3)


def test_peer_that_restarts(tmp_path: Path) -> None:
    """A strongSwan that was killed and comes back says INITIAL-CONTACT, and the router forgets what it had."""
    with tunnel(tmp_path) as sites:
        text = connections(site("one", ESP))
        sites.ends.charon.load(text, SECRETS)
        assert sites.ends.charon.initiate("one", "net")
        before = spis(sites)
        os.kill(sites.ends.charon.pid, signal.SIGKILL)
        with charon(sites.ends.namespace, tmp_path / "again", carries_traffic=True) as again:
            again.load(text, SECRETS)
            assert again.initiate("one", "net")
            assert "N(INITIAL_CONTACT)" in again.log
            assert sites.reaches(3)
            assert len(spis(sites)) == 1
            assert spis(sites) != before


def test_router_notices_that_the_peer_is_dead(tmp_path: Path) -> None:
    """Periodic dead peer detection of the router: strongSwan answers, and when it no longer does its SAs go."""
    with tunnel(tmp_path, "crypto isakmp keepalive 10 10 periodic\n", f"--speed={SPEED}") as sites:
        ends = sites.ends
        ends.charon.load(connections(site("one", ESP)), SECRETS)
        assert ends.charon.initiate("one", "net")
        ends.charon.wait_for_log(r"parsed INFORMATIONAL_V1 request \d+ \[ HASH N\(DPD\) \]")
        ends.charon.wait_for_log(r"generating INFORMATIONAL_V1 request \d+ \[ HASH N\(DPD_ACK\) \]")
        os.kill(ends.charon.pid, signal.SIGKILL)
        ends.router.wait_for("show crypto isakmp sa", r"conn-id status\s+IPv6")
        assert spis(sites) == []

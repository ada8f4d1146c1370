"""ESP with every transform: strongSwan's kernel-libipsec opens what the router seals, and the reverse"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from tests.interop.esp_suites import GCM, GMAC, SEPARATE, WITHOUT_HMAC
from tests.interop.facing import SECRETS, connections
from tests.interop.netns import run
from tests.interop.tunnel import FAR, Tunnel, site, tunnel

# Payloads of a ping: every length of padding, and a large packet.
SIZES = (*range(17), 1300)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tunnel]:
    with tunnel(tmp_path_factory.mktemp("transforms")) as both:
        yield both


def prepare(sites: Tunnel, transform: str, proposal: str) -> None:
    """Both ends know one transform only."""
    sites.ends.router.configure(f"crypto ipsec transform-set TS {transform}")
    sites.ends.charon.load(connections(site("one", proposal)), SECRETS)


def ping(sites: Tunnel, size: int, patience: float = 2) -> bool:
    """Whether a ping of the host with that many octets comes back."""
    return run("ping", "-c", "1", "-W", str(patience), "-s", str(size), FAR, namespace=sites.host).returncode == 0


def counted_alike(sites: Tunnel, least: int) -> bool:
    """Whether the router and strongSwan soon count the same packets, out and in, and how many at least."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        printed = sites.ends.router.do("show crypto ipsec sa")
        ours = re.findall(r"#pkts (?:encaps|decaps): (\d+)", printed)
        theirs = re.findall(r"(?:in|out) +[0-9a-f]{8}, +\d+ bytes, +(\d+) packets", sites.ends.charon.sas())
        if ours == theirs:
            return min(map(int, ours)) >= least
    return False


def drop_child(sites: Tunnel) -> None:
    """The SAs of the tunnel go at both ends; phase 1 stays."""
    sites.ends.charon.swanctl("--terminate", "--child", "net")
    sites.ends.router.wait_for("show crypto ipsec sa", r"inbound esp sas:\s+inbound ah sas:")
    sites.ends.router.do("clear crypto sa counters")


def test_both_ends_open_what_the_other_seals(sites: Tunnel) -> None:
    """DES, 3DES, AES-CBC of 128, 192 and 256 bits and NULL, each with MD5, SHA-1, SHA-256, SHA-384 and SHA-512, and
    AES-GCM of 128, 192 and 256 bits with an ICV of 16 octets: pings from host to host with every length of padding,
    which both ends count alike. strongSwan begins."""
    for transform, proposal in {**SEPARATE, **GCM}.items():
        prepare(sites, transform, proposal)
        assert sites.ends.charon.initiate("one", "net"), (transform, sites.ends.charon.log)
        assert sum(ping(sites, size) for size in SIZES) == len(SIZES), transform
        assert counted_alike(sites, len(SIZES)), transform
        drop_child(sites)


def test_the_router_begins(sites: Tunnel) -> None:
    """The same transforms, where a packet of the host makes the router begin."""
    for transform, proposal in {**SEPARATE, **GCM}.items():
        prepare(sites, transform, proposal)
        assert any(ping(sites, 0, 0.1) for _ in range(50)), (transform, sites.ends.router.log)
        assert counted_alike(sites, 1), transform
        drop_child(sites)


def test_what_strongswan_lacks(sites: Tunnel) -> None:
    """strongSwan negotiates GMAC, and CBC without an HMAC, but kernel-libipsec has nothing to carry them."""
    router, charon = sites.ends.router, sites.ends.charon
    for transform, proposal in {**GMAC, **WITHOUT_HMAC}.items():
        prepare(sites, transform, proposal)
        assert not charon.initiate("one", "net"), transform
        assert "selected proposal: ESP:" in charon.log, transform
        assert re.search(r"unsupported (AEAD algorithm NULL_AES_GMAC|integrity algorithm UNDEFINED)", charon.log), (
            transform
        )
        router.do("clear crypto session")

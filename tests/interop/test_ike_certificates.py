"""Certificates made by OpenSSL: RSA and ECDSA signatures, in both modes, both ends initiating."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.interop.authority import KEYS, PASSWORD, Authority
from tests.interop.facing import PEER, ROUTER, connections
from tests.interop.ike_suites import Suite
from tests.interop.tunnel import Tunnel, site, tunnel

HASHES = {"rsa": "sha", "ec256": "sha256", "ec384": "sha384", "ec521": "sha512"}
ESP = "aes256-sha256"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority.make(tmp_path_factory.mktemp("authority"))
    for kind in KEYS:
        made.issue(f"router-{kind}", kind, ROUTER)
        made.issue(f"peer-{kind}", kind, PEER)
    return made


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tunnel]:
    """Neither end has certificates yet; both join fragments."""
    with tunnel(tmp_path_factory.mktemp("certificates"), "crypto isakmp fragmentation\n") as both:
        yield both


def bring_up(sites: Tunnel, suite: Suite, mode: str, initiator: str) -> None:
    """Make the tunnel with the certificates that both have, and take it down again."""
    router, charon = sites.ends.router, sites.ends.charon
    charon.load(connections(site("one", ESP, ike=suite.proposal, mode=mode, auth="pubkey", remote_id=ROUTER)))
    if initiator == "strongSwan":
        assert charon.initiate("one", "net"), charon.log + router.log
    assert sites.reaches() or sites.reaches(3), charon.log + router.log
    assert f"authentication of '{ROUTER}' with " in charon.log
    assert sites.reaches(3)
    charon.terminate("one")
    router.do("clear crypto session")


def give_peer(sites: Tunnel, authority: Authority, kind: str) -> None:
    """A key and certificate of one kind for charon, which chooses by the identity alone where it has several."""
    files = {"x509ca": "ca.pem", "x509": f"peer-{kind}.pem", "private": f"peer-{kind}.key"}
    for folder, file in files.items():
        shutil.rmtree(sites.ends.charon.folder / folder, ignore_errors=True)
        (sites.ends.charon.folder / folder).mkdir()
        shutil.copy(authority.path(file), sites.ends.charon.folder / folder)


def give_router(sites: Tunnel, authority: Authority, kind: str) -> None:
    """A trustpoint with a key of a kind: as PKCS #12 from flash: for RSA, as PEM on the terminal for the others."""
    router = sites.ends.router
    name = f"router-{kind}"
    if kind == "rsa":
        flash = sites.ends.charon.folder.parent / "router" / "nvram" / "flash"
        flash.mkdir(parents=True, exist_ok=True)
        authority.bundle(name, flash / "router.p12")
        lines = [f"crypto pki import T-{kind} pkcs12 flash:router.p12 password {PASSWORD}", ""]
    else:
        texts = authority.read("ca.pem"), authority.sealed_key(name), authority.read(f"{name}.pem")
        pasted = [line for text in texts for line in [*text.splitlines(), "quit"]]
        lines = [f"crypto pki import T-{kind} pem terminal password {PASSWORD}", *pasted]
    printed = router.do("\r\n".join(lines))
    assert "success" in printed or "succeeded" in printed, printed
    router.configure(f"crypto pki trustpoint T-{kind}\n revocation-check none")


def take_from_router(sites: Tunnel, kind: str) -> None:
    """A router with certificates of several curves offers each of them; charon takes the first, whatever it has."""
    router = sites.ends.router
    router.do("configure terminal")
    router.do(f"no crypto pki trustpoint T-{kind}\r\nyes")
    router.do("end")


@pytest.mark.parametrize("kind", KEYS)
def test_certificates(sites: Tunnel, authority: Authority, kind: str) -> None:
    """RSA 3072 (PKCS #12, messages in fragments) and ECDSA P-256, P-384 and P-521 (PEM), in main mode, either end
    initiating, and in aggressive mode of strongSwan, with traffic. ECDSA goes with its own hash only: elsewhere
    strongSwan signs over the negotiated hash, where RFC 2409 section 5.1 wants that of the method."""
    give_router(sites, authority, kind)
    give_peer(sites, authority, kind)
    suite = Suite("aes 256", HASHES[kind], 19)
    method = "rsa-sig" if kind == "rsa" else "ecdsa-sig"
    sites.ends.router.configure("no crypto isakmp policy 10\n" + suite.policy(10, method))
    for mode, initiator in (("main", "strongSwan"), ("main", "router"), ("aggressive", "strongSwan")):
        bring_up(sites, suite, mode, initiator)
        if kind == "rsa":
            assert "splitting IKE message" in sites.ends.charon.log
            assert "received fragment #1" in sites.ends.charon.log
    take_from_router(sites, kind)

"""The verdict on a peer's certificates: paths, validity, maps, revocation; and what IKE is told of our own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.extensions import Extensions
from iosemu.crypto.request import CertificateRequest, build_request
from iosemu.engines.ike.credentials import CertificatePending, CertificateRefused, PeerCertificate, Verdict
from iosemu.engines.ike.methods import Authentication
from iosemu.features.http.messages import Request, Response
from iosemu.features.http.service import HttpService
from iosemu.features.isakmp.service import IsakmpService
from iosemu.features.pki.service import PkiService
from iosemu.router.clock import VirtualClock
from iosemu.wire.isakmp_payloads import IdType
from tests.features.pki.authority import START, Authority, enrolled, trust
from tests.features.typist import Typist, boot, connect, new_router

BASE = "hostname GM1\nip domain name lab.example\n"
FAILED = "Certificate chain validation has failed."
URL = "http://10.0.0.2/lab.crl"


def trustpoint(name: str = "TP", extra: str = "", revocation: str = "none") -> str:
    return f"""crypto pki trustpoint {name}
 enrollment terminal
 serial-number none
 ip-address none
 subject-name CN={name},OU=GETVPN
 revocation-check {revocation}
 rsakeypair {name} 1024
{extra}"""


@pytest.fixture(scope="module")
def peer(authority: Authority) -> Certificate:
    """A certificate of another router, by the authority of the module."""
    return enrolled(new_router(BASE + trustpoint("PEER")), authority, "PEER", crl_url=URL)


def judge(typist: Typist, *chain: Certificate, name: str | None = None) -> Verdict:
    store = typist.router.service(IsakmpService).certificates
    assert store is not None
    return store.verify(tuple(item.der for item in chain), typist.clock.now(), name)


def refusal(typist: Typist, *chain: Certificate) -> str:
    verdict = judge(typist, *chain)
    assert isinstance(verdict, CertificateRefused), verdict
    return verdict.reason


def test_a_good_certificate_tells_its_key_its_names_and_who_vouches_for_it(
    authority: Authority, peer: Certificate
) -> None:
    typist = new_router(BASE + trustpoint())
    assert refusal(typist, peer) == "issuer is not trusted"
    trust(typist, authority)
    verdict = judge(typist, peer)
    assert isinstance(verdict, PeerCertificate)
    assert (verdict.key, verdict.trustpoint, verdict.name) == (peer.public_key, "TP", str(peer.subject))
    assert {(item.kind, item.data) for item in verdict.identities} == {
        (IdType.DER_ASN1_DN, peer.subject.der),
        (IdType.FQDN, b"GM1.lab.example"),
    }
    assert isinstance(judge(typist, peer, name="TP"), PeerCertificate)
    assert isinstance(judge(typist, peer, name="OTHER"), CertificateRefused)


def test_what_others_have_signed_or_nobody_is_refused(authority: Authority, peer: Certificate) -> None:
    typist = new_router(BASE + trustpoint())
    trust(typist, Authority())
    assert refusal(typist, peer) in ("issuer is not trusted", "signature is invalid")
    store = typist.router.service(IsakmpService).certificates
    assert store is not None
    assert store.verify((b"nothing",), 0, None) == CertificateRefused("malformed certificate")


def test_the_clock_decides_on_validity(authority: Authority, peer: Certificate) -> None:
    typist = new_router(BASE + trustpoint())
    trust(typist, authority)
    typist.type("clock set 10:00:00 1 jan 2000")
    assert refusal(typist, peer) == "certificate is not yet valid"
    serial = f"{peer.serial:02X}"
    assert (
        f"%PKI-3-CERTIFICATE_INVALID_NOT_YET_VALID: {FAILED}  The certificate"
        f" (SN: {serial}) is not yet valid   Validity period starts on 2026-01-01T00:00:00Z"
    ) in typist.log()
    typist.type("clock set 10:00:00 2 jan 2027")
    assert refusal(typist, peer) == "certificate has expired"
    assert (
        f"%PKI-3-CERTIFICATE_INVALID_EXPIRED: Certificate chain validation has failed.  The certificate (SN: {serial})"
    )
    typist.configure(
        "crypto pki certificate map M 10\nsubject-name co ou=getvpn\n"
        "crypto pki trustpoint TP\nmatch certificate M allow expired-certificate"
    )
    assert isinstance(judge(typist, peer), PeerCertificate)
    typist.type("clock set 10:00:00 2 jan 2035")
    assert isinstance(judge(typist, peer), PeerCertificate)


def test_a_map_admits_and_refuses(authority: Authority, peer: Certificate) -> None:
    typist = new_router(BASE + trustpoint(extra=" match certificate M\n"))
    trust(typist, authority)
    assert refusal(typist, peer) == "certificate map does not match"
    typist.configure("crypto pki certificate map M 10\nsubject-name co ou=getvpn")
    assert isinstance(judge(typist, peer), PeerCertificate)
    typist.configure("crypto pki certificate map M 10\nissuer-name co cn=other")
    assert refusal(typist, peer) == "certificate map does not match"
    assert f"%PKI-3-CERTIFICATE_INVALID_UNAUTHORIZED: {FAILED} Unauthorized" in typist.log()


def test_isakmp_profiles_ask_for_a_map(authority: Authority, peer: Certificate) -> None:
    typist = new_router(BASE + trustpoint())
    trust(typist, authority)
    verdict = judge(typist, peer)
    store = typist.router.service(IsakmpService).certificates
    assert store is not None
    assert isinstance(verdict, PeerCertificate)
    assert not store.matches("M", verdict)
    typist.configure("crypto pki certificate map M 10\nsubject-name co ou=getvpn")
    assert store.matches("M", verdict)
    typist.configure("crypto pki certificate map M 10\nissuer-name co cn=other")
    assert not store.matches("M", verdict)


def test_chains_over_a_subordinate_authority() -> None:
    root = Authority("cn=ROOT")
    middle = Authority("cn=SUB", root)
    leaf = enrolled(new_router(BASE + trustpoint("PEER")), middle, "PEER")
    typist = new_router(BASE + trustpoint("ROOT") + trustpoint("SUB"))
    trust(typist, root, "ROOT")
    assert refusal(typist, leaf) == "issuer is not trusted"
    assert isinstance(judge(typist, leaf, middle.certificate), PeerCertificate)
    trust(typist, middle, "SUB")
    verdict = judge(typist, leaf)
    assert isinstance(verdict, PeerCertificate)
    assert verdict.trustpoint == "SUB"
    typist.configure("crypto pki trustpoint SUB\nchain-validation continue ROOT")
    assert isinstance(judge(typist, leaf, name="SUB"), PeerCertificate)
    typist.configure("crypto pki trustpoint SUB\nchain-validation continue NOBODY")
    assert isinstance(judge(typist, leaf, name="SUB"), CertificateRefused)


def test_who_is_no_authority_cannot_vouch_for_others(authority: Authority) -> None:
    other = Authority("cn=FALSE")
    other.certificate = authority.sign(_request(other))
    leaf = enrolled(new_router(BASE + trustpoint("PEER")), other, "PEER")
    typist = new_router(BASE + trustpoint())
    trust(typist, authority)
    assert refusal(typist, leaf, other.certificate) == "issuer is not a certificate authority"


def _request(other: Authority) -> CertificateRequest:
    return build_request(other.certificate.subject, other.key, "sha256", Extensions())


# Revocation


@dataclass
class Net:
    """A router that checks, and the server of the lists; `served` is the list, `asked` counts."""

    router: Typist
    server: Typist
    served: bytes = b""
    asked: int = 0
    resumed: int = 0

    def answer(self, request: Request) -> Response:
        self.asked += 1
        return Response(200, self.served, "application/pkix-crl") if self.served else Response(404)

    def settled(self, leaf: Certificate) -> Verdict:
        """The verdict once everything has been fetched."""
        verdict = judge(self.router, leaf)
        if isinstance(verdict, CertificatePending):
            clock = self.router.clock
            clock.run_until(clock.now() + 60, lambda: self.resumed > 0)
            assert self.resumed
            self.resumed = 0
            verdict = judge(self.router, leaf)
        return verdict


def net(authority: Authority, revocation: str = "crl", extra: str = "") -> Net:
    clock = VirtualClock(seed=1)
    link = "interface GigabitEthernet0/0\n ip address 10.0.0.{} 255.255.255.0\n"
    router = boot(clock, BASE + link.format(1) + trustpoint(extra=extra, revocation=revocation), "R")
    server = boot(clock, "hostname WEB\n" + link.format(2) + "ip http server\n", "WEB")
    connect(router, "g0/0", server, "g0/0")
    found = Net(router, server)
    server.router.service(HttpService).server.register("/lab.crl", found.answer)
    trust(router, authority)

    def resume() -> None:
        found.resumed += 1

    router.router.service(PkiService).fetcher._on_change = resume
    return found


def test_a_list_is_fetched_once_and_kept_until_the_next_one(authority: Authority, peer: Certificate) -> None:
    lab = net(authority)
    now = lab.router.router.calendar.utc()
    lab.served = authority.crl(99, end=now + timedelta(hours=1)).der
    assert isinstance(judge(lab.router, peer), CertificatePending)
    assert isinstance(judge(lab.router, peer), CertificatePending)
    assert isinstance(lab.settled(peer), PeerCertificate)
    assert isinstance(judge(lab.router, peer), PeerCertificate)
    assert lab.asked == 1
    lab.router.clock.run_until(lab.router.clock.now() + 3700)
    lab.served = authority.crl(peer.serial, end=now + timedelta(hours=9)).der
    assert lab.settled(peer) == CertificateRefused("certificate is revoked")
    assert lab.asked == 2
    assert (
        f"%PKI-3-CERTIFICATE_REVOKED: Certificate chain validation has failed.  The certificate"
        f" (SN: {peer.serial:02X}) is revoked"
    ) in lab.router.log()


@pytest.mark.parametrize("methods", ["crl", "crl none", "ocsp none", "ocsp crl"])
def test_methods_are_tried_in_their_order(authority: Authority, peer: Certificate, methods: str) -> None:
    lab = net(authority, methods)
    verdict = lab.settled(peer)
    if methods.endswith("none"):
        assert isinstance(verdict, PeerCertificate)
    else:
        assert verdict == CertificateRefused("revocation status is unknown")
        assert "%PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint TP failed" in lab.router.log()
    assert lab.asked == ("crl" in methods)


def test_lists_of_others_lapsed_ones_and_garbage_are_of_no_use(authority: Authority, peer: Certificate) -> None:
    for served in (
        Authority().crl().der,
        authority.crl(end=START + timedelta(days=1)).der,
        b"nothing of use",
    ):
        lab = net(authority)
        lab.served = served
        assert lab.settled(peer) == CertificateRefused("revocation status is unknown")


def test_a_failure_is_not_for_ever(authority: Authority, peer: Certificate) -> None:
    lab = net(authority)
    assert isinstance(lab.settled(peer), CertificateRefused)
    assert isinstance(judge(lab.router, peer), CertificateRefused)
    assert lab.asked == 1
    lab.served = authority.crl().der
    lab.router.clock.run_until(lab.router.clock.now() + 60)
    assert isinstance(lab.settled(peer), PeerCertificate)


def test_cache_options(authority: Authority, peer: Certificate) -> None:
    for option, asked in (("none", 2), ("delete-after 1", 2), ("extend 60", 1)):
        lab = net(authority, extra=f" crl cache {option}\n")
        now = lab.router.router.calendar.utc()
        lab.served = authority.crl(end=now + timedelta(seconds=90)).der
        assert isinstance(lab.settled(peer), PeerCertificate)
        lab.router.clock.run_until(lab.router.clock.now() + 80)
        assert isinstance(lab.settled(peer), PeerCertificate)
        lab.served = b""
        lab.router.clock.run_until(lab.router.clock.now() + 60)
        assert isinstance(lab.settled(peer), PeerCertificate) == (option == "extend 60")
        assert lab.asked == asked + (option != "extend 60")


def test_a_map_may_skip_the_check_and_a_query_may_lead_elsewhere(authority: Authority, peer: Certificate) -> None:
    extra = " match certificate M skip revocation-check\n"
    lab = net(authority, extra=extra)
    lab.router.configure("crypto pki certificate map M 10\nsubject-name co ou=getvpn")
    assert isinstance(lab.settled(peer), PeerCertificate)
    assert lab.asked == 0
    lab = net(authority, extra=" crl query http://10.0.0.2/elsewhere\n")
    assert isinstance(lab.settled(peer), CertificateRefused)
    assert lab.asked == 0


# Our own


def test_ike_is_told_of_our_certificates_and_of_whom_we_trust(authority: Authority) -> None:
    root = Authority("cn=ROOT")
    middle = Authority("cn=SUB", root)
    typist = new_router(BASE + trustpoint("ONE") + trustpoint("TWO") + trustpoint("ROOT"))
    first = enrolled(typist, authority, "ONE")
    second = enrolled(typist, middle, "TWO")
    trust(typist, root, "ROOT")
    store = typist.router.service(IsakmpService).certificates
    assert store is not None
    names = {"ONE": authority.certificate, "TWO": middle.certificate, "ROOT": root.certificate}
    assert store.authorities(None) == tuple(item.subject.der for item in names.values())
    assert store.authorities("TWO") == (middle.certificate.subject.der,)
    rsa = Authentication.RSA_SIGNATURES
    own = store.credentials(None, rsa, ())
    assert own is not None
    assert (own.chain, own.subject) == ((first.der,), first.subject.der)
    for asked in (middle.certificate, root.certificate):
        wanted = store.credentials(None, rsa, (asked.subject.der,))
        assert wanted is not None
        assert wanted.chain == (second.der, middle.certificate.der)
    assert store.credentials("TWO", rsa, ()) == wanted
    assert store.credentials(None, Authentication.ECDSA_256, ()) is None
    typist.configure("crypto pki trustpoint ONE\nusage ssl-server\ncrypto pki trustpoint TWO\nusage ike ssl-client")
    assert store.credentials(None, rsa, ()) == wanted
    assert wanted is not None
    digest = bytes(range(20))
    assert second.public_key.verify_bare(digest, wanted.key.sign_bare(digest))
    typist.type("crypto key zeroize rsa TWO", "yes")
    assert store.credentials(None, rsa, ()) is None

"""The verdict on a peer's certificates: a path to a trustpoint, validity, certificate maps, revocation (RFC 5280
section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise

from iosemu.crypto import extensions
from iosemu.crypto.certificate import Certificate
from iosemu.features.pki.chains import authority_of, certificate_of
from iosemu.features.pki.config import CRL, NEXT_AUTHORITY, NO_CHECK, PkiConfig, Trustpoint
from iosemu.features.pki.crl_cache import CrlCache
from iosemu.features.pki.crl_fetch import CrlFetcher
from iosemu.features.pki.maps import Matchable, matches
from iosemu.features.pki.messages import VALIDATION, log, trace
from iosemu.features.pki.texts import serial_text
from iosemu.router.router import Router

LONGEST_PATH = 8
IKE = "ike"


class Outcome(Enum):
    """How a verification ends."""

    VALID = "valid"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verified:
    """`reason` tells why a certificate is refused; `path` leads from it to the CA of `trustpoint`."""

    outcome: Outcome
    reason: str = ""
    trustpoint: str = ""
    path: tuple[Certificate, ...] = ()


@dataclass
class Counters:
    """What `show crypto pki counters` shows."""

    started: int = 0
    ended: int = 0
    valid: int = 0
    failed: int = 0
    bypassed: int = 0
    checked: int = 0


class Verifier:
    """Judges chains by the trustpoints of a router."""

    def __init__(self, router: Router, cache: CrlCache, fetcher: CrlFetcher) -> None:
        self._router = router
        self._cache = cache
        self._fetcher = fetcher
        self.counters = Counters()

    def verify(self, chain: tuple[Certificate, ...], names: list[str], usage: str = "") -> Verified:
        """Judge a chain, leaf first, by some trustpoints; logs what IOS logs."""
        self.counters.started += 1
        verdict = self._verdict(chain, names, usage)
        self._trace(f"Certificate validation {'pending' if verdict.outcome is Outcome.PENDING else verdict.reason}")
        if verdict.outcome is not Outcome.PENDING:
            self.counters.ended += 1
            self.counters.valid += verdict.outcome is Outcome.VALID
            self.counters.failed += verdict.outcome is Outcome.REFUSED
        return verdict

    def _verdict(self, chain: tuple[Certificate, ...], names: list[str], usage: str) -> Verified:
        trustpoints = self._router.model.block(PkiConfig).trustpoints
        best: Verified | None = None
        for name in names:
            trustpoint = trustpoints.get(name)
            if trustpoint is None or (usage and trustpoint.usage and usage not in trustpoint.usage.split()):
                continue
            path = self._path(chain, trustpoint)
            if path is None:
                continue
            self._trace(f"Trust-Point picked up: {name}; validation path has {len(path)} certs")
            verdict = self._judge(path, trustpoint)
            if verdict.outcome is not Outcome.REFUSED:
                return verdict
            best = best or verdict
        if best is None:
            self._trace(f"No trust point for cert issuer {chain[0].issuer}")
            return Verified(Outcome.REFUSED, "unknown issuer")
        return best

    # Paths

    def _path(self, chain: tuple[Certificate, ...], trustpoint: Trustpoint) -> tuple[Certificate, ...] | None:
        """From the leaf to the CA of a trustpoint, over the certificates that the peer has sent; None when there is no
        way."""
        anchors = [authority_of(self._router, trustpoint.name)]
        anchors.append(certificate_of(self._router, trustpoint.name, NEXT_AUTHORITY))
        path = [chain[0]]
        while len(path) <= LONGEST_PATH:
            last = path[-1]
            for anchor in anchors:
                if anchor is not None and (last == anchor or _issued(last, anchor)):
                    found = tuple(path if last == anchor else [*path, anchor])
                    return self._continued(found, trustpoint)
            above = next((item for item in chain[1:] if item not in path and _issued(last, item)), None)
            if above is None:
                return None
            path.append(above)
        return None

    def _continued(self, path: tuple[Certificate, ...], trustpoint: Trustpoint) -> tuple[Certificate, ...] | None:
        """`chain-validation continue` leads on to the CA above."""
        words = trustpoint.chain_validation.split()
        if words[:1] != ["continue"] or path[-1].self_issued or len(path) > LONGEST_PATH:
            return path
        for name, parent in self._router.model.block(PkiConfig).trustpoints.items():
            above = authority_of(self._router, name)
            if name in (words[1:] or [name]) and above is not None and _issued(path[-1], above):
                return self._continued((*path, above), parent)
        return None

    # Judgement

    def _judge(self, path: tuple[Certificate, ...], trustpoint: Trustpoint) -> Verified:
        exemptions = self._exemptions(path[0], trustpoint)
        reason = self._validity(path, exemptions) or self._constraints(path)
        if reason is None and not self._admitted(path[0], trustpoint):
            log(self._router, "CERTIFICATE_INVALID_UNAUTHORIZED")
            reason = "certificate map does not match"
        if reason is not None:
            return Verified(Outcome.REFUSED, reason, trustpoint.name, path)
        for certificate, issuer in pairwise(path):
            if certificate is path[0] and "skip revocation-check" in exemptions:
                self.counters.bypassed += 1
                continue
            verdict = self._revocation(certificate, issuer, trustpoint)
            if verdict is not None:
                return Verified(verdict[0], verdict[1], trustpoint.name, path)
        return Verified(Outcome.VALID, "succeeded", trustpoint.name, path)

    def _validity(self, path: tuple[Certificate, ...], exemptions: set[str]) -> str | None:
        now = self._router.calendar.utc()
        for certificate in path:
            fields = {"serial": serial_text(certificate.serial)}
            if now < certificate.not_before:
                when = _zulu(certificate.not_before)
                log(self._router, "CERTIFICATE_INVALID_NOT_YET_VALID", when=when, **fields)
                return "certificate is not yet valid"
            exempt = certificate is path[0] and "allow expired-certificate" in exemptions
            if now > certificate.not_after and not exempt:
                log(self._router, "CERTIFICATE_INVALID_EXPIRED", when=_zulu(certificate.not_after), **fields)
                return "certificate has expired"
        return None

    def _constraints(self, path: tuple[Certificate, ...]) -> str | None:
        """Whether those above may sign, and whether there is anything critical that nobody understands."""
        reason = None
        for depth, certificate in enumerate(path):
            length = certificate.extensions.path_length
            if certificate.extensions.unknown_critical:
                reason = "unknown critical extension"
            elif depth and not certificate.may_sign() and not _old_style(certificate):
                reason = "issuer is no CA"
            elif length is not None and depth - 1 > length:
                reason = "path is too long"
        if reason is not None:
            log(self._router, "CERTIFICATE_INVALID")
        return reason

    # Maps

    def _exemptions(self, leaf: Certificate, trustpoint: Trustpoint) -> set[str]:
        return {item.exemption for item in trustpoint.matches if item.exemption and self.matches(leaf, item.map)}

    def _admitted(self, leaf: Certificate, trustpoint: Trustpoint) -> bool:
        wanted = [item.map for item in trustpoint.matches if not item.exemption]
        return not wanted or any(self.matches(leaf, name) for name in wanted)

    def matches(self, leaf: Certificate, name: str) -> bool:
        """Whether one of the entries of a map matches; a map that is not there matches nothing."""
        entries = self._router.model.block(PkiConfig).maps.get(name)
        offset = timedelta(minutes=self._router.calendar.zone[1])
        return entries is not None and matches(entries, matchable(leaf), offset)

    # Revocation

    def _revocation(
        self, certificate: Certificate, issuer: Certificate, trustpoint: Trustpoint
    ) -> tuple[Outcome, str] | None:
        """What is against a certificate; None for nothing. The methods are tried in their order."""
        for method in trustpoint.revocation:
            if method == NO_CHECK:
                return None
            if method != CRL:
                continue
            found = self._cache.find(issuer.subject, self._router.calendar.utc())
            if found is not None:
                self.counters.checked += 1
                if certificate.serial not in found.crl.entries:
                    return None
                log(self._router, "CERTIFICATE_REVOKED", serial=serial_text(certificate.serial))
                return Outcome.REFUSED, "certificate is revoked"
            if not self._fetcher.has_failed(issuer):
                self._fetcher.fetch(trustpoint, issuer, certificate.extensions.crl_urls)
            if self._fetcher.is_running(issuer):
                self._trace("Revocation check is pending: the CRL is being fetched")
                return Outcome.PENDING, ""
        log(self._router, "CERTIFICATE_INVALID")
        return Outcome.REFUSED, "revocation status is unknown"

    def _trace(self, text: str) -> None:
        trace(self._router, VALIDATION, text)


def matchable(certificate: Certificate) -> Matchable:
    """A certificate as maps see it."""
    found = certificate.extensions
    return Matchable(
        str(certificate.subject),
        str(certificate.issuer),
        ",".join(certificate.subject.values("hostname")),
        (*found.dns_names, *found.emails, *map(str, found.addresses)),
        serial_text(certificate.serial),
        certificate.not_before,
        certificate.not_after,
    )


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    return certificate.names_issuer(issuer) and certificate.is_signed_by(issuer.public_key)


def _old_style(certificate: Certificate) -> bool:
    """A root of the time before basic constraints: the router trusts it because somebody has accepted it."""
    found = certificate.extensions
    return certificate.self_issued and not found.is_ca and extensions.CERTIFICATE_SIGN not in found.key_usage


def _zulu(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"

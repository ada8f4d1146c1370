"""The verdict on a peer's certificates: a path to a trustpoint, validity, certificate maps, revocation (RFC 5280
section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from itertools import pairwise

from iosemu.crypto.certificate import Certificate
from iosemu.engines.pki.validation import Fault, Refused, build_path, fault_at, revocation_fault
from iosemu.features.pki.chains import authority_of, certificate_of
from iosemu.features.pki.config import AUTHORITY, CRL, NEXT_AUTHORITY, NO_CHECK, PkiConfig, Trustpoint
from iosemu.features.pki.crl_cache import CrlCache
from iosemu.features.pki.crl_fetch import CrlFetcher
from iosemu.features.pki.maps import Matchable, matches
from iosemu.features.pki.messages import VALIDATION, log, trace
from iosemu.features.pki.texts import serial_text
from iosemu.router.router import Router

IKE = "ike"
_END_OF_TIME = datetime.max.replace(tzinfo=timezone.utc)


class Outcome(Enum):
    """How a verification ends."""

    VALID = "valid"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of a peer's certificates. `reason` tells why a certificate is refused; `path` leads from it to the CA
    of `trustpoint`."""

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
        fault = Fault.UNKNOWN_ISSUER
        for name in names:
            trustpoint = trustpoints.get(name)
            if trustpoint is None or (usage and trustpoint.usage and usage not in trustpoint.usage.split()):
                continue
            path = self._path(chain, trustpoint)
            if isinstance(path, Fault):
                fault = path if path is Fault.BAD_SIGNATURE else fault
                continue
            self._trace(f"Trust-Point picked up: {name}; validation path has {len(path)} certs")
            verdict = self._judge(path, trustpoint)
            if verdict.outcome is not Outcome.REFUSED:
                return verdict
            best = best or verdict
        if best is None:
            self._trace(f"No trust point for cert issuer {chain[0].issuer}")
            return Verified(Outcome.REFUSED, fault.value)
        return best

    # Paths

    def _path(self, chain: tuple[Certificate, ...], trustpoint: Trustpoint) -> tuple[Certificate, ...] | Fault:
        """From the leaf to the CA of a trustpoint, over the certificates that the peer has sent, or why there is no
        way."""
        kinds = (AUTHORITY, NEXT_AUTHORITY)
        found = [certificate_of(self._router, trustpoint.name, kind) for kind in kinds]
        path = build_path(chain[0], chain[1:], [item for item in found if item is not None])
        return path.fault if isinstance(path, Refused) else self._continued(path, trustpoint)

    def _continued(self, path: tuple[Certificate, ...], trustpoint: Trustpoint) -> tuple[Certificate, ...] | Fault:
        """`chain-validation continue` leads on to the CA above."""
        words = trustpoint.chain_validation.split()
        if words[:1] != ["continue"] or path[-1].self_issued:
            return path
        for name, parent in self._router.model.block(PkiConfig).trustpoints.items():
            above = authority_of(self._router, name)
            wanted = name in (words[1:] or [name]) and above is not None and above not in path
            if wanted and above is not None and path[-1].names_issuer(above):
                signed = path[-1].is_signed_by(above.public_key)
                return self._continued((*path, above), parent) if signed else Fault.BAD_SIGNATURE
        return Fault.UNKNOWN_ISSUER

    # Judgement

    def _judge(self, path: tuple[Certificate, ...], trustpoint: Trustpoint) -> Verified:
        exemptions = self._exemptions(path[0], trustpoint)
        fault = self._fault(path, exemptions)
        if fault is not None:
            return Verified(Outcome.REFUSED, fault.value, trustpoint.name, path)
        if not self._admitted(path[0], trustpoint):
            log(self._router, "CERTIFICATE_INVALID_UNAUTHORIZED")
            return Verified(Outcome.REFUSED, "certificate map does not match", trustpoint.name, path)
        for certificate, issuer in pairwise(path):
            if certificate is path[0] and "skip revocation-check" in exemptions:
                self.counters.bypassed += 1
                continue
            verdict = self._revocation(certificate, issuer, trustpoint)
            if verdict is not None:
                return Verified(verdict[0], verdict[1], trustpoint.name, path)
        return Verified(Outcome.VALID, "succeeded", trustpoint.name, path)

    def _fault(self, path: tuple[Certificate, ...], exemptions: set[str]) -> Fault | None:
        """What is wrong with the path itself."""
        now = self._router.calendar.utc()
        for depth, certificate in enumerate(path):
            exempt = depth == 0 and "allow expired-certificate" in exemptions
            fault = fault_at(path, depth, min(now, certificate.not_after) if exempt else now)
            if fault is not None:
                self._log_fault(fault, certificate)
                return fault
        return None

    def _log_fault(self, fault: Fault, certificate: Certificate) -> None:
        serial = serial_text(certificate.serial)
        if fault is Fault.NOT_YET_VALID:
            when = _zulu(certificate.not_before)
            log(self._router, "CERTIFICATE_INVALID_NOT_YET_VALID", serial=serial, when=when)
        elif fault is Fault.EXPIRED:
            log(self._router, "CERTIFICATE_INVALID_EXPIRED", serial=serial, when=_zulu(certificate.not_after))
        elif fault is Fault.REVOKED:
            log(self._router, "CERTIFICATE_REVOKED", serial=serial)
        else:
            log(self._router, "CERTIFICATE_INVALID")

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
                # The cache knows until when a list may be used.
                when = min(self._router.calendar.utc(), found.crl.next_update or _END_OF_TIME)
                fault = revocation_fault(certificate, issuer, [found.crl], when)
                if fault is None:
                    return None
                self._log_fault(fault, certificate)
                return Outcome.REFUSED, fault.value
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


def _zulu(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"

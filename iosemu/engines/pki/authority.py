"""A certification authority: requests that are granted or rejected, certificates that are revoked, CRLs, and the next
CA certificate. Time is the wall clock, in UTC, since that is what certificates speak of."""

from __future__ import annotations

import hmac
from datetime import datetime

from iosemu.crypto.certificate import Certificate, Issuer, issue, self_sign
from iosemu.crypto.crl import Crl, Revocation, build_crl
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.extensions import CA_USAGE, IDENTITY_USAGE, Extensions
from iosemu.crypto.keys import SigningKey
from iosemu.crypto.request import CertificateRequest
from iosemu.engines.common import Event
from iosemu.engines.pki.events import (
    AuthorityExpired,
    CertificateIssued,
    CrlIssued,
    RequestDenied,
    RequestQueued,
    RolledOver,
    RolloverDue,
)
from iosemu.engines.pki.messages import Owner
from iosemu.engines.pki.requests import Entry, RequestState, RequestTable
from iosemu.engines.pki.settings import AuthoritySettings

FIRST_SERIAL = 1
MOST_REVOCATIONS = 10000
# Certificates that are at hand for who asks for one again.
MOST_ISSUED = 1000
# What a router may ask for besides the usual.
_USAGES = (*IDENTITY_USAGE, "data_encipherment", "key_agreement", "non_repudiation")


def make_root(
    name: Name, key: SigningKey, settings: AuthoritySettings, now: datetime, serial: int = FIRST_SERIAL
) -> Certificate:
    """The certificate of a root CA, valid from now on; raises CryptoError for a hash that the key cannot be used
    with."""
    wanted = Extensions(is_ca=True, key_usage=CA_USAGE)
    return self_sign(name, key, serial, (now, now + settings.ca_lifetime), wanted, settings.hash_name)


class CertificateAuthority:
    """Issues certificates and revokes them. `last_serial` is the last serial number that was used, `crl` the last list
    that was issued: with the owner they are all that a CA has to remember."""

    def __init__(
        self,
        owner: Owner,
        settings: AuthoritySettings,
        now: datetime,
        last_serial: int = FIRST_SERIAL,
        crl: Crl | None = None,
        next_owner: Owner | None = None,
    ) -> None:
        self.owner = owner
        self.settings = settings
        self.last_serial = last_serial
        self.next_owner = next_owner
        self.requests = RequestTable()
        self.issued: dict[int, Certificate] = {}
        self.password: tuple[str, datetime] | None = None
        if crl is not None and not crl.is_signed_by(owner.certificate.public_key):
            crl = None
        self.revoked: dict[int, Revocation] = dict(crl.entries) if crl is not None else {}
        self._crl_number = (crl.number or 0) if crl is not None else 0
        self._events: list[Event] = []
        self._told: set[type[Event]] = set()
        self.crl = crl or self._issue_crl(now)
        self.handle_timer(now)

    @property
    def active(self) -> bool:
        """Whether the CA certificate has not ended."""
        return AuthorityExpired not in self._told

    def submit(
        self, transaction: str, request: CertificateRequest, now: datetime, owner: Owner | None = None
    ) -> Entry | None:
        """Take a request, new or repeated; None when there are too many. The one-time password grants it, and the
        settings may; `owner` is who shall sign, the CA or what follows it."""
        signer = owner or self.owner
        known = self.requests.find(transaction)
        if known is not None and (known.request, known.owner.certificate) == (request, signer.certificate):
            return known
        if known is not None and known.state is RequestState.PENDING:
            # The same key asks for something else: the new request takes the place of the old one.
            self.requests.remove(known.number)
        expires = now + self.settings.request_lifetime
        entry = self.requests.add(transaction, request, signer, expires)
        if entry is None:
            return None
        if self.settings.reject_all:
            self._reject(entry)
        elif self.settings.grant_auto or self._knows_password(request, now):
            self._grant(entry, now)
        else:
            self._events.append(RequestQueued(entry))
        return entry

    def grant(self, number: int | None, now: datetime) -> list[Entry]:
        """Grant one pending request, or all; the result is those that were."""
        found = self.requests.pending(number)
        for entry in found:
            self._grant(entry, now)
        return found

    def reject(self, number: int | None) -> list[Entry]:
        """Reject one pending request, or all; the result is those that were."""
        found = self.requests.pending(number)
        for entry in found:
            self._reject(entry)
        return found

    def revoke(self, serial: int, now: datetime) -> bool:
        """Revoke a certificate and issue a CRL; False when the CA has not issued that serial number, when it is its
        own, or was revoked already."""
        if not FIRST_SERIAL < serial <= self.last_serial or serial in self.revoked:
            return False
        if serial == self.owner.certificate.serial or len(self.revoked) >= MOST_REVOCATIONS:
            return False
        self.revoked[serial] = Revocation(serial, now.replace(microsecond=0))
        self.crl = self._issue_crl(now)
        return True

    def unrevoke(self, serial: int, now: datetime) -> bool:
        """Take a revocation back and issue a CRL; False when there is none."""
        if self.revoked.pop(serial, None) is None:
            return False
        self.crl = self._issue_crl(now)
        return True

    def prepare_rollover(self, key: SigningKey, now: datetime) -> Certificate:
        """Make the CA certificate that follows the one in use at its end; raises CryptoError."""
        today = self.owner.certificate
        self.last_serial += 1
        starting = today.not_after
        following = make_root(today.subject, key, self.settings, starting, self.last_serial)
        self.next_owner = Owner(following, key)
        self._events.append(CertificateIssued(following))
        return following

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    def rollover_at(self) -> datetime | None:
        """When the next CA certificate is made; None where it is not, or is there already."""
        if self.settings.rollover is None or self.next_owner is not None:
            return None
        return self.owner.certificate.not_after - self.settings.rollover

    def next_timer(self) -> datetime | None:
        """When `handle_timer` is due."""
        if not self.active:
            return self.requests.next_expiry()
        rollover = None if RolloverDue in self._told else self.rollover_at()
        times = (self.crl.next_update, self.owner.certificate.not_after, rollover, self.requests.next_expiry())
        return min(time for time in times if time is not None)

    def handle_timer(self, now: datetime) -> None:
        """Do whatever is due."""
        self.requests.expire(now)
        if self.password is not None and self.password[1] <= now:
            self.password = None
        rollover = self.rollover_at()
        if rollover is not None and rollover <= now:
            self._tell_once(RolloverDue())
        if self.owner.certificate.not_after <= now:
            self._end(now)
        if self.active and (self.crl.next_update is None or self.crl.next_update <= now):
            self.crl = self._issue_crl(now)

    def _end(self, now: datetime) -> None:
        if self.next_owner is None or self.next_owner.certificate.not_after <= now:
            self._tell_once(AuthorityExpired())
            return
        self.owner, self.next_owner = self.next_owner, None
        self._told.clear()
        self._events.append(RolledOver(self.owner))
        self.crl = self._issue_crl(now)

    def _tell_once(self, event: Event) -> None:
        if type(event) not in self._told:
            self._told.add(type(event))
            self._events.append(event)

    def _knows_password(self, request: CertificateRequest, now: datetime) -> bool:
        """Whether a request brings the one-time password, which is used up by that."""
        if self.password is None or request.challenge is None:
            return False
        password, ends = self.password
        if now >= ends or not hmac.compare_digest(password.encode(), request.challenge.encode()):
            return False
        self.password = None
        return True

    def _grant(self, entry: Entry, now: datetime) -> None:
        issuer = Issuer.of(entry.owner.certificate, entry.owner.key, self.settings.hash_name)
        start = max(now, entry.owner.certificate.not_before)
        # Nothing outlives its CA.
        end = min(start + self.settings.certificate_lifetime, entry.owner.certificate.not_after)
        try:
            certificate = issue(
                issuer,
                entry.request.subject,
                entry.request.public_key,
                self.last_serial + 1,
                (start, end),
                self._extensions(entry.request.extensions),
            )
        except CryptoError:
            self._reject(entry)
            return
        self.last_serial += 1
        if len(self.issued) >= MOST_ISSUED:
            del self.issued[min(self.issued)]
        self.issued[certificate.serial] = certificate
        entry.state, entry.certificate = RequestState.GRANTED, certificate
        self._events.append(CertificateIssued(certificate))

    def _extensions(self, asked: Extensions) -> Extensions:
        """What a request may say of itself; that it is a CA it may not."""
        return Extensions(
            key_usage=tuple(usage for usage in asked.key_usage if usage in _USAGES) or IDENTITY_USAGE,
            extended_key_usage=self.settings.extended_usages or asked.extended_key_usage,
            dns_names=asked.dns_names,
            emails=asked.emails,
            addresses=asked.addresses,
            crl_urls=self.settings.crl_urls,
        )

    def _reject(self, entry: Entry) -> None:
        entry.state = RequestState.REJECTED
        self._events.append(RequestDenied(entry.request.subject))

    def _issue_crl(self, now: datetime) -> Crl:
        issuer = Issuer.of(self.owner.certificate, self.owner.key, self.settings.hash_name)
        self._crl_number += 1
        crl = build_crl(issuer, self._crl_number, (now, now + self.settings.crl_lifetime), self.revoked.values())
        self._events.append(CrlIssued(crl))
        return crl

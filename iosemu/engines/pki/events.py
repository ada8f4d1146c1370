"""What a certification authority and its SCEP server report."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.crypto.certificate import Certificate
from iosemu.crypto.crl import Crl
from iosemu.crypto.distinguished_name import Name
from iosemu.engines.common import Event
from iosemu.engines.pki.messages import Owner
from iosemu.engines.pki.requests import Entry


@dataclass(frozen=True, slots=True)
class CertificateIssued(Event):
    """A request was granted, or the next CA certificate made."""

    certificate: Certificate


@dataclass(frozen=True, slots=True)
class RequestQueued(Event):
    """Somebody has to decide."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class RequestDenied(Event):
    """A request was rejected."""

    subject: Name


@dataclass(frozen=True, slots=True)
class CrlIssued(Event):
    """There is a new list."""

    crl: Crl


@dataclass(frozen=True, slots=True)
class RolloverDue(Event):
    """The owner must make the next key and call `prepare_rollover`."""


@dataclass(frozen=True, slots=True)
class RolledOver(Event):
    """The next CA certificate is the one in use."""

    owner: Owner


@dataclass(frozen=True, slots=True)
class AuthorityExpired(Event):
    """The CA certificate has ended, and nothing follows."""


@dataclass(frozen=True, slots=True)
class MessageRefused(Event):
    """A SCEP message was answered with a failure, or could not be answered at all."""

    reason: str

"""`crypto pki server` as it is configured."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.crypto.extensions import EXTENDED_USAGES
from iosemu.engines.pki.settings import AuthoritySettings
from iosemu.features.accounts.passwords import Secret

CS_SERVER = Mode("crypto-pki-server", "(cs-server)", "Certificate Server configuration commands:", CONFIG)
MINIMUM, NAMES, COMPLETE = "minimum", "names", "complete"
DEFAULT_STORAGE = "nvram:"
# The default of releases that still offered MD5 was MD5; of later ones it is this (unverified).
DEFAULT_HASH = "sha1"
DEFAULT_OVERLAP = (30,)
# Kinds of files with places of their own, in the words of `database url`.
FILE_KINDS = ("cnm", "crl", "crt", "ser", "pem", "p12")


class Lifetime(NamedTuple):
    """A lifetime: what its first number counts, the highest one, and the numbers that hold without the line. Hours and
    minutes may follow."""

    unit: str
    highest: int
    default: tuple[int, ...]


LIFETIMES = {
    "crl": Lifetime("hours", 336, (168,)),
    "certificate": Lifetime("days", 7305, (365,)),
    "ca-certificate": Lifetime("days", 7305, (1095,)),
    "enrollment-request": Lifetime("hours", 1000, (168,)),
}


def duration(unit: str, numbers: tuple[int, ...]) -> timedelta:
    """The time that numbers mean: those of days may be followed by hours and minutes, those of hours by minutes."""
    units = ("days", "hours", "minutes") if unit == "days" else ("hours", "minutes")
    return timedelta(**dict(zip(units, numbers, strict=False)))


class Location(NamedTuple):
    """Where files of a kind lie; those that are published lie in the main place too."""

    url: str
    published: bool = False


@dataclass
class CertificateServer:
    """A CA. `grant` is "", "auto", "none" or "ra-auto", `grant_lines` what stands besides that; `archive` is "pkcs12",
    "pem" or "" for none; `auto_rollover` are days, hours and minutes, None without the line. `shutdown` is None until
    somebody has said either. `kept` are lines without effect here."""

    name: str
    level: str = MINIMUM
    locations: dict[str, Location] = field(default_factory=dict)
    archive: str = "pkcs12"
    archive_password: Secret | None = None
    issuer_name: str = ""
    grant: str = ""
    grant_lines: set[str] = field(default_factory=set)
    hash: str = ""
    lifetimes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    cdp_url: str = ""
    auto_rollover: tuple[int, ...] | None = None
    usages: tuple[str, ...] = ()
    mode: str = ""
    shutdown: bool | None = None
    kept: Kept = field(default_factory=Kept)

    @property
    def issuer(self) -> str:
        """The name of the CA as it is configured, else what stands for it."""
        return self.issuer_name or f"CN={self.name}"

    def lifetime(self, kind: str) -> timedelta:
        """A lifetime of LIFETIMES."""
        return duration(LIFETIMES[kind].unit, self.lifetimes.get(kind, LIFETIMES[kind].default))

    @property
    def overlap(self) -> timedelta | None:
        """How long before the end of the CA certificate the next one is made; None without rollover."""
        return None if self.auto_rollover is None else duration("days", self.auto_rollover or DEFAULT_OVERLAP)

    def settings(self) -> AuthoritySettings:
        """What the engine needs to know."""
        return AuthoritySettings(
            grant_auto=self.grant == "auto",
            reject_all=self.grant == "none",
            hash_name=self.hash or DEFAULT_HASH,
            certificate_lifetime=self.lifetime("certificate"),
            ca_lifetime=self.lifetime("ca-certificate"),
            crl_lifetime=self.lifetime("crl"),
            request_lifetime=self.lifetime("enrollment-request"),
            crl_urls=(self.cdp_url,) if self.cdp_url else (),
            extended_usages=tuple(EXTENDED_USAGES[word] for word in self.usages),
            rollover=self.overlap,
        )


@dataclass
class CertificateServers:
    """All servers by name; IOS runs one."""

    servers: dict[str, CertificateServer] = field(default_factory=dict)

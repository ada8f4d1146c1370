"""How a certification authority is told to work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """How a CA works: without `grant_auto` somebody decides, with `reject_all` nobody gets anything. `extended_usages`
    are dotted; `rollover` is how long before its end the next CA certificate is made, None for never; `crl_urls` stand
    in the certificates."""

    grant_auto: bool = False
    reject_all: bool = False
    hash_name: str = "sha256"
    certificate_lifetime: timedelta = timedelta(days=365)
    ca_lifetime: timedelta = timedelta(days=1095)
    crl_lifetime: timedelta = timedelta(hours=168)
    request_lifetime: timedelta = timedelta(hours=168)
    crl_urls: tuple[str, ...] = ()
    extended_usages: tuple[str, ...] = ()
    rollover: timedelta | None = None

"""Trustpoints, certificate chains and certificate maps: what the running-config says about PKI."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from iosemu.cli.kept import Kept
from iosemu.cli.modes import CONFIG, Mode
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.errors import CryptoError
from iosemu.features.accounts.passwords import Secret
from iosemu.features.pki.maps import MapEntry
from iosemu.router.names import InterfaceName

CA_TRUSTPOINT = Mode("crypto-ca-trustpoint", "(ca-trustpoint)", "CA trustpoint configuration commands:", CONFIG)
CERT_CHAIN = Mode("crypto-ca-cert-chain", "(config-cert-chain)", "Certificate chain configuration commands:", CONFIG)
CERTIFICATE_MAP = Mode("crypto-ca-cert-map", "(ca-certificate-map)", "Certificate map configuration commands:", CONFIG)
RETRY_COUNT, RETRY_PERIOD = 10, 1
CRL, NO_CHECK, OCSP = "crl", "none", "ocsp"
# Octets of parsed CRLs that are kept.
CRL_CACHE_OCTETS = 64 * 1024


class KeyPairName(NamedTuple):
    """`rsakeypair`: the label, and how many bits a pair gets that is made for the purpose; 0 is nothing said."""

    label: str
    bits: int = 0
    encryption_bits: int = 0


class MapMatch(NamedTuple):
    """`match certificate`: the name of a map, and what is different for the certificates that it matches."""

    map: str
    exemption: str = ""


@dataclass
class Trustpoint:
    """A CA that is trusted, and how the router becomes known to it.

    `enrollment` is "url", "terminal", "selfsigned", "profile" or "pkcs12", and `place` the URL or the profile. Of
    `serial_number`, `fqdn` and `ip_address` None means that the router asks or takes its own; False and "none" leave
    them out. `auto_enroll` is the percentage of a certificate's lifetime after which a new one is asked for, 0 for its
    end, None without that. `kept` are lines without effect here.
    """

    name: str
    enrollment: str = ""
    place: str = ""
    pem: bool = False
    retry_count: int = RETRY_COUNT
    retry_period: int = RETRY_PERIOD
    serial_number: bool | None = None
    fqdn: str | None = None
    ip_address: str | None = None
    subject_name: str = ""
    subject_alt_name: str = ""
    password: Secret | None = None
    fingerprint: str = ""
    hash: str = ""
    rsa_key: KeyPairName | None = None
    ec_key: str = ""
    revocation: tuple[str, ...] = (CRL,)
    crl_query: str = ""
    crl_cache: str = ""
    matches: list[MapMatch] = field(default_factory=list)
    chain_validation: str = ""
    auto_enroll: int | None = None
    auto_regenerate: bool = False
    regenerate: bool = False
    source_interface: InterfaceName | None = None
    usage: str = ""
    vrf: str = ""
    kept: Kept = field(default_factory=Kept)


# What a certificate of a chain is, in the words of the running-config; "" is the router's own.
OWN, AUTHORITY, SELF_SIGNED, NEXT_OWN, NEXT_AUTHORITY = "", "ca", "self-signed", "rollover", "rollover-ca"
# A CRL that old releases wrote into the chain; it is kept as it stands.
CRL_BODY = "crl"
KINDS = (OWN, AUTHORITY, SELF_SIGNED, NEXT_OWN, NEXT_AUTHORITY, CRL_BODY)


@dataclass(frozen=True)
class ChainCertificate:
    """A certificate of a trustpoint: `serial` in hexadecimal; `der` is empty for one that only refers to a file
    (`storage`). `text` is a body that is no certificate, kept as it stands."""

    kind: str
    serial: str
    der: bytes = field(default=b"", repr=False)
    storage: str = ""
    text: tuple[str, ...] = ()


@dataclass
class PkiConfig:
    """Everything of `crypto pki` but servers. `chains` are by trustpoint, `maps` by name and sequence number."""

    trustpoints: dict[str, Trustpoint] = field(default_factory=dict)
    chains: dict[str, list[ChainCertificate]] = field(default_factory=dict)
    maps: dict[str, dict[int, MapEntry]] = field(default_factory=dict)
    crl_cache_size: int | None = None

    def certificates(self, trustpoint: str, *kinds: str) -> list[ChainCertificate]:
        """The certificates of a trustpoint, all or those of some kinds."""
        return [item for item in self.chains.get(trustpoint, []) if (not kinds or item.kind in kinds) and item.der]

    def put(self, trustpoint: str, item: ChainCertificate, *, alone: bool = True) -> None:
        """Add a certificate; `alone` removes the others of its kind."""
        others = [
            old
            for old in self.chains.get(trustpoint, [])
            if old.kind != item.kind or not (alone or old.serial == item.serial)
        ]
        # In the order of the running-config: what is loaded from it must be equal.
        self.chains[trustpoint] = sorted([*others, item], key=lambda item: KINDS.index(item.kind))

    def drop(self, trustpoint: str, *kinds: str) -> None:
        """Remove all certificates of some kinds."""
        left = [item for item in self.chains.get(trustpoint, []) if item.kind not in kinds]
        if left:
            self.chains[trustpoint] = left
        else:
            self.chains.pop(trustpoint, None)

    def forget_key(self, spki: bytes) -> None:
        """A key pair was destroyed: the router's certificates of it go, too."""
        for name, chain in list(self.chains.items()):
            left = [item for item in chain if item.kind == AUTHORITY or not _is_of(item.der, spki)]
            if left != chain:
                self.chains[name] = left
            if not left:
                del self.chains[name]

    def turn_over(self, trustpoint: str) -> None:
        """The next certificates of a trustpoint take the place of those in use."""
        chain = self.chains.get(trustpoint, [])
        for later, now in ((NEXT_AUTHORITY, AUTHORITY), (NEXT_OWN, OWN)):
            following = [replace(item, kind=now) for item in chain if item.kind == later]
            if following:
                chain = [item for item in chain if item.kind not in (now, later)] + following
        if chain:
            self.chains[trustpoint] = chain


def _is_of(der: bytes, spki: bytes) -> bool:
    try:
        return bool(der) and Certificate.parse(der).public_key.spki == spki
    except CryptoError:
        return False

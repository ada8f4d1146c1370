"""What a router asks a CA for: the names of its certificate, the key, and the questions that settle them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from ipaddress import AddressValueError, IPv4Address

from iosemu.cli import Ask, CommandError, Step, yes_or_no
from iosemu.crypto import extensions
from iosemu.crypto.distinguished_name import Name, router_name
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.extensions import Extensions
from iosemu.crypto.request import CertificateRequest, build_request
from iosemu.features.crypto_keys import store
from iosemu.features.crypto_keys.making import default_label, make_ec, make_rsa
from iosemu.features.crypto_keys.store import KeyPair, Usage
from iosemu.features.dns.config import NamesConfig
from iosemu.features.pki.config import Trustpoint
from iosemu.features.system.facts import serial_number
from iosemu.router.names import parse_name
from iosemu.router.router import Router

NOTHING = "none"
DEFAULT_BITS = 1024
DEFAULT_CURVE = 256
# A pair that will take the place of another one is kept under that one's label with this behind it.
FOLLOWING = "#"


@dataclass(frozen=True)
class Subject:
    """The names in a request: those of the router itself, which are None where they are left out, and those that are
    configured. `password` is the challenge password, for the CA's administrator."""

    configured: str
    fqdn: str | None
    address: IPv4Address | None
    serial: str | None
    alternatives: tuple[str, ...] = ()
    password: str = field(default="", repr=False)

    @property
    def name(self) -> Name:
        """The whole name."""
        own = Name.from_text(self.configured) if self.configured else None
        address = str(self.address) if self.address is not None else None
        return router_name(own, fqdn=self.fqdn, address=address, serial=self.serial)

    @property
    def dns_names(self) -> tuple[str, ...]:
        """The names of hosts in the subject alternative name."""
        return tuple(dict.fromkeys([*([self.fqdn] if self.fqdn else []), *self.alternatives]))


def settled(router: Router, trustpoint: Trustpoint) -> Subject:
    """The names as they are configured, without anything that would be asked about."""
    serial = serial_number(router) if trustpoint.serial_number else None
    address = _address(router, trustpoint.ip_address or NOTHING)
    return _subject(router, trustpoint, serial, address)


def ask(router: Router, trustpoint: Trustpoint) -> Generator[Step, str | None, Subject]:
    """Tell what the subject will be, and ask about what is not configured. Raises CommandError."""
    subject = settled(router, trustpoint)
    for text in (subject.configured, subject.fqdn or ""):
        if text:
            yield f"% The subject name in the certificate will include: {text}\n"
    serial, address = subject.serial, subject.address
    question = "% Include the router serial number in the subject name? [yes/no]: "
    if trustpoint.serial_number is None and (yield from yes_or_no(question)):
        serial = serial_number(router)
    if serial is not None:
        yield f"% The serial number in the certificate will be: {serial}\n"
    if trustpoint.ip_address is None:
        if (yield Ask("% Include an IP address in the subject name? [no]: ")) in ("yes", "y"):
            address = _address(router, (yield Ask("Enter Interface name or IP Address[]: ")) or "")
    elif address is not None:
        yield f"% The IP address in the certificate is {address}\n"
    return _subject(router, trustpoint, serial, address)


def _subject(router: Router, trustpoint: Trustpoint, serial: str | None, address: IPv4Address | None) -> Subject:
    domain = router.model.block(NamesConfig).domain
    fqdn = trustpoint.fqdn or (f"{router.hostname}.{domain}" if domain else router.hostname)
    alternatives = tuple(part.strip() for part in trustpoint.subject_alt_name.split(",") if part.strip())
    return Subject(
        trustpoint.subject_name, fqdn if fqdn != NOTHING else None, address, serial, alternatives, _password(trustpoint)
    )


def _password(trustpoint: Trustpoint) -> str:
    return (trustpoint.password.clear if trustpoint.password is not None else None) or ""


def _address(router: Router, text: str) -> IPv4Address | None:
    """An address, or that of an interface; raises CommandError when there is none."""
    if text == NOTHING:
        return None
    try:
        return IPv4Address(text)
    except AddressValueError:
        pass
    name = parse_name(text)
    interface = router.interfaces.get(name) if name is not None else None
    if interface is None or interface.address is None:
        raise CommandError(f"% {text} is not an interface with an IP address.")
    return interface.address


def key_label(router: Router, trustpoint: Trustpoint) -> tuple[str, str]:
    """Kind and label of the key that a trustpoint uses; raises CommandError when it can have none."""
    if trustpoint.ec_key:
        return "ec", trustpoint.ec_key
    if trustpoint.rsa_key is not None:
        return "rsa", trustpoint.rsa_key.label
    return "rsa", default_label(router)


def find_key(router: Router, trustpoint: Trustpoint) -> KeyPair | None:
    """The pair of a trustpoint, if it is there."""
    try:
        kind, label = key_label(router, trustpoint)
    except CommandError:
        return None
    return store.pair(router.nvram, label, "ec" if kind == "ec" else "rsa")


def ensure_key(router: Router, trustpoint: Trustpoint) -> KeyPair:
    """The pair of a trustpoint, made now where it is missing. Raises CommandError."""
    found = find_key(router, trustpoint)
    return found if found is not None else make_key(router, trustpoint)


def make_key(router: Router, trustpoint: Trustpoint, suffix: str = "") -> KeyPair:
    """Make the pair of a trustpoint; with FOLLOWING, one beside it that will take its place. Raises CommandError."""
    kind, label = key_label(router, trustpoint)
    if kind == "ec":
        old = store.pair(router.nvram, label, "ec")
        exportable = old is not None and old.exportable
        make_ec(router, label + suffix, old.key.bits if old is not None else DEFAULT_CURVE, exportable=exportable)
        found = store.pair(router.nvram, label + suffix, "ec")
    else:
        old = store.pair(router.nvram, label)
        configured = trustpoint.rsa_key.bits if trustpoint.rsa_key is not None else 0
        bits = configured or (old.key.bits if old is not None else DEFAULT_BITS)
        make_rsa(router, label + suffix, bits, exportable=old is not None and old.exportable)
        found = store.pair(router.nvram, label + suffix)
    assert found is not None
    router.syslog.log("CRYPTO", 6, "AUTOGEN", f"Generated new {found.key.bits} bit key pair")
    return found


def take_place(router: Router, pair: KeyPair) -> None:
    """A pair that was made with FOLLOWING gets the label of the one that it follows."""
    if pair.label.endswith(FOLLOWING):
        store.remove(router.nvram, pair.label, pair.key.kind)
        store.save(router.nvram, replace(pair, label=pair.label.removesuffix(FOLLOWING)))


def make_request(trustpoint: Trustpoint, subject: Subject, pair: KeyPair) -> CertificateRequest:
    """The PKCS #10 of a trustpoint; raises CommandError for names or hashes that do not fit."""
    try:
        return build_request(
            subject.name,
            pair.key,
            request_hash(trustpoint, pair),
            wanted_extensions(subject, pair),
            subject.password or None,
        )
    except CryptoError as error:
        raise CommandError(f"% The request could not be made: {error}") from error


def request_hash(trustpoint: Trustpoint, pair: KeyPair) -> str:
    """The hash of signatures: as configured, else one that suits the key."""
    return trustpoint.hash or ("sha384" if pair.key.kind == "ec" and pair.key.bits > 256 else "sha256")


def wanted_extensions(subject: Subject, pair: KeyPair) -> Extensions:
    """What the certificate of a router says."""
    usage: tuple[str, ...] = extensions.IDENTITY_USAGE
    if pair.usage is Usage.SIGNATURE:
        usage = (extensions.DIGITAL_SIGNATURE,)
    elif pair.usage is Usage.ENCRYPTION:
        usage = (extensions.KEY_ENCIPHERMENT,)
    addresses = () if subject.address is None else (subject.address,)
    return Extensions(key_usage=usage, dns_names=subject.dns_names, addresses=addresses)

"""`crypto isakmp profile`: settings for the peers that it matches."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandTable, Context, Mode
from iosemu.cli.kept import Kept, declare
from iosemu.engines.common import Endpoint
from iosemu.features.isakmp.config import KeepaliveConfig
from iosemu.features.isakmp.keys import HOST_MASK
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
CONF_PROFILE = Mode("conf-isa-prof", "(conf-isa-prof)", "Crypto ISAKMP profile commands:", CONFIG)


@dataclass(frozen=True)
class AddressMatch:
    """Peers whose identity is an address of a network, reached through a VRF."""

    address: IPv4Address
    mask: IPv4Address = HOST_MASK
    vrf: str = ""

    def covers(self, address: IPv4Address) -> bool:
        """Whether an address is one of the network."""
        return int(address) & int(self.mask) == int(self.address) & int(self.mask)

    def reaches(self, remote: Endpoint) -> bool:
        """Whether a peer is one of the network, in its VRF."""
        return self.vrf == remote.vrf and self.covers(remote.address)


@dataclass
class Profile:
    """One profile. `names` are the matches of identities that are names, as the kind of match (host, host domain, user,
    user domain, group) and the name; `self_identity` is address, fqdn or user-fqdn, and its value."""

    name: str
    description: str | None = None
    vrf: str | None = None
    keyrings: list[str] = field(default_factory=list)
    self_identity: tuple[str, str] | None = None
    addresses: list[AddressMatch] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)
    certificate_maps: list[str] = field(default_factory=list)
    trustpoints: list[str] = field(default_factory=list)
    keepalive: KeepaliveConfig | None = None
    aggressive: bool = False
    local: InterfaceName | IPv4Address | None = None
    kept: Kept = field(default_factory=Kept)


@dataclass
class Profiles:
    """All profiles by name."""

    by_name: dict[str, Profile] = field(default_factory=dict)


@TABLE.command(
    CONFIG,
    "crypto isakmp profile WORD$name",
    "Encryption module\nConfigure ISAKMP policy\nDefine ISAKMP Profiles\nName of the profile",
    no="crypto isakmp profile WORD$name",
)
def profile(ctx: Context, name: str) -> str | None:
    profiles = ctx.router.model.block(Profiles).by_name
    if ctx.negated:
        profiles.pop(name, None)
        return None
    new = name not in profiles
    ctx.enter(CONF_PROFILE, profiles.setdefault(name, Profile(name)))
    if not new or ctx.session.loading:
        return None
    return "% A profile is deemed incomplete until it has match identity statements\n"


@TABLE.command(CONF_PROFILE, "description LINE$text", "Specify a description\nText", no=ARGUMENTS_OPTIONAL)
def description(ctx: Context, text: str | None = None) -> None:
    ctx.target.description = None if ctx.negated else text


@TABLE.command(CONF_PROFILE, "vrf WORD$name", "VRF of the profile\nName of the VRF", no=ARGUMENTS_OPTIONAL)
def vrf(ctx: Context, name: str | None = None) -> None:
    ctx.target.vrf = None if ctx.negated else name


@TABLE.command(CONF_PROFILE, "keyring WORD$name", "Specify keyring to use\nName of the key ring", no=ARGUMENTS_OPTIONAL)
def keyring(ctx: Context, name: str | None = None) -> None:
    _toggle(ctx, ctx.target.keyrings, name)


@TABLE.command(
    CONF_PROFILE,
    "self-identity (address$kind|(fqdn|user-fqdn)$kind [WORD$value])",
    """Specify Identity to use
    Use the IP address of the interface
    Use the fully qualified domain name
    Use a name of the form user@domain
    The name""",
    no=ARGUMENTS_OPTIONAL,
)
def self_identity(ctx: Context, kind: str = "", value: str = "") -> None:
    ctx.target.self_identity = None if ctx.negated else (kind, value)


@TABLE.command(
    CONF_PROFILE,
    "match identity address A.B.C.D$address [A.B.C.D$mask] [WORD$vrf]",
    """Match values of peer
    Match a peer identity
    IP Address(es)
    IP Address Prefix
    IP subnet mask
    VRF that the peer is reached through""",
    no="match identity address A.B.C.D$address [A.B.C.D$mask] [WORD$vrf]",
)
def match_address(ctx: Context, address: IPv4Address, mask: IPv4Address | None = None, vrf: str = "") -> None:
    _toggle(ctx, ctx.target.addresses, AddressMatch(address, HOST_MASK if mask is None else mask, vrf))


@TABLE.command(
    CONF_PROFILE,
    "match identity ((host|user)$kind [domain$domain]|(user-fqdn|group)$kind) WORD$name",
    """Match values of peer
    Match a peer identity
    Match a peer by its host name
    Match a peer by its user name
    Match all of a domain
    Match a peer by its name of the form user@domain
    Match a peer by its group
    The name""",
    no="match identity ((host|user)$kind [domain$domain]|(user-fqdn|group)$kind) WORD$name",
)
def match_name(ctx: Context, kind: str, name: str, domain: str | None = None) -> None:
    _toggle(ctx, ctx.target.names, (f"{kind} domain" if domain else kind, name))


@TABLE.command(
    CONF_PROFILE,
    "match certificate WORD$name",
    "Match values of peer\nPeer certificate attributes\nName of the certificate map",
    no="match certificate WORD$name",
)
def match_certificate(ctx: Context, name: str) -> None:
    _toggle(ctx, ctx.target.certificate_maps, name)


@TABLE.command(
    CONF_PROFILE,
    "ca trust-point WORD$name",
    "Specify certificate authorities to trust\nTrustpoint\nName of the trustpoint",
    no="ca trust-point WORD$name",
)
def trust_point(ctx: Context, name: str) -> None:
    _toggle(ctx, ctx.target.trustpoints, name)


@TABLE.command(
    CONF_PROFILE,
    "keepalive <10-3600>$interval retry <2-60>$retry",
    "Set a keepalive interval for use with IOS peers\nSeconds between keep alives\nRetries\nSeconds between them",
    no=ARGUMENTS_OPTIONAL,
)
def keepalive(ctx: Context, interval: int = 10, retry: int = 2) -> None:
    ctx.target.keepalive = None if ctx.negated else KeepaliveConfig(interval, retry)


@TABLE.command(
    CONF_PROFILE,
    "initiate mode aggressive",
    "Initiating exchange mode\nMode to initiate\nAggressive mode",
    no=ARGUMENTS_OPTIONAL,
)
def initiate(ctx: Context) -> None:
    ctx.target.aggressive = not ctx.negated


@TABLE.command(
    CONF_PROFILE,
    "local-address (A.B.C.D$address|INTERFACE$interface)",
    "Bind the profile to a local address\nLocal IP address\nInterface whose address it is",
    no=ARGUMENTS_OPTIONAL,
)
def local_address(ctx: Context, address: IPv4Address | None = None, interface: InterfaceName | None = None) -> None:
    ctx.target.local = None if ctx.negated else address or interface


declare(
    TABLE,
    CONF_PROFILE,
    lambda ctx: ctx.target.kept,
    """
client LINE
isakmp authorization list = WORD
accounting = WORD
qos-group = <1-1023>
virtual-template = <1-4095>
""",
)


def _toggle(ctx: Context, items: list[object], item: object) -> None:
    """Add to a list what is not in it; `no` takes it out."""
    if ctx.negated:
        items[:] = [other for other in items if other != item]
    elif item not in items:
        items.append(item)


def _paragraphs(router: Router) -> list[Lines]:
    profiles = router.model.block(Profiles).by_name.values()
    return [[f"crypto isakmp profile {item.name}", *_lines(item)] for item in profiles]


def _lines(profile: Profile) -> Lines:
    """IOS indents the lines of a profile by three, and prints a blank behind an address."""
    lines = [f"description {profile.description}"] if profile.description else []
    lines += [f"vrf {profile.vrf}"] if profile.vrf else []
    lines += [f"keyring {name}" for name in profile.keyrings]
    lines += [f"self-identity {' '.join(profile.self_identity)}".rstrip()] if profile.self_identity else []
    lines += [f"ca trust-point {name}" for name in profile.trustpoints]
    lines += [f"match identity address {item.address} {item.mask} {item.vrf}" for item in profile.addresses]
    lines += [f"match identity {kind} {name}" for kind, name in profile.names]
    lines += [f"match certificate {name}" for name in profile.certificate_maps]
    if profile.keepalive is not None:
        lines.append(f"keepalive {profile.keepalive.interval} retry {profile.keepalive.retry}")
    lines += ["initiate mode aggressive"] if profile.aggressive else []
    lines += [f"local-address {profile.local}"] if profile.local else []
    return [f"   {line}" for line in lines + profile.kept.lines()]


SECTION = Section(Place.ISAKMP_PROFILE, _paragraphs)

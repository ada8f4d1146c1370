"""`crypto isakmp peer`: aggressive mode towards single peers."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandTable, Context, Mode
from iosemu.engines.common import Endpoint
from iosemu.features.accounts.master_key import CLEAR, SEALED, Change, stored
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
CONFIG_PEER = Mode("config-isakmp-peer", "(config-isakmp-peer)", "Peer configuration commands:", CONFIG)


@dataclass(repr=False)
class Peer:
    """One peer, by `address` or `hostname`. `endpoint` is how we call ourselves towards it: ipv4-address, fqdn or
    user-fqdn, and the value."""

    by: str
    name: str
    vrf: str = ""
    description: str | None = None
    endpoint: tuple[str, str] | None = None
    password: tuple[str, str] | None = None

    def __repr__(self) -> str:
        return f"Peer({self.by} {self.name})"

    @property
    def initiates_aggressive(self) -> bool:
        """Whether phase 1 with the peer begins in aggressive mode."""
        return self.endpoint is not None and self.password is not None


@dataclass
class Peers:
    """All peers by the word in front of their name, the name, and the VRF."""

    items: dict[tuple[str, str, str], Peer] = field(default_factory=dict)

    def change_keys(self, change: Change) -> None:
        """Pass each password through a function."""
        for peer in self.items.values():
            peer.password = change(*peer.password) if peer.password else None

    def at(self, remote: Endpoint) -> Peer | None:
        """The peer at an address."""
        return self.items.get(("address", str(remote.address), remote.vrf))


@TABLE.command(
    CONFIG,
    "crypto isakmp peer (address|hostname)$by WORD$name [vrf WORD$vrf]",
    """Encryption module
    Configure ISAKMP policy
    Set Peer Policy
    Peer by address
    Peer by name
    Address or name of the peer
    VRF that the peer is reached through
    Name of the VRF""",
    no="crypto isakmp peer (address|hostname)$by WORD$name [vrf WORD$vrf]",
)
def peer(ctx: Context, by: str, name: str, vrf: str = "") -> None:
    peers = ctx.router.model.block(Peers).items
    if ctx.negated:
        peers.pop((by, name, vrf), None)
    else:
        ctx.enter(CONFIG_PEER, peers.setdefault((by, name, vrf), Peer(by, name, vrf)))


@TABLE.command(CONFIG_PEER, "description LINE$text", "Specify a description of this peer\nText", no=ARGUMENTS_OPTIONAL)
def description(ctx: Context, text: str | None = None) -> None:
    ctx.target.description = None if ctx.negated else text


@TABLE.command(
    CONFIG_PEER,
    "set aggressive-mode client-endpoint (ipv4-address|fqdn|user-fqdn)$kind WORD$value",
    """Set values for aggressive mode
    Aggressive mode settings
    Identity that we send
    An IPv4 address
    A fully qualified domain name
    A name of the form user@domain
    The identity""",
    no=ARGUMENTS_OPTIONAL,
)
def client_endpoint(ctx: Context, kind: str = "", value: str = "") -> None:
    ctx.target.endpoint = None if ctx.negated else (kind, value)


@TABLE.command(
    CONFIG_PEER,
    "set aggressive-mode password [(0|6)$kind] WORD$key",
    """Set values for aggressive mode
    Aggressive mode settings
    Pre-shared key
    Specifies an UNENCRYPTED password will follow
    Specifies an ENCRYPTED password will follow
    The pre-shared key""",
    no=ARGUMENTS_OPTIONAL,
)
def password(ctx: Context, key: str = "", kind: str = CLEAR) -> None:
    ctx.target.password = None if ctx.negated else stored(ctx.router, kind, key)


def _paragraphs(router: Router) -> list[Lines]:
    return [_lines(item) for item in router.model.block(Peers).items.values()]


def _lines(peer: Peer) -> Lines:
    lines = [f"crypto isakmp peer {peer.by} {peer.name}" + (f" vrf {peer.vrf}" if peer.vrf else "")]
    lines += [f" description {peer.description}"] if peer.description else []
    if peer.password is not None:
        kind, key = peer.password
        lines.append(f" set aggressive-mode password {'6 ' if kind == SEALED else ''}{key}")
    lines += [f" set aggressive-mode client-endpoint {' '.join(peer.endpoint)}"] if peer.endpoint else []
    return lines


SECTION = Section(Place.ISAKMP_PROFILE, _paragraphs, 20)

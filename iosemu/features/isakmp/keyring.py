"""`crypto keyring`: pre-shared keys under a name, for a VRF, for an address of ours, or for the peers of a profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, CommandTable, Context, Mode
from iosemu.cli.kept import Kept, declare
from iosemu.features.accounts.master_key import Change, stored
from iosemu.features.isakmp.keys import ANYBODY, HOST_MASK, HostKey, PresharedKey, changed, secret_words
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
CONF_KEYRING = Mode("conf-keyring", "(conf-keyring)", "Crypto keyring configuration commands:", CONFIG)


@dataclass
class Keyring:
    """One keyring. `local` is the interface or address of ours that its keys are for; `kept` holds RSA public keys."""

    name: str
    vrf: str = ""
    description: str | None = None
    local: InterfaceName | IPv4Address | None = None
    keys: list[PresharedKey] = field(default_factory=list)
    host_keys: list[HostKey] = field(default_factory=list)
    kept: Kept = field(default_factory=Kept)


@dataclass
class Keyrings:
    """All keyrings by name."""

    by_name: dict[str, Keyring] = field(default_factory=dict)

    def change_keys(self, change: Change) -> None:
        """Pass each pre-shared key through a function."""
        for keyring in self.by_name.values():
            keyring.keys = changed(keyring.keys, change)
            keyring.host_keys = changed(keyring.host_keys, change)


@TABLE.command(
    CONFIG,
    "crypto keyring WORD$name [vrf WORD$vrf]",
    """Encryption module
    Key ring commands
    Name of the key ring
    VRF that the peers are reached through
    Name of the VRF""",
    no="crypto keyring WORD$name [vrf WORD$vrf]",
)
def keyring(ctx: Context, name: str, vrf: str = "") -> None:
    keyrings = ctx.router.model.block(Keyrings).by_name
    if ctx.negated:
        keyrings.pop(name, None)
        return
    found = keyrings.setdefault(name, Keyring(name))
    found.vrf = vrf or found.vrf
    ctx.enter(CONF_KEYRING, found)


@TABLE.command(CONF_KEYRING, "description LINE$text", "Specify a description\nText", no=ARGUMENTS_OPTIONAL)
def description(ctx: Context, text: str | None = None) -> None:
    ctx.target.description = None if ctx.negated else text


@TABLE.command(
    CONF_KEYRING,
    "local-address (A.B.C.D$address|INTERFACE$interface)",
    "Bind the keyring to a local address\nLocal IP address\nInterface whose address it is",
    no=ARGUMENTS_OPTIONAL,
)
def local_address(ctx: Context, address: IPv4Address | None = None, interface: InterfaceName | None = None) -> None:
    ctx.target.local = None if ctx.negated else address or interface


_ADDRESS_KEY = "pre-shared-key address A.B.C.D$address [A.B.C.D$mask]"


@TABLE.command(
    CONF_KEYRING,
    f"{_ADDRESS_KEY} key [(0|6)$kind] WORD$key",
    """Pre-shared key commands
    Specify an address of the peer
    Peer IP address
    Peer IP subnet mask
    Specify the key
    Specifies an UNENCRYPTED password will follow
    Specifies an ENCRYPTED password will follow
    The pre-shared key""",
    no=f"{_ADDRESS_KEY} [key [(0|6)$kind] WORD$key]",
)
def address_key(
    ctx: Context, address: IPv4Address, mask: IPv4Address | None = None, kind: str = "0", key: str = ""
) -> None:
    mask = mask if mask is not None else ANYBODY if address == ANYBODY else HOST_MASK
    keys = ctx.target.keys
    keys[:] = [item for item in keys if (item.address, item.mask) != (address, mask)]
    if not ctx.negated:
        kind, key = stored(ctx.router, kind, key)
        keys.append(PresharedKey(key, address, mask, kind))


@TABLE.command(
    CONF_KEYRING,
    "pre-shared-key hostname WORD$host key [(0|6)$kind] WORD$key",
    """Pre-shared key commands
    Specify a name of the peer
    Name that the peer calls itself
    Specify the key
    Specifies an UNENCRYPTED password will follow
    Specifies an ENCRYPTED password will follow
    The pre-shared key""",
    no="pre-shared-key hostname WORD$host [key [(0|6)$kind] WORD$key]",
)
def host_key(ctx: Context, host: str, kind: str = "0", key: str = "") -> None:
    keys = ctx.target.host_keys
    keys[:] = [item for item in keys if item.host != host]
    if not ctx.negated:
        kind, key = stored(ctx.router, kind, key)
        keys.append(HostKey(key, host, kind))


declare(
    TABLE,
    CONF_KEYRING,
    lambda ctx: ctx.target.kept,
    """
rsa-pubkey LINE > config-pubkey-key
 address = A.B.C.D
 key-string > config-pubkey body quit
""",
)


def _paragraphs(router: Router) -> list[Lines]:
    return [_lines(item) for item in router.model.block(Keyrings).by_name.values()]


def _lines(keyring: Keyring) -> Lines:
    # Where there is no VRF, IOS prints two blanks behind the name.
    lines = [f"crypto keyring {keyring.name} " + (f"vrf {keyring.vrf}" if keyring.vrf else " ")]
    lines += [f"  description {keyring.description}"] if keyring.description else []
    lines += [f"  local-address {keyring.local}"] if keyring.local else []
    for key in keyring.keys:
        mask = "" if key.mask == HOST_MASK else f" {key.mask}"
        lines.append(f"  pre-shared-key address {key.address}{mask} key {' '.join(secret_words(key))}")
    for host in keyring.host_keys:
        lines.append(f"  pre-shared-key hostname {host.host} key {' '.join(secret_words(host))}")
    return lines + keyring.kept.lines("  ")


SECTION = Section(Place.KEYRING, _paragraphs)

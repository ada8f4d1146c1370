"""crypto key pubkey-chain rsa: the public keys of others, entered by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CONFIG, PRIV_EXEC, CommandError, CommandTable, Context, Mode, Session
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.rsa import RsaPublicKey
from iosemu.features.crypto_keys.show import hex_rows
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
QUIT = "quit"
ADDRESSED, NAMED = "addressed-key", "named-key"
# How shows name what a key is for.
_USAGES = {"": "General", "signature": "Signing", "encryption": "Encryption"}


@dataclass
class PeerKey:
    """A key of somebody: `spki` is DER, empty where the text that was entered is no key; then `text` keeps it."""

    kind: str
    name: str
    usage: str = ""
    address: IPv4Address | None = None
    spki: bytes = b""
    text: list[str] = field(default_factory=list)

    @property
    def opening(self) -> str:
        """The line that opens the block."""
        return f"{self.kind} {self.name} {self.usage}".rstrip()


@dataclass
class PubkeyChain:
    """All keys by their opening lines."""

    keys: dict[str, PeerKey] = field(default_factory=dict)


CHAIN = Mode("pubkey-chain", "(config-pubkey-chain)", "Public key chain commands:", CONFIG)
PUBKEY = Mode("pubkey", "(config-pubkey-key)", "Public key commands:", CHAIN)


def pubkey_chain(ctx: Context) -> None:
    if ctx.negated:
        ctx.router.model.block(PubkeyChain).keys.clear()
    else:
        ctx.enter(CHAIN, None)


_CHAIN_HELP = """Encryption module
Long term key operations
Peer public key chain management
RSA public keys"""
TABLE.command(CONFIG, "crypto key pubkey-chain rsa", _CHAIN_HELP, no=ARGUMENTS_OPTIONAL)(pubkey_chain)


def _open(ctx: Context, item: PeerKey) -> None:
    keys = ctx.router.model.block(PubkeyChain).keys
    if ctx.negated:
        keys.pop(item.opening, None)
    else:
        ctx.enter(PUBKEY, keys.setdefault(item.opening, item))


def addressed_key(ctx: Context, address: IPv4Address, usage: str = "") -> None:
    _open(ctx, PeerKey(ADDRESSED, str(address), usage, address))


def named_key(ctx: Context, name: str, usage: str = "") -> None:
    _open(ctx, PeerKey(NAMED, name, usage))


_USAGE = "[(encryption|signature)$usage]"
_USAGE_HELP = "Key is used for encryption\nKey is used for signatures"
for _spec, _help, _handler in (
    (f"{ADDRESSED} A.B.C.D$address {_USAGE}", f"Key of an address\nIP address\n{_USAGE_HELP}", addressed_key),
    (f"{NAMED} WORD$name {_USAGE}", f"Key of a name\nName\n{_USAGE_HELP}", named_key),
):
    TABLE.command(CHAIN, _spec, _help, no=_spec)(_handler)


def address(ctx: Context, address: IPv4Address | None = None) -> None:
    ctx.target.address = None if ctx.negated else address


TABLE.command(PUBKEY, "address A.B.C.D$address", "Address of the peer\nIP address", no=ARGUMENTS_OPTIONAL)(address)


@dataclass(slots=True)
class _Reader:
    """Collects the lines of a key, up to `quit`."""

    session: Session
    key: PeerKey
    lines: list[str] = field(default_factory=list)
    end: str = QUIT

    def take(self, line: str) -> None:
        if line.strip() != QUIT:
            self.lines.append(line)
            return
        try:
            spki = bytes.fromhex("".join("".join(self.lines).split()))
            RsaPublicKey.from_spki(spki)
            self.key.spki, self.key.text = spki, []
        except (ValueError, CryptoError):
            # A save must not lose what was loaded.
            self.key.spki, self.key.text = b"", self.lines
        self.session.unwind(self.session.depth - 1)


def _take(reader: _Reader, line: str) -> None:
    reader.take(line)


READING = Mode("pubkey-string", "(config-pubkey)", "", PUBKEY, raw=_take, verbatim=True)


def key_string(ctx: Context) -> None:
    if ctx.negated:
        ctx.target.spki, ctx.target.text = b"", []
    else:
        ctx.enter(READING, _Reader(ctx.session, ctx.target))


TABLE.command(PUBKEY, "key-string", "Set the key in hexadecimal; quit ends it", no=ARGUMENTS_OPTIONAL)(key_string)


def _block(item: PeerKey) -> Lines:
    lines = [f" {item.opening}"]
    lines += [f"  address {item.address}"] if item.address is not None else []
    if item.spki or item.text:
        body = [f"   {row}" for row in hex_rows(item.spki)] if item.spki else item.text
        lines += ["  key-string", *body, "   quit"]
    return lines


def _paragraphs(router: Router) -> list[Lines]:
    keys = router.model.block(PubkeyChain).keys.values()
    return [["crypto key pubkey-chain rsa", *(line for item in keys for line in _block(item))]] if keys else []


SECTION = Section(Place.PKI, _paragraphs, 80)


def show_chain(ctx: Context) -> str:
    rows = ["Codes: M - Manually configured, C - Extracted from certificate", ""]
    rows.append("Code Usage         IP-Address/VRF         Keyring          Name")
    for item in ctx.router.model.block(PubkeyChain).keys.values():
        name = item.name if item.kind == NAMED else ""
        rows.append(f"M    {_USAGES[item.usage]:<14}{item.address or ''!s:<23}{'default':<17}{name}".rstrip())
    return "".join(f"{row}\n" for row in rows)


def show_key(ctx: Context, name: str = "", address: IPv4Address | None = None) -> str:
    keys = ctx.router.model.block(PubkeyChain).keys.values()
    found = [item for item in keys if (item.address == address if address is not None else item.name == name)]
    if not found:
        raise CommandError("% No such key")
    rows = []
    for item in found:
        rows += [
            f" Key name: {item.name if item.kind == NAMED else ''}".rstrip(),
            f" Key address: {item.address or ''}",
        ]
        rows += [f" Usage: {_USAGES[item.usage]} Key", " Source: Manually entered", " Data:"]
        rows += [f"  {row}" for row in hex_rows(item.spki)] + [""]
    return "".join(f"{row}\n" for row in rows)


_SHOW = "Show running system information\n" + _CHAIN_HELP.replace(
    "Long term key operations", "Show long term public keys"
)
TABLE.command(PRIV_EXEC, "show crypto key pubkey-chain rsa", _SHOW)(show_chain)
TABLE.command(
    PRIV_EXEC,
    "show crypto key pubkey-chain rsa (name WORD$name|address A.B.C.D$address)",
    f"{_SHOW}\nKeys of a name\nName\nKeys of an address\nIP address",
)(show_key)

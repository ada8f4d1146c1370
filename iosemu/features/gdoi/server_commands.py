"""The lines of `server local` and `sa ipsec`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.cli import ARGUMENTS_OPTIONAL, CommandError, CommandTable, Context
from iosemu.cli.kept import declare
from iosemu.features.gdoi.config import (
    DEFAULT_REPLAY_WINDOW,
    DEFAULT_RETRANSMIT,
    DEFAULT_TIME_WINDOW,
    LOCAL_SERVER,
    SA_IPSEC,
    SERVER_ID,
    GdoiGroups,
    SaIpsec,
)
from iosemu.router.names import InterfaceName

TABLE = CommandTable()
_REKEY = "Rekey parameters\n"
SMALL_KSSID = 127


@TABLE.command(
    LOCAL_SERVER,
    "address ipv4 A.B.C.D$address",
    "Local address of the key server\nIPv4 address\nLocal address",
    no=ARGUMENTS_OPTIONAL,
)
def address(ctx: Context, address: IPv4Address | None = None) -> None:
    ctx.target.address = None if ctx.negated else address


@TABLE.command(
    LOCAL_SERVER,
    "rekey algorithm (3des-cbc$cipher|des-cbc$cipher|aes$cipher [(128|192|256)$bits])",
    _REKEY
    + """Rekey encryption algorithm
    Three key triple DES in CBC mode
    DES in CBC mode
    AES in CBC mode
    128 bit keys
    192 bit keys
    256 bit keys""",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_algorithm(ctx: Context, cipher: str = "3des-cbc", bits: str = "128") -> None:
    ctx.target.rekey_algorithm = "3des-cbc" if ctx.negated else f"aes {bits}" if cipher == "aes" else cipher


@TABLE.command(
    LOCAL_SERVER,
    "rekey sig-hash algorithm (sha|sha256|sha384|sha512)$name",
    _REKEY
    + """Hash of the signatures
    Hash algorithm
    SHA-1
    SHA-256
    SHA-384
    SHA-512""",
    no=ARGUMENTS_OPTIONAL,
)
def sig_hash(ctx: Context, name: str = "sha") -> None:
    ctx.target.sig_hash = "sha" if ctx.negated else name


@TABLE.command(
    LOCAL_SERVER,
    "rekey lifetime (seconds <300-2592000>$seconds|days <1-30>$days)",
    _REKEY + "Lifetime of the rekey key\nTime-based lifetime\nSeconds\nTime-based lifetime in days\nDays",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_lifetime(ctx: Context, seconds: int | None = None, days: int | None = None) -> None:
    ctx.target.rekey_lifetime = None if ctx.negated else seconds if days is None else days * 86400


@TABLE.command(
    LOCAL_SERVER,
    "rekey retransmit <10-60>$interval [(number <1-10>$number|periodic$periodic)]",
    _REKEY
    + """Retransmission of rekeys
    Seconds between retransmissions
    Number of retransmissions
    Number
    Remind those who do not acknowledge for as long as the keys live""",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_retransmit(
    ctx: Context,
    interval: int = DEFAULT_RETRANSMIT[0],
    number: int = DEFAULT_RETRANSMIT[1],
    periodic: str | None = None,
) -> None:
    ctx.target.retransmit = DEFAULT_RETRANSMIT if ctx.negated else (interval, number)
    ctx.target.retransmit_periodic = bool(periodic) and not ctx.negated


@TABLE.command(
    LOCAL_SERVER,
    "rekey address ipv4 WORD$acl",
    _REKEY + "Source and destination of multicast rekeys\nIPv4 address\nExtended access list",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_address(ctx: Context, acl: str | None = None) -> None:
    ctx.target.rekey_acl = None if ctx.negated else acl


@TABLE.command(
    LOCAL_SERVER,
    "rekey authentication mypubkey rsa WORD$label",
    _REKEY + "Authentication of rekeys\nSign with a key of this router\nRSA key\nKey label",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_authentication(ctx: Context, label: str | None = None) -> None:
    ctx.target.rsa_label = None if ctx.negated else label


@TABLE.command(
    LOCAL_SERVER,
    "rekey transport unicast",
    _REKEY + "Transport of rekeys\nOne message per member",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_transport(ctx: Context) -> None:
    ctx.target.unicast = not ctx.negated


@TABLE.command(
    LOCAL_SERVER,
    "rekey acknowledgement (cisco|interoperable|any)$style",
    _REKEY + "Acknowledgement of rekeys\nAmong routers of one make\nAs RFC 8263 says\nEither of them",
    no=ARGUMENTS_OPTIONAL,
)
def rekey_acknowledgement(ctx: Context, style: str = "cisco") -> None:
    ctx.target.acknowledgement = "cisco" if ctx.negated else style


@TABLE.command(
    LOCAL_SERVER,
    "authorization address ipv4 WORD$acl",
    "Authorization of members\nBy address\nIPv4 address\nStandard access list",
    no=ARGUMENTS_OPTIONAL,
)
def authorization(ctx: Context, acl: str | None = None) -> None:
    ctx.target.authorization = None if ctx.negated else acl


@TABLE.command(
    LOCAL_SERVER,
    "authorization identity WORD$name",
    "Authorization of members\nBy the identity of phase 1\nName of a crypto identity",
    no=ARGUMENTS_OPTIONAL,
)
def authorization_identity(ctx: Context, name: str | None = None) -> None:
    ctx.target.identity_list = None if ctx.negated else name


@TABLE.command(
    LOCAL_SERVER,
    "registration interface INTERFACE$interface",
    "Registration of members\nWhere it is taken\nInterface name",
    no=ARGUMENTS_OPTIONAL,
)
def registration_interface(ctx: Context, interface: InterfaceName | None = None) -> None:
    ctx.target.registration_interface = None if ctx.negated else interface


@TABLE.command(LOCAL_SERVER, "identifier", "Numbers of this key server in sender IDs", no=ARGUMENTS_OPTIONAL)
def identifier(ctx: Context) -> None:
    if ctx.negated:
        ctx.target.identifier = None
        return
    ctx.target.identifier = ctx.target.identifier or []
    ctx.enter(SERVER_ID, ctx.target)


@TABLE.command(
    SERVER_ID,
    "range <0-511>$first - <0-511>$last",
    "A range of KSSIDs\nFirst number\nUp to\nLast number",
    no="range <0-511>$first - <0-511>$last",
)
def identifier_range(ctx: Context, first: int, last: int) -> None:
    _assign(ctx, first, last)


@TABLE.command(SERVER_ID, "value <0-511>$number", "One KSSID\nNumber", no="value <0-511>$number")
def identifier_value(ctx: Context, number: int) -> None:
    _assign(ctx, number, number)


def _assign(ctx: Context, first: int, last: int) -> None:
    if last < first:
        raise CommandError("% Invalid range: the last KSSID is lower than the first one.\n")
    if last > SMALL_KSSID and ctx.target.group_size != "large" and not ctx.session.loading:
        raise CommandError(f"% KSSIDs above {SMALL_KSSID} need group size large.\n")
    ranges = [item for item in ctx.target.identifier or [] if item != (first, last)]
    ctx.target.identifier = ranges if ctx.negated else sorted([*ranges, (first, last)])


@TABLE.command(
    LOCAL_SERVER,
    "sa receive-only",
    "Security association\nMembers decrypt, and send in clear",
    no=ARGUMENTS_OPTIONAL,
)
def receive_only(ctx: Context) -> None:
    ctx.target.receive_only = not ctx.negated


@TABLE.command(
    LOCAL_SERVER,
    "group size (small$size (8|12|16)$bits|(medium|large)$size)",
    """Number of senders with counter mode
    Size of the group
    Small group
    8 bit sender IDs
    12 bit sender IDs
    16 bit sender IDs
    24 bit sender IDs
    32 bit sender IDs""",
    no=ARGUMENTS_OPTIONAL,
)
def group_size(ctx: Context, size: str | None = None, bits: str | None = None) -> None:
    ctx.target.group_size = None if ctx.negated else " ".join(word for word in (size, bits) if word)


@TABLE.command(
    LOCAL_SERVER,
    "sa ipsec <1-65535>$number",
    "Security association\nIPsec SA\nSequence number",
    no="sa ipsec <1-65535>$number",
)
def sa_ipsec(ctx: Context, number: int) -> None:
    sas: dict[int, SaIpsec] = ctx.target.sas
    if ctx.negated:
        sas.pop(number, None)
    else:
        ctx.enter(SA_IPSEC, sas.setdefault(number, SaIpsec(number)))


@TABLE.command(SA_IPSEC, "profile WORD$name", "IPsec profile of the SA\nProfile name", no=ARGUMENTS_OPTIONAL)
def profile(ctx: Context, name: str | None = None) -> None:
    ctx.target.profile = None if ctx.negated else name


@TABLE.command(
    SA_IPSEC,
    "match address ipv4 WORD$acl",
    "Traffic to protect\nBy addresses\nIPv4\nExtended access list",
    no=ARGUMENTS_OPTIONAL,
)
def match_address(ctx: Context, acl: str | None = None) -> None:
    _refuse_other_family(ctx, ipv6=False)
    ctx.target.acl = None if ctx.negated else acl


@TABLE.command(
    SA_IPSEC,
    "replay counter window-size (64|128|256|512|1024)$size",
    """Replay protection
    By sequence numbers
    Size of the window
    64 packets
    128 packets
    256 packets
    512 packets
    1024 packets""",
    no="replay",
)
def replay(ctx: Context, size: str = str(DEFAULT_REPLAY_WINDOW)) -> None:
    ctx.target.replay_window = int(size) if not ctx.negated or ctx.defaulted else None
    ctx.target.replay_time = None


@TABLE.command(
    SA_IPSEC,
    "replay time [window-size <1-100>$seconds]",
    "Replay protection\nBy time\nSize of the window\nSeconds",
    no="replay time [window-size <1-100>$seconds]",
)
def replay_time(ctx: Context, seconds: int = DEFAULT_TIME_WINDOW) -> None:
    ctx.target.replay_window = DEFAULT_REPLAY_WINDOW
    ctx.target.replay_time = None if ctx.negated else seconds


@TABLE.command(
    SA_IPSEC,
    "match address ipv6 WORD$acl",
    "Traffic to protect\nBy addresses\nIPv6\nIPv6 access list",
    no=ARGUMENTS_OPTIONAL,
)
def match_address6(ctx: Context, acl: str | None = None) -> None:
    _refuse_other_family(ctx, ipv6=True)
    ctx.target.acl6 = None if ctx.negated else acl


def _refuse_other_family(ctx: Context, *, ipv6: bool) -> None:
    """A group protects traffic of one family."""
    for group in ctx.router.model.block(GdoiGroups).groups.values():
        mine = group.local is not None and any(sa is ctx.target for sa in group.local.sas.values())
        if mine and group.ipv6 != ipv6 and not ctx.negated:
            own, other = ("IPv6", "IPv4") if group.ipv6 else ("IPv4", "IPv6")
            raise CommandError(f"% Group {group.name} is an {own} group: an {other} access list cannot be used.")


@TABLE.command(SA_IPSEC, "tag cts sgt", "Inline tagging\nTrustSec\nSecurity group tag", no="tag [cts sgt]")
def tag(ctx: Context) -> None:
    ctx.target.tag = not ctx.negated


declare(
    TABLE,
    LOCAL_SERVER,
    lambda ctx: ctx.target.kept,
    """
registration periodic crl trustpoint = WORD
gdoi
gikev2 = WORD
pfs
sa d3p window sec = <1-100>
sa d3p window msec = <1000-100000>
sa pair-wise-keying [safety-limit <1-1000000>]
""",
)

"""`ip access-list`, `access-list`, and their entries."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

from iosemu.cli import CONFIG, CommandError, CommandTable, Context, Mode
from iosemu.features.acl.config import ANY, PROTOCOLS, TCP_PORTS, UDP_PORTS, AccessList, AccessLists, Entry, Match

TABLE = CommandTable()
STANDARD = Mode("ip-std-acl", "(config-std-nacl)", "Std Access List configuration commands:", CONFIG)
EXTENDED = Mode("ip-ext-acl", "(config-ext-nacl)", "Ext Access List configuration commands:", CONFIG)
STANDARD_NUMBERS = (*range(1, 100), *range(1300, 2000))


def _end_spec(side: str) -> str:
    """One end of an extended entry, every word bound to a name that begins with `side`."""
    ports = f"(eq|gt|lt|neq)${side}_operator WORD${side}_port"
    ports += f"|range${side}_range WORD${side}_first WORD${side}_last"
    return f"(any$any|host A.B.C.D${side}_host|A.B.C.D${side}_address A.B.C.D${side}_wildcard) [({ports})]"


_PROTOCOL = f"({'|'.join(sorted(PROTOCOLS))}|<0-255>)$protocol"
_EXTENDED = f"{_PROTOCOL} {_end_spec('source')} {_end_spec('destination')} [established$established] [log$log]"
_STANDARD = "(any$any|host A.B.C.D$source_host|A.B.C.D$source_address [A.B.C.D$source_wildcard]) [log$log]"

_END_HELP = """Any host
A single host
Host address
Address
Wildcard bits
Match only packets on a given port number
Match only packets with a greater port number
Match only packets with a lower port number
Match only packets not on a given port number
Port number or name
Match only packets in the range of port numbers
First port
Last port"""
_PROTOCOL_HELP = "\n".join(["An IP protocol"] * len(PROTOCOLS) + ["An IP protocol number"])
_EXTENDED_HELP = f"""{_PROTOCOL_HELP}
{_END_HELP}
{_END_HELP}
Match established connections
Log matches against this entry"""
_STANDARD_HELP = """Any source host
A single host address
Host address
Address to match
Wildcard bits
Log matches against this entry"""


@TABLE.command(
    CONFIG,
    "ip access-list (standard|extended)$kind WORD$name",
    """Global IP configuration subcommands
    Named access-list
    Standard Access List
    Extended Access List
    Access-list name or number""",
    no="ip access-list (standard|extended)$kind WORD$name",
)
def ip_access_list(ctx: Context, kind: str, name: str) -> None:
    lists = ctx.router.model.block(AccessLists)
    extended = kind == "extended"
    if ctx.negated:
        lists.lists.pop(name, None)
        return
    if name.isdigit() and (int(name) in STANDARD_NUMBERS) == extended:
        raise CommandError("% Invalid access list name.")
    found = lists.get(name, extended)
    if found.extended != extended:
        raise CommandError("% A named access list with this name already exists")
    ctx.enter(EXTENDED if extended else STANDARD, found)


def _match(side: str, protocol: int, words: dict[str, Any]) -> Match:
    address, wildcard = 0, ANY
    if host := words.get(f"{side}_host"):
        address, wildcard = int(host), 0
    elif given := words.get(f"{side}_address"):
        wildcard = int(words.get(f"{side}_wildcard") or IPv4Address(0))
        address = int(given) & ~wildcard & ANY
    names = {6: TCP_PORTS, 17: UDP_PORTS}.get(protocol)
    keys = [f"{side}_port"] if f"{side}_port" in words else [f"{side}_first", f"{side}_last"]
    ports = [words[key] for key in keys if key in words]
    if not ports:
        return Match(address, wildcard)
    if names is None:
        raise CommandError("% Invalid input detected at '^' marker.\n")
    operator = words.get(f"{side}_operator", "range")
    return Match(address, wildcard, operator, tuple(_port(port, names) for port in ports))


def _port(word: str, names: dict[str, int]) -> int:
    if word.isdigit() and int(word) <= 65535:
        return int(word)
    found = [number for name, number in names.items() if name.startswith(word.lower())]
    if word.lower() in names:
        return names[word.lower()]
    if len(found) != 1:
        raise CommandError("% Invalid input detected at '^' marker.\n")
    return found[0]


def _entry(action: str, words: dict[str, Any]) -> Entry:
    protocol = words.get("protocol", 0)
    number = PROTOCOLS[protocol] if isinstance(protocol, str) else protocol
    return Entry(
        words.get("sequence", 0),
        action == "permit",
        number,
        _match("source", number, words),
        _match("destination", number, words),
        bool(words.get("established")),
        bool(words.get("log")),
    )


def _apply(ctx: Context, target: AccessList, entry: Entry) -> None:
    if ctx.negated:
        target.remove(entry)
    else:
        target.add(entry)


def _entry_handler(action: str) -> Callable[..., None]:
    def handler(ctx: Context, **words: Any) -> None:
        _apply(ctx, ctx.target, _entry(action, words))

    return handler


def _numbered_handler(action: str, extended: bool) -> Callable[..., None]:
    def handler(ctx: Context, number: int, **words: Any) -> None:
        target = ctx.router.model.block(AccessLists).get(str(number), extended)
        _apply(ctx, target, _entry(action, words))

    return handler


def _remark(ctx: Context, text: str) -> None:
    _apply(ctx, ctx.target, Entry(0, remark=text))


def _declare() -> None:
    for action, text in (("permit", "Specify packets to forward"), ("deny", "Specify packets to reject")):
        for mode, spec, helps in ((EXTENDED, _EXTENDED, _EXTENDED_HELP), (STANDARD, _STANDARD, _STANDARD_HELP)):
            TABLE.command(mode, f"{action} {spec}", f"{text}\n{helps}", no=f"{action} {spec}")(_entry_handler(action))
        numbers = ((EXTENDED, "<100-199>", True), (EXTENDED, "<2000-2699>", True), (STANDARD, "<1-99>", False))
        for _, number, extended in numbers:
            spec, helps = (_EXTENDED, _EXTENDED_HELP) if extended else (_STANDARD, _STANDARD_HELP)
            head = f"Add an access list entry\nAccess list number\n{text}\n"
            TABLE.command(CONFIG, f"access-list {number}$number {action} {spec}", head + helps)(
                _numbered_handler(action, extended)
            )
    for mode in (EXTENDED, STANDARD):
        TABLE.command(mode, "remark LINE$text", "Access list entry comment\nComment", no="remark LINE$text")(_remark)


_declare()


@TABLE.command(
    CONFIG,
    "access-list <1-2699>$number",
    "Add an access list entry\nAccess list number",
    no="access-list <1-2699>$number",
)
def no_access_list(ctx: Context, number: int) -> None:
    if not ctx.negated:
        raise CommandError("% Incomplete command.\n")
    ctx.router.model.block(AccessLists).lists.pop(str(number), None)

"""The entries of access lists: their words, and the commands in the modes of named lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from iosemu.cli import CONFIG, CommandError, CommandTable, Context, Mode
from iosemu.features.acl.conditions import HELP, SPEC, TCP_HELP, TCP_SPEC, conditions
from iosemu.features.acl.config import ANY, AccessList, Entry, Match
from iosemu.features.acl.groups import require_group
from iosemu.features.acl.names import ICMP_MESSAGES, PROTOCOLS, TCP_PORTS, UDP_PORTS, port_number

TABLE = CommandTable()
STANDARD = Mode("ip-std-acl", "(config-std-nacl)", "Std Access List configuration commands:", CONFIG)
EXTENDED = Mode("ip-ext-acl", "(config-ext-nacl)", "Ext Access List configuration commands:", CONFIG)
ACTIONS = (("permit", "Specify packets to forward"), ("deny", "Specify packets to reject"))
_SEQUENCE = "<1-2147483647>$sequence"


@dataclass(frozen=True, slots=True)
class Body:
    """What follows the action, with its help texts."""

    spec: str
    helps: str


def _end(side: str) -> str:
    """One end of an entry, every word bound to a name that begins with `side`."""
    group = f"object-group WORD${side}_group"
    return f"(any$any|host A.B.C.D${side}_host|{group}|A.B.C.D${side}_address A.B.C.D${side}_wildcard)"


def ports_spec(side: str, more: str = "") -> str:
    """The words of an entry about the ports of one end."""
    single = f"(eq|gt|lt|neq)${side}_operator WORD${side}_port{more}"
    return f"[({single}|range${side}_range WORD${side}_first WORD${side}_last)]"


_END_HELP = "Any host\nA single host\nHost address\nNetwork object group\nName of the group\nAddress\nWildcard bits"
PORT_HELP = """Match only packets on a given port number
Match only packets with a greater port number
Match only packets with a lower port number
Match only packets not on a given port number
Port number or name
Match only packets in the range of port numbers
First port
Last port"""
# Several ports only at the end: behind the ports of the source stands an address.
_MORE_PORTS = tuple(f"destination_port_{letter}" for letter in "bcdefghij")
_MORE = "".join(f" [WORD${name}]" for name in _MORE_PORTS)
_PORTED = f"{_end('source')} {ports_spec('source')} {_end('destination')} {ports_spec('destination', _MORE)}"
MORE_HELP = "Port number or name\n" + "\n".join("Another port number or name" for _ in _MORE_PORTS)
_PORTED_HELP = f"{_END_HELP}\n{PORT_HELP}\n{_END_HELP}\n{PORT_HELP.replace('Port number or name', MORE_HELP)}"
_PLAIN = f"{_end('source')} {_end('destination')}"
_PLAIN_HELP = f"{_END_HELP}\n{_END_HELP}"
_LOG_HELP = "Log matches against this entry"
_OTHERS = sorted(PROTOCOLS.keys() - {"tcp", "udp", "icmp"})

EXTENDED_BODIES = (
    Body(
        f"tcp$protocol {_PORTED} {TCP_SPEC} {SPEC}",
        f"Transmission Control Protocol\n{_PORTED_HELP}\n{TCP_HELP}\n{HELP}",
    ),
    Body(f"udp$protocol {_PORTED} {SPEC}", f"User Datagram Protocol\n{_PORTED_HELP}\n{HELP}"),
    Body(
        f"icmp$protocol {_PLAIN} [({'|'.join(ICMP_MESSAGES)})$message|<0-255>$kind [<0-255>$code]] {SPEC}",
        "\n".join(
            [
                "Internet Control Message Protocol",
                _PLAIN_HELP,
                *("An ICMP message" for _ in ICMP_MESSAGES),
                "ICMP message type",
                "ICMP message code",
                HELP,
            ]
        ),
    ),
    Body(
        f"({'|'.join(_OTHERS)}|<0-255>)$protocol {_PLAIN} {SPEC}",
        "\n".join([*("An IP protocol" for _ in _OTHERS), "An IP protocol number", _PLAIN_HELP, HELP]),
    ),
    Body(
        f"object-group WORD$service {_PLAIN} {SPEC}",
        f"Service object group\nName of the group\n{_PLAIN_HELP}\n{HELP}",
    ),
)
STANDARD_BODY = Body(
    "(any$any|host A.B.C.D$source_host|A.B.C.D$source_address [A.B.C.D$source_wildcard]) [log$log]",
    f"Any source host\nA single host address\nHost address\nAddress to match\nWildcard bits\n{_LOG_HELP}",
)


def entry(action: str, words: dict[str, Any]) -> Entry:
    """An entry from its bound words; raises CommandError for a port that has no such name."""
    protocol = words.get("protocol", 0)
    number = PROTOCOLS[protocol] if isinstance(protocol, str) else protocol
    message: tuple[int, int | None] | None = None
    if "message" in words:
        message = ICMP_MESSAGES[words["message"]]
    elif "kind" in words:
        message = words["kind"], words.get("code")
    return Entry(
        words.get("sequence", 0),
        action == "permit",
        number,
        match_of("source", number, words),
        match_of("destination", number, words),
        words.get("log") or "",
        icmp=message,
        conditions=conditions(words),
        time_range=words.get("time_range"),
        service=words.get("service"),
        reflect=words.get("reflect"),
        reflect_timeout=words.get("reflect_timeout"),
    )


def match_of(side: str, protocol: int, words: dict[str, Any], everything: int = ANY) -> Match:
    """One end of an entry from its bound words; `everything` is the wildcard of any address. Raises CommandError."""
    address, wildcard = 0, everything
    if host := words.get(f"{side}_host"):
        address, wildcard = int(host), 0
    elif given := words.get(f"{side}_address"):
        wildcard = int(words.get(f"{side}_wildcard") or IPv4Address(0))
        address = int(given) & ~wildcard
    single = [f"{side}_port", *(name for name in _MORE_PORTS if name.startswith(side))]
    keys = single if f"{side}_port" in words else [f"{side}_first", f"{side}_last"]
    names = TCP_PORTS if protocol == PROTOCOLS["tcp"] else UDP_PORTS
    ports = [_port(words[key], names) for key in keys if key in words]
    group = words.get(f"{side}_group")
    if not ports:
        return Match(address, wildcard, group=group)
    operator = words.get(f"{side}_operator", "range")
    if len(ports) > 1 and operator in ("gt", "lt"):
        raise CommandError(at=str(words[_MORE_PORTS[0]]))
    return Match(address, wildcard, operator, tuple(sorted(ports)), group)


def _port(word: str, names: dict[str, int]) -> int:
    number = port_number(word, names)
    if number is None:
        raise CommandError(at=word)
    return number


def check(ctx: Context, change: Entry) -> None:
    """Raises CommandError for an entry that names a group which is not there."""
    if change.service:
        require_group(ctx.router.model, "service", change.service)
    for match in (change.source, change.destination):
        if match.group:
            require_group(ctx.router.model, "network", match.group)


def apply(ctx: Context, change: Entry) -> None:
    """Enter an entry into the list that the mode is about, or remove it. Raises CommandError."""
    target: AccessList = ctx.target
    if not ctx.negated:
        check(ctx, change)
    if ctx.negated:
        target.remove(change)
        return
    if change.sequence and any(item.sequence == change.sequence and not item.same(change) for item in target.entries):
        raise CommandError("% Duplicate sequence number")
    target.add(change)


def _handler(action: str) -> Callable[..., None]:
    def handler(ctx: Context, **words: Any) -> None:
        apply(ctx, entry(action, words))

    return handler


def _numbered(ctx: Context, sequence: int, action: str | None = None, **words: Any) -> None:
    if action is not None:
        apply(ctx, entry(action, {"sequence": sequence, **words}))
    elif not ctx.target.remove_sequence(sequence):
        raise CommandError("% Sequence number does not exist")


def _remark(ctx: Context, text: str, sequence: int = 0) -> None:
    apply(ctx, Entry(sequence, remark=text))


def _declare(mode: Mode, bodies: tuple[Body, ...]) -> None:
    for body in bodies:
        for action, text in ACTIONS:
            TABLE.command(mode, f"{action} {body.spec}", f"{text}\n{body.helps}", no=f"{action} {body.spec}")(
                _handler(action)
            )
        helps = "\n".join(["Sequence Number", *(text for _, text in ACTIONS), body.helps])
        TABLE.command(mode, f"{_SEQUENCE} (permit|deny)$action {body.spec}", helps, no=_SEQUENCE)(_numbered)
    TABLE.command(mode, "remark LINE$text", "Access list entry comment\nComment", no="remark LINE$text")(_remark)
    TABLE.command(
        mode, f"{_SEQUENCE} remark LINE$text", "Sequence Number\nAccess list entry comment\nComment", no=_SEQUENCE
    )(_numbered_remark)


def _numbered_remark(ctx: Context, sequence: int, text: str | None = None) -> None:
    if text is None:
        _numbered(ctx, sequence)
    else:
        _remark(ctx, text, sequence)


def _evaluate(ctx: Context, name: str = "", sequence: int = 0) -> None:
    if name:
        apply(ctx, Entry(sequence, permit=True, evaluate=name))
    else:
        _numbered(ctx, sequence)


_EVALUATE_HELP = "Evaluate an access list\nIP reflexive access list name"
TABLE.command(EXTENDED, "evaluate WORD$name", _EVALUATE_HELP, no="evaluate WORD$name")(_evaluate)
TABLE.command(EXTENDED, f"{_SEQUENCE} evaluate WORD$name", f"Sequence Number\n{_EVALUATE_HELP}", no=_SEQUENCE)(
    _evaluate
)
_declare(EXTENDED, EXTENDED_BODIES)
_declare(STANDARD, (STANDARD_BODY,))

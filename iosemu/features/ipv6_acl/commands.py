"""`ipv6 access-list` and the entries of its mode."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Network
from typing import Any

from iosemu.cli import CONFIG, PRIV_EXEC, CommandError, CommandTable, Context, Mode
from iosemu.features.acl.config import Entry, Match
from iosemu.features.acl.entries import ACTIONS, PORT_HELP, apply, match_of, ports_spec
from iosemu.features.ipv6_acl.conditions import HELP, MESSAGES, SPEC, TCP_HELP, TCP_SPEC, conditions
from iosemu.features.ipv6_acl.config import ANY6, ANYWHERE, PROTOCOLS6, Ipv6AccessLists
from iosemu.features.ipv6_acl.traffic_filter import TrafficFilterService

TABLE = CommandTable()
IPV6_ACL = Mode("ipv6-acl", "(config-ipv6-acl)", "IPv6 Access List configuration commands:", CONFIG)
_SEQUENCE = "sequence <1-4294967294>$sequence"
_SEQUENCE_HELP = "Sequence number for this entry\nSequence number"
_LIST_HELP = "Global IPv6 configuration commands\nConfigure access lists\nName of the access list"


def _end(side: str) -> str:
    return f"(any$any|host X:X:X:X::X${side}_host|X:X:X:X::X/<0-128>${side}_prefix)"


_END_HELP = "Any host\nA single host\nHost address\nIPv6 prefix"
_PORTED = f"{_end('source')} {ports_spec('source')} {_end('destination')} {ports_spec('destination')}"
_PORTED_HELP = f"{_END_HELP}\n{PORT_HELP}\n{_END_HELP}\n{PORT_HELP}"
_PLAIN = f"{_end('source')} {_end('destination')}"
_PLAIN_HELP = f"{_END_HELP}\n{_END_HELP}"
_OTHERS = sorted(PROTOCOLS6.keys() - {"tcp", "udp", "icmp"})
BODIES = (
    (
        f"tcp$protocol {_PORTED} {TCP_SPEC} {SPEC}",
        f"Transmission Control Protocol\n{_PORTED_HELP}\n{TCP_HELP}\n{HELP}",
    ),
    (f"udp$protocol {_PORTED} {SPEC}", f"User Datagram Protocol\n{_PORTED_HELP}\n{HELP}"),
    (
        f"icmp$protocol {_PLAIN} [({'|'.join(MESSAGES)})$message|<0-255>$kind [<0-255>$code]] {SPEC}",
        "\n".join(
            [
                "Internet Control Message Protocol",
                _PLAIN_HELP,
                *("An ICMP message" for _ in MESSAGES),
                "ICMP message type",
                "ICMP message code",
                HELP,
            ]
        ),
    ),
    (
        f"({'|'.join(_OTHERS)}|<0-255>)$protocol {_PLAIN} {SPEC}",
        "\n".join([*("An IPv6 protocol" for _ in _OTHERS), "An IPv6 protocol number", _PLAIN_HELP, HELP]),
    ),
)


@TABLE.command(CONFIG, "ipv6 access-list WORD$name", _LIST_HELP, no="ipv6 access-list WORD$name")
def access_list(ctx: Context, name: str) -> None:
    lists = ctx.router.model.block(Ipv6AccessLists)
    if ctx.negated:
        lists.lists.pop(name, None)
    else:
        ctx.enter(IPV6_ACL, lists.get(name))


def entry(action: str, words: dict[str, Any]) -> Entry:
    """An entry from its bound words; raises CommandError for what has no such name."""
    protocol = words["protocol"]
    number = PROTOCOLS6[protocol] if isinstance(protocol, str) else protocol
    return Entry(
        words.get("sequence", 0),
        action == "permit",
        number,
        _match("source", number, words),
        _match("destination", number, words),
        words.get("log") or "",
        conditions=conditions(words),
        time_range=words.get("time_range"),
        reflect=words.get("reflect"),
        reflect_timeout=words.get("reflect_timeout"),
    )


def _match(side: str, protocol: int, words: dict[str, Any]) -> Match:
    prefix = words.get(f"{side}_prefix")
    if prefix is not None:
        network = IPv6Network(prefix, strict=False)
        ends = {f"{side}_address": network.network_address, f"{side}_wildcard": network.hostmask}
        words = {**words, **ends}
    return match_of(side, protocol, words, ANY6)


def _handler(action: str) -> Callable[..., None]:
    def handler(ctx: Context, **words: Any) -> None:
        apply(ctx, entry(action, words))

    return handler


def _numbered(ctx: Context, sequence: int, action: str | None = None, **words: Any) -> None:
    if action is not None:
        apply(ctx, entry(action, {**words, "sequence": sequence}))
    elif not ctx.target.remove_sequence(sequence):
        raise CommandError("% Sequence number does not exist")


def remark(ctx: Context, text: str = "", sequence: int = 0) -> None:
    if text:
        apply(ctx, Entry(sequence, remark=text))
    else:
        _numbered(ctx, sequence)


def evaluate(ctx: Context, name: str = "", sequence: int = 0) -> None:
    if name:
        apply(ctx, Entry(sequence, permit=True, source=ANYWHERE, destination=ANYWHERE, evaluate=name))
    else:
        _numbered(ctx, sequence)


def _declare() -> None:
    for spec, helps in BODIES:
        for action, text in ACTIONS:
            TABLE.command(IPV6_ACL, f"{action} {spec}", f"{text}\n{helps}", no=f"{action} {spec}")(_handler(action))
        texts = "\n".join([_SEQUENCE_HELP, *(text for _, text in ACTIONS), helps])
        # Where the number stands in front, it does not stand behind.
        front = spec.replace("|sequence <1-4294967294>$sequence", "")
        texts = texts.removesuffix("\nSequence number for this entry\nSequence number")
        TABLE.command(IPV6_ACL, f"{_SEQUENCE} (permit|deny)$action {front}", texts, no=_SEQUENCE)(_numbered)
    for spec, helps, handler in (
        ("remark LINE$text", "Access list entry comment\nComment", remark),
        ("evaluate WORD$name", "Evaluate an access list\nName of a reflexive list", evaluate),
    ):
        TABLE.command(IPV6_ACL, spec, helps, no=spec)(handler)
        TABLE.command(IPV6_ACL, f"{_SEQUENCE} {spec}", f"{_SEQUENCE_HELP}\n{helps}", no=_SEQUENCE)(handler)


_declare()


@TABLE.command(
    PRIV_EXEC,
    "clear ipv6 access-list [WORD$name]",
    "Reset functions\nClear IPv6\nReset access list counters\nAccess list name",
)
def clear_counters(ctx: Context, name: str | None = None) -> None:
    hits = ctx.router.service(TrafficFilterService).judge.hits
    for key in [key for key in hits if name in (None, key[0])]:
        del hits[key]

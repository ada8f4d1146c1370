"""Object groups and time ranges: what entries name instead of saying it themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from ipaddress import IPv4Address, summarize_address_range

from iosemu.cli import CONFIG, CommandError, CommandTable
from iosemu.cli.kept import Kept, declare
from iosemu.features.acl.config import ANY, Entry, Match
from iosemu.features.acl.names import ICMP_MESSAGES, PROTOCOLS, TCP_PORTS, UDP_PORTS, port_number
from iosemu.router.model import Model
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
OUTLINE = """
!object-group network WORD > config-network-group
 description = LINE
 !host A.B.C.D
 !range A.B.C.D A.B.C.D
 !any
 !group-object WORD
 !A.B.C.D A.B.C.D
!object-group service WORD > config-service-group
 description = LINE
 !tcp [LINE]
 !udp [LINE]
 !tcp-udp [LINE]
 !icmp [LINE]
 !ip
 !(esp|ahp|gre|ospf|eigrp|igmp|ipinip|pim|pcp|nos)
 !group-object WORD
 !<0-255>
"""
RANGES = """
!time-range WORD > config-time-range
 !absolute = LINE
 !periodic LINE
"""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPANS = {"daily": range(7), "weekdays": range(5), "weekend": range(5, 7)}
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
DEEPEST = 8


@dataclass
class Groups:
    """The blocks as they were entered."""

    objects: Kept = field(default_factory=Kept)
    ranges: Kept = field(default_factory=Kept)


declare(TABLE, CONFIG, lambda ctx: ctx.router.model.block(Groups).objects, OUTLINE)
declare(TABLE, CONFIG, lambda ctx: ctx.router.model.block(Groups).ranges, RANGES)


def _objects(router: Router) -> list[Lines]:
    return router.model.block(Groups).objects.paragraphs()


def _ranges(router: Router) -> list[Lines]:
    return router.model.block(Groups).ranges.paragraphs()


SECTIONS = (Section(Place.OBJECT_GROUP, _objects), Section(Place.EVENT, _ranges, 70))


def expanded(model: Model, entry: Entry) -> Iterator[Entry]:
    """An entry without groups for every way in which its groups can be met."""
    for protocol, icmp, ports in _services(model, entry):
        for source in _networks(model, entry.source):
            for destination in _networks(model, entry.destination):
                there = replace(destination, operator=ports[0], ports=ports[1]) if ports else destination
                yield replace(entry, protocol=protocol, icmp=icmp, source=source, destination=there)


def _lines(model: Model, kind: str, name: str, depth: int = 0) -> Iterator[list[str]]:
    """The lines of a group as words, those of the groups in it included."""
    item = model.block(Groups).objects.items.get(f"object-group {kind} {name}")
    for line in item.block.lines() if item is not None and item.block is not None else []:
        words = line.split()
        if words[0] != "group-object":
            yield words
        elif depth < DEEPEST:
            yield from _lines(model, kind, words[1], depth + 1)


def _networks(model: Model, match: Match) -> Iterator[Match]:
    if match.group is None:
        yield match
        return
    for words in _lines(model, "network", match.group):
        for address, wildcard in _addresses(words):
            yield replace(match, group=None, address=address, wildcard=wildcard)


def _addresses(words: list[str]) -> Iterator[tuple[int, int]]:
    """Address and wildcard of a line; groups have masks where entries have wildcards."""
    if words[0] == "host":
        yield int(IPv4Address(words[1])), 0
    elif words[0] == "any":
        yield 0, ANY
    elif words[0] == "range":
        first, last = sorted(IPv4Address(word) for word in words[1:3])
        for network in summarize_address_range(first, last):
            yield int(network.network_address), int(network.hostmask)
    elif words[0][0].isdecimal():
        wildcard = int(IPv4Address(words[1])) ^ ANY
        yield int(IPv4Address(words[0])) & ~wildcard & ANY, wildcard


_Ports = tuple[str, tuple[int, ...]]


def _services(model: Model, entry: Entry) -> Iterator[tuple[int, tuple[int, int | None] | None, _Ports | None]]:
    if entry.service is None:
        yield entry.protocol, entry.icmp, None
        return
    for words in _lines(model, "service", entry.service):
        if words[0] == "icmp":
            yield PROTOCOLS["icmp"], ICMP_MESSAGES.get(" ".join(words[1:])), None
        elif words[0] in ("tcp", "udp", "tcp-udp"):
            for name in words[0].split("-"):
                yield PROTOCOLS[name], None, _ports(name, words[1:])
        elif words[0].isdecimal() or words[0] in PROTOCOLS:
            yield int(words[0]) if words[0].isdecimal() else PROTOCOLS[words[0]], None, None


def _ports(protocol: str, words: list[str]) -> _Ports | None:
    names = TCP_PORTS if protocol == "tcp" else UDP_PORTS
    operator = words[0] if words and words[0] in ("eq", "gt", "lt", "neq", "range") else "eq"
    numbers = [port_number(word, names) for word in words if word != operator]
    found = tuple(sorted(number for number in numbers if number is not None))
    return (operator, found) if found else None


def active(model: Model, name: str, now: datetime) -> bool:
    """Whether a time range holds; one that does not exist, or says nothing, always does."""
    item = model.block(Groups).ranges.items.get(f"time-range {name}")
    lines = [line.split() for line in item.block.lines()] if item is not None and item.block is not None else []
    absolute = next((words for words in lines if words[0] == "absolute"), None)
    if absolute is not None and not _within(absolute[1:], now.replace(tzinfo=None)):
        return False
    periodic = [words[1:] for words in lines if words[0] == "periodic"]
    return not periodic or any(_recurs(words, now) for words in periodic)


def _within(words: list[str], now: datetime) -> bool:
    """`start HH:MM DAY MONTH YEAR end HH:MM DAY MONTH YEAR`, either of them alone too."""
    limits = {words[at]: _moment(words[at + 1 : at + 5]) for at in range(0, len(words) - 4, 5)}
    start, end = limits.get("start"), limits.get("end")
    return (start is None or start <= now) and (end is None or now <= end)


def _moment(words: list[str]) -> datetime | None:
    try:
        month = next(n for n, name in enumerate(MONTHS, 1) if name.startswith(words[2].lower()))
        return datetime.combine(datetime(int(words[3]), month, int(words[1])), _time(words[0]))
    except (ValueError, StopIteration, IndexError):
        return None


def _recurs(words: list[str], now: datetime) -> bool:
    """`DAYS HH:MM to [DAY] HH:MM`."""
    try:
        to = words.index("to")
        start, end = _time(words[to - 1]), _time(words[-1])
        days = _days(words[: to - 1])
        last = _days(words[to + 1 : -1])
    except ValueError:
        return False
    if not last:
        return now.weekday() in days and start <= now.time() <= end.replace(second=59, microsecond=999999)
    # From one day of the week to another one.
    position = now.weekday(), now.time()
    low, high = (min(days), start), (min(last), end)
    return low <= position <= high if low <= high else position >= low or position <= high


def _days(words: list[str]) -> set[int]:
    found: set[int] = set()
    for word in words:
        lower = word.lower()
        found |= set(SPANS.get(lower, ())) or {n for n, day in enumerate(DAYS) if day.startswith(lower)}
    return found


def _time(word: str) -> time:
    hours, _, minutes = word.partition(":")
    return time(int(hours), int(minutes))


def require_group(model: Model, kind: str, name: str) -> None:
    """Raises CommandError for a group that is not there."""
    if f"object-group {kind} {name}" not in model.block(Groups).objects.items:
        raise CommandError(f"object-group {name} does not exist")

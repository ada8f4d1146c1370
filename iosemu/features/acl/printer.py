"""Access lists as text."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.features.acl.config import ANY, AccessList, AccessLists, Entry, Match
from iosemu.features.acl.names import ICMP_MESSAGES, PROTOCOLS, TCP_PORTS, UDP_PORTS
from iosemu.features.system.config import SystemConfig
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

# From this release on the entries of named lists are printed with their numbers.
NUMBERED_SINCE = (16, 12)


def entry_text(entry: Entry, extended: bool, pad: bool = False) -> str:
    """An entry without its number; the running-config pads `deny` to the width of `permit`."""
    if entry.remark is not None:
        return f"remark {entry.remark}"
    if entry.evaluate is not None:
        return f"evaluate {entry.evaluate}"
    action = "permit" if entry.permit else "deny  " if pad else "deny"
    if not extended:
        return f"{action} {_standard(entry.source)}" + (f" {entry.log}" if entry.log else "")
    names = {number: name for name, number in PROTOCOLS.items()}
    protocol = names.get(entry.protocol, str(entry.protocol))
    words = [action, f"object-group {entry.service}" if entry.service else protocol]
    words += [_end(entry.source, entry.protocol), _end(entry.destination, entry.protocol)]
    words += [_message(entry.icmp)] if entry.icmp is not None else []
    words += [condition.text for condition in entry.conditions]
    words += [f"time-range {entry.time_range}"] if entry.time_range else []
    if entry.reflect:
        timeout = f" timeout {entry.reflect_timeout}" if entry.reflect_timeout else ""
        words.append(f"reflect {entry.reflect}{timeout}")
    return " ".join(words + ([entry.log] if entry.log else []))


def _standard(match: Match) -> str:
    if match.wildcard == ANY:
        return "any"
    address = str(IPv4Address(match.address))
    return address if match.wildcard == 0 else f"{address} {IPv4Address(match.wildcard)}"


def _end(match: Match, protocol: int) -> str:
    if match.group is not None:
        text = f"object-group {match.group}"
    elif match.wildcard == ANY:
        text = "any"
    elif match.wildcard == 0:
        text = f"host {IPv4Address(match.address)}"
    else:
        text = f"{IPv4Address(match.address)} {IPv4Address(match.wildcard)}"
    if not match.operator:
        return text
    names = {number: name for name, number in (TCP_PORTS if protocol == 6 else UDP_PORTS).items()}
    return " ".join([text, match.operator, *(names.get(port, str(port)) for port in match.ports)])


def _message(icmp: tuple[int, int | None]) -> str:
    names = {number: name for name, number in ICMP_MESSAGES.items()}
    kind, code = icmp
    return names.get(icmp, str(kind) if code is None else f"{kind} {code}")


def _named(router: Router, extended: bool) -> list[Lines]:
    lists = [
        item
        for item in router.model.block(AccessLists).lists.values()
        if item.extended == extended and not item.numbered
    ]
    word = "extended" if extended else "standard"
    numbers = router.model.block(SystemConfig).release >= NUMBERED_SINCE
    return [
        [f"ip access-list {word} {item.name}"]
        + [f" {_number(e, numbers)}{entry_text(e, extended, pad=True)}" for e in item.entries]
        for item in lists
    ]


def _number(entry: Entry, numbers: bool) -> str:
    return f"{entry.sequence} " if numbers else ""


def _numbered(router: Router) -> list[Lines]:
    lists = [item for item in router.model.block(AccessLists).lists.values() if item.numbered]
    return [[line for item in sorted(lists, key=lambda item: int(item.name)) for line in _numbered_lines(item)]]


def _numbered_lines(item: AccessList) -> list[str]:
    return [f"access-list {item.name} {entry_text(entry, item.extended, pad=True)}" for entry in item.entries]


def _reflexive(router: Router) -> list[Lines]:
    timeout = router.model.block(AccessLists).reflexive_timeout
    return [] if timeout is None else [[f"ip reflexive-list timeout {timeout}"]]


SECTIONS = (
    Section(Place.IP_GLOBAL, _reflexive, 80),
    Section(Place.ACL_STANDARD, lambda router: _named(router, False)),
    Section(Place.ACL_EXTENDED, lambda router: _named(router, True)),
    Section(Place.ACL_NUMBERED, _numbered),
)

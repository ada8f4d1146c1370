"""IPv6 access lists as text."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from iosemu.features.acl.config import STEP, AccessList, Entry, Match
from iosemu.features.acl.names import TCP_PORTS, UDP_PORTS
from iosemu.features.ipv6_acl.config import ANY6, PROTOCOLS6, Ipv6AccessLists
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section


def entry_text(entry: Entry) -> str:
    """An entry without its number."""
    if entry.remark is not None:
        return f"remark {entry.remark}"
    if entry.evaluate is not None:
        return f"evaluate {entry.evaluate}"
    names = {number: name for name, number in PROTOCOLS6.items()}
    words = ["permit" if entry.permit else "deny", names.get(entry.protocol, str(entry.protocol))]
    words += [end_text(entry.source, entry.protocol), end_text(entry.destination, entry.protocol)]
    words += [condition.text for condition in entry.conditions]
    words += [f"time-range {entry.time_range}"] if entry.time_range else []
    if entry.reflect:
        words += ["reflect", entry.reflect]
        words += [f"timeout {entry.reflect_timeout}"] if entry.reflect_timeout else []
    return " ".join(words + ([entry.log] if entry.log else []))


def end_text(match: Match, protocol: int) -> str:
    """One end of an entry with its ports."""
    if match.wildcard == ANY6:
        text = "any"
    elif match.wildcard == 0:
        text = f"host {str(IPv6Address(match.address)).upper()}"
    else:
        length = 128 - match.wildcard.bit_length()
        text = str(IPv6Network((match.address, length))).upper()
    if not match.operator:
        return text
    names = {number: name for name, number in (TCP_PORTS if protocol == 6 else UDP_PORTS).items()}
    return " ".join([text, match.operator, *(names.get(port, str(port)) for port in match.ports)])


def _lines(item: AccessList) -> Lines:
    """A number is printed where it is not the one that the entry would get anyway."""
    lines, expected = [f"ipv6 access-list {item.name}"], STEP
    for entry in item.entries:
        number = f"sequence {entry.sequence} " if entry.sequence != expected else ""
        lines.append(f" {number}{entry_text(entry)}")
        expected = entry.sequence + STEP
    return lines


def _paragraphs(router: Router) -> list[Lines]:
    return [_lines(item) for item in router.model.block(Ipv6AccessLists).lists.values()]


SECTION = Section(Place.ROUTE_MAP, _paragraphs, 90)

"""The running-config: printed from the model, section by section, in the order of IOS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from iosemu.router.model import Model

if TYPE_CHECKING:
    from iosemu.router.router import Router


class Place(IntEnum):
    """Where a section stands."""

    VERSION = 0
    PLATFORM = 1
    HOSTNAME = 2
    BOOT = 3
    VRF = 4
    LOGGING = 5
    ENABLE = 6
    AAA = 7
    IP_DHCP = 8
    IP_GLOBAL = 9
    FLOW = 10
    KEY_CHAIN = 11
    VOICE = 12
    PKI = 13
    LICENSE = 14
    ARCHIVE = 15
    SPANNING_TREE = 16
    OBJECT_GROUP = 17
    USERNAME = 18
    REDUNDANCY = 19
    IKEV2 = 20
    TRACK = 21
    CLASS_MAP = 22
    POLICY_MAP = 23
    ZONE = 24
    KEYRING = 25
    ISAKMP = 26
    ISAKMP_PROFILE = 27
    TRANSFORM_SET = 28
    IPSEC_PROFILE = 29
    GDOI_GROUP = 30
    CRYPTO_MAP = 31
    CONTROLLER = 32
    INTERFACE = 33
    ROUTER = 34
    IP_FORWARD = 35
    IP_HTTP = 36
    IP_NAT = 37
    IP_ROUTE = 38
    ACL_STANDARD = 39
    ACL_EXTENDED = 40
    PREFIX_LIST = 41
    LOGGING_TRAP = 42
    IPV6 = 43
    ROUTE_MAP = 44
    SNMP = 45
    TACACS = 46
    ACL_NUMBERED = 47
    CONTROL_PLANE = 48
    DIAL_PEER = 49
    BANNER = 50
    PRIVILEGE = 51
    ALIAS = 52
    LINE = 53
    SCHEDULER = 54
    NTP = 55
    EVENT = 56


# Several features share one paragraph here.
JOINED = (Place.VERSION, Place.IP_GLOBAL, Place.IP_HTTP)

Lines = list[str]


@dataclass(frozen=True, slots=True)
class Section:
    """A feature's part: paragraphs, each followed by `!`; an empty one prints nothing. `order` ranks the sections of
    one place."""

    place: Place
    paragraphs: Callable[[Router], Iterable[Lines]]
    order: int = 50


@dataclass(frozen=True, slots=True)
class Contribution:
    """Lines that a feature adds under an object of another one: `lines(model, name)`. `parent` names the kind of
    object, such as "interface"; lower orders come first."""

    parent: str
    order: int
    lines: Callable[[Model, str], Lines]


def contributed(router: Router, parent: str, name: str) -> Lines:
    """All lines that other features add under an object."""
    found = sorted((item for item in router.plugins.contributions if item.parent == parent), key=lambda i: i.order)
    return [line for item in found for line in item.lines(router.model, name)]


@dataclass(frozen=True, slots=True)
class Default:
    """A line that is not printed because it says what holds anyway; `show running-config all` prints it. It belongs to
    each block below opening lines that begin with `parents`, or, without any, to a `place`. `key` are the words that a
    line begins with that says otherwise; without them it is the whole line."""

    line: str
    parents: tuple[str, ...] = ()
    place: Place = Place.VERSION
    key: str = ""

    def overridden(self, lines: Iterable[str]) -> bool:
        """Whether one of the lines says what this one would say."""
        key = f"{self.key or self.line.removeprefix('no ')} "
        return any(f"{line.removeprefix('no ')} ".startswith(key) for line in lines)

    def belongs_to(self, openings: tuple[str, ...]) -> bool:
        """Whether the line stands below these opening lines."""
        pairs = zip(self.parents, openings, strict=False)
        return len(openings) == len(self.parents) and all(f"{line} ".startswith(f"{want} ") for want, line in pairs)


def _completed(lines: Lines, defaults: tuple[Default, ...], openings: tuple[str, ...] = ()) -> Lines:
    """Lines with the defaults of their blocks behind what is printed of them."""
    printed: Lines = []
    rest = list(lines)
    while rest:
        opening = rest.pop(0)
        block = []
        while rest and rest[0].startswith(" "):
            block.append(rest.pop(0)[1:])
        inner = (*openings, opening)
        body = _completed(block, defaults, inner)
        body += [item.line for item in defaults if item.belongs_to(inner) and not item.overridden(block)]
        printed += [opening, *(f" {line}" for line in body)]
    return printed


def _place_defaults(places: dict[Place, list[Lines]], defaults: tuple[Default, ...]) -> None:
    for place, found in places.items():
        places[place] = [_completed(lines, defaults) for lines in found]
    for item in defaults:
        found = places.setdefault(item.place, [])
        if not item.parents and not item.overridden(line for lines in found for line in lines):
            if not found:
                found.append([])
            found[0].append(item.line)


def print_running_config(router: Router, *, defaults: bool = False) -> str:
    """The whole text, from the first `!` to `end`, with a line feed behind each line. With `defaults` the lines that
    say what holds anyway are printed too."""
    lines = ["!"]
    places: dict[Place, list[Lines]] = {}
    for section in sorted(router.plugins.sections, key=lambda section: section.order):
        places.setdefault(section.place, []).extend(list(paragraph) for paragraph in section.paragraphs(router))
    if defaults:
        _place_defaults(places, router.plugins.defaults)
    for place in sorted(places):
        paragraphs = [paragraph for paragraph in places[place] if paragraph]
        if place in JOINED:
            paragraphs = [[line for paragraph in paragraphs for line in paragraph]] if paragraphs else []
        for paragraph in paragraphs:
            lines += [*paragraph, "!"]
    return "\n".join([*lines, "end", ""])

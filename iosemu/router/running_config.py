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
    HOSTNAME = 2
    BOOT = 3
    VRF = 4
    LOGGING = 5
    ENABLE = 6
    AAA = 7
    IP_GLOBAL = 8
    PKI = 9
    USERNAME = 10
    ISAKMP = 11
    TRANSFORM_SET = 12
    IPSEC_PROFILE = 13
    GDOI_GROUP = 14
    CRYPTO_MAP = 15
    INTERFACE = 16
    ROUTER = 17
    IP_ROUTE = 18
    IP_FORWARD = 19
    IP_HTTP = 20
    ACL_STANDARD = 21
    ACL_EXTENDED = 22
    LOGGING_TRAP = 23
    IPV6 = 24
    ACL_NUMBERED = 25
    CONTROL_PLANE = 26
    BANNER = 27
    LINE = 28
    NTP = 29


# Several features share one paragraph here.
JOINED = (Place.VERSION, Place.IP_GLOBAL)

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


def print_running_config(router: Router) -> str:
    """The whole text, from the first `!` to `end`, with a line feed behind each line."""
    lines = ["!"]
    places: dict[Place, list[Lines]] = {}
    for section in sorted(router.plugins.sections, key=lambda section: section.order):
        places.setdefault(section.place, []).extend(list(paragraph) for paragraph in section.paragraphs(router))
    for place in sorted(places):
        paragraphs = [paragraph for paragraph in places[place] if paragraph]
        if place in JOINED:
            paragraphs = [[line for paragraph in paragraphs for line in paragraph]] if paragraphs else []
        for paragraph in paragraphs:
            lines += [*paragraph, "!"]
    return "\n".join([*lines, "end", ""])

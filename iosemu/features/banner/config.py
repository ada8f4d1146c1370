"""`banner` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

KINDS = ("exec", "incoming", "login", "motd")
# The delimiter of saved configurations: two characters that stand for Ctrl-C.
DELIMITER = "^C"


@dataclass
class Banners:
    """Texts by kind, without their delimiters; a text that begins on a line of its own begins with a line feed."""

    texts: dict[str, str] = field(default_factory=dict)


def _paragraphs(router: Router) -> list[Lines]:
    texts = router.model.block(Banners).texts
    lines = [f"banner {kind} {DELIMITER}{texts[kind]}{DELIMITER}".split("\n") for kind in KINDS if kind in texts]
    return [[line for banner in lines for line in banner]]


SECTION = Section(Place.BANNER, _paragraphs)

"""`banner` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.features.dns.config import NamesConfig
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

KINDS = ("exec", "incoming", "login", "motd")
# The delimiter of saved configurations: two characters that stand for Ctrl-C.
DELIMITER = "^C"
# One of them is always free: a text that has them all is refused.
OTHER_DELIMITERS = "#~@%&*+=_;"


@dataclass
class Banners:
    """Texts by kind, without their delimiters; a text that begins on a line of its own begins with a line feed."""

    texts: dict[str, str] = field(default_factory=dict)

    def shown(self, router: Router, kind: str, line: int) -> str:
        """A banner with its tokens filled in, whole rows of it."""
        names = {"hostname": router.hostname, "domain": router.model.block(NamesConfig).domain or "", "line": str(line)}
        text = self.texts[kind]
        for name, value in names.items():
            text = text.replace(f"$({name})", value)
        return text if text.endswith("\n") else f"{text}\n"


def _paragraphs(router: Router) -> list[Lines]:
    texts = router.model.block(Banners).texts
    lines = [_banner(kind, texts[kind]).split("\n") for kind in KINDS if kind in texts]
    return [[line for banner in lines for line in banner]]


def _banner(kind: str, text: str) -> str:
    """A text that has the usual delimiter in it needs another one."""
    delimiter = next(item for item in (DELIMITER, *OTHER_DELIMITERS) if item not in text)
    return f"banner {kind} {delimiter}{text}{delimiter}"


SECTION = Section(Place.BANNER, _paragraphs)

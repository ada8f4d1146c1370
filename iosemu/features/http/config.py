"""`ip http` lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.cli import CONFIG, CommandTable
from iosemu.cli.kept import Kept, declare
from iosemu.router.names import InterfaceName, parse_name
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

TABLE = CommandTable()
DEFAULT_PORT, DEFAULT_CONNECTIONS = 80, 5
OUTLINE = """
!*ip http server
*ip http secure-server
!ip http authentication = LINE
ip http access-class = LINE
ip http timeout-policy = LINE
!ip http port = <0-65535>
ip http secure-port = <0-65535>
!ip http client source-interface = INTERFACE
ip http client LINE
ip http secure-trustpoint = WORD
!ip http path = WORD
!ip http max-connections = <1-16>
ip http secure-ciphersuite = LINE
ip http tls-version = WORD
"""


@dataclass
class HttpConfig:
    """The lines as they were entered."""

    kept: Kept = field(default_factory=Kept)

    @property
    def server(self) -> bool:
        """Whether the server runs."""
        return self._line("ip http server") == "ip http server"

    @property
    def secure_server(self) -> bool:
        """Whether the line of the server over TLS is there; it is not emulated."""
        return self._line("ip http secure-server") == "ip http secure-server"

    @property
    def port(self) -> int:
        """Where the server listens."""
        return int(self._value("ip http port") or DEFAULT_PORT)

    @property
    def connections(self) -> int:
        """How many are served at a time."""
        return int(self._value("ip http max-connections") or DEFAULT_CONNECTIONS)

    @property
    def authentication(self) -> str:
        """`enable`, `local` or `aaa`, with what stands behind it."""
        return self._value("ip http authentication") or "enable"

    @property
    def path(self) -> str:
        """Where the files are that it shows, such as `flash:`; empty where it shows none."""
        return self._value("ip http path")

    @property
    def access_class(self) -> str:
        """The access list of who may connect."""
        return self._value("ip http access-class")

    @property
    def source(self) -> InterfaceName | None:
        """The interface whose address the client uses."""
        return parse_name(self._value("ip http client source-interface"))

    def _line(self, words: str) -> str:
        item = self.kept.items.get(words)
        return item.line if item is not None else ""

    def _value(self, words: str) -> str:
        return self._line(words).removeprefix(words).strip()


declare(TABLE, CONFIG, lambda ctx: ctx.router.model.block(HttpConfig).kept, OUTLINE)


def _paragraphs(router: Router) -> list[Lines]:
    return router.model.block(HttpConfig).kept.paragraphs()


SECTION = Section(Place.IP_HTTP, _paragraphs)

"""`redundancy`: cooperative key servers as they are configured."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.router.running_config import Lines

DEFAULT_PRIORITY = 1


@dataclass
class Redundancy:
    """`redundancy`. Settings of None have their default; times are in seconds, `pdu` in octets."""

    priority: int = DEFAULT_PRIORITY
    peers: list[IPv4Address] = field(default_factory=list)
    version: str | None = None
    pdu: int | None = None
    periodic: int | None = None
    refresh: int | None = None
    retransmits: int | None = None

    def lines(self) -> Lines:
        """The block without its indentation."""
        values = (
            ("protocol version", self.version),
            ("protocol pdu", self.pdu),
            ("protocol timeout periodic", self.periodic),
            ("protocol timeout refresh", self.refresh),
            ("protocol retransmit", self.retransmits),
        )
        lines = [f"local priority {self.priority}"] if self.priority != DEFAULT_PRIORITY else []
        lines += [f"peer address ipv4 {peer}" for peer in self.peers]
        lines += [f"{words} {value}" for words, value in values if value is not None]
        return ["redundancy", *(f" {line}" for line in lines)]

"""Entries of the lists that say which traffic is protected, whoever keeps such a list: a group, a tunnel, a member."""

from __future__ import annotations

from dataclasses import dataclass

ANY_WILDCARD, ANY_WILDCARD6 = (1 << 32) - 1, (1 << 128) - 1


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One entry. Addresses and wildcards are numbers (a set wildcard bit matches anything) of 32 bits, or 128 where the
    entry is about IPv6; port 0 is any."""

    permit: bool
    protocol: int = 0
    source: int = 0
    source_wildcard: int = ANY_WILDCARD
    source_port: int = 0
    destination: int = 0
    destination_wildcard: int = ANY_WILDCARD
    destination_port: int = 0
    ipv6: bool = False

    @property
    def any_wildcard(self) -> int:
        """The wildcard of any address."""
        return ANY_WILDCARD6 if self.ipv6 else ANY_WILDCARD

    def matches(self, protocol: int, source: int, source_port: int, destination: int, destination_port: int) -> bool:
        """Whether a packet with these fields is meant; the ports of a packet without ports are -1."""
        return (
            (source ^ self.source) & ~self.source_wildcard == 0
            and (destination ^ self.destination) & ~self.destination_wildcard == 0
            and self.protocol in (0, protocol)
            and self.source_port in (0, source_port)
            and self.destination_port in (0, destination_port)
        )

    def mirrored(self) -> AclEntry:
        """The entry for the opposite direction."""
        return AclEntry(
            self.permit,
            self.protocol,
            self.destination,
            self.destination_wildcard,
            self.destination_port,
            self.source,
            self.source_wildcard,
            self.source_port,
            self.ipv6,
        )

"""How a router asks for the members of a segment."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

ROBUSTNESS = 2


@dataclass(frozen=True, slots=True)
class IgmpConfig:
    """Times in seconds. `static` are the groups that are forwarded whoever asks for them. `querier_timeout` is how long
    another querier is believed to be there, by default two intervals."""

    address: IPv4Address
    version: int = 2
    query_interval: int = 60
    configured_timeout: int | None = None
    max_response: int = 10
    last_member_interval: float = 1.0
    last_member_count: int = 2
    static: frozenset[IPv4Address] = frozenset()

    @property
    def querier_timeout(self) -> int:
        """After so many seconds without its queries another querier is gone."""
        return self.configured_timeout or 2 * self.query_interval

    @property
    def membership_time(self) -> int:
        """A group without reports is believed to have members for so long: three intervals, as IOS counts."""
        return (ROBUSTNESS + 1) * self.query_interval

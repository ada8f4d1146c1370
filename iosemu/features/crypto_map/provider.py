"""What the features behind the entries of crypto maps offer to the forwarding path and to the shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.engines.esp.verdict import Verdict
from iosemu.features.crypto_map.config import MapEntry
from iosemu.router.names import InterfaceName


class Guard(Protocol):
    """Protects and judges packets for an entry of a map, or for several that follow each other."""

    def outbound(self, packet: bytes, now: float, mtu: int) -> Verdict:
        """Judge a packet that is about to leave by an interface of an MTU; CLEAR leaves it to the next guard."""

    def inbound(self, packet: bytes, now: float) -> Verdict:
        """Judge a packet that came in; CLEAR leaves it to the next guard."""

    def knows(self, packet: bytes, now: float) -> bool | None:
        """Whether it has the SA of an ESP packet; None for a guard that keeps no SAs."""


class Provider(Protocol):
    """The feature behind a kind of entry. It registers with the path, and calls `install` when its guards change."""

    def guards(self, interface: InterfaceName, ipv6: bool) -> list[tuple[int, Guard]]:
        """What its entries for a family do on an interface, by sequence number."""

    def local_address(self, interface: InterfaceName, ipv6: bool) -> IPv4Address | None:
        """The address that these entries speak from; None without any."""

    def flows(self, interface: InterfaceName, ipv6: bool, detail: bool) -> list[FlowBlock]:
        """Their flows for `show crypto ipsec sa`."""

    def sessions(self, interface: InterfaceName, ipv6: bool, detail: bool) -> list[list[str]]:
        """Their sessions for `show crypto session`: the lines of each below `Interface:`."""

    def connections(self) -> list[Connection]:
        """Its data SAs for `show crypto engine connections active`."""

    def describe(self, name: str, entry: MapEntry) -> list[str] | None:
        """An entry of a map for `show crypto map`, below its heading; None for one of another kind."""


@dataclass(frozen=True, slots=True)
class FlowBlock:
    """The lines of a flow, with what `show crypto ipsec sa` can be narrowed by."""

    peer: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Connection:
    """One direction of an SA: algorithms as `AES256+SHA256`, packets, the last sequence number, the address shown."""

    connection_id: int
    algorithms: str
    encrypted: int
    decrypted: int
    sequence: int
    address: str


class ConnectionIds(Iterator[int]):
    """1, 3, 5 ...: an SA for receiving has such a number, that for sending the one behind it. `made` counts them."""

    def __init__(self) -> None:
        self.made = 0

    def __next__(self) -> int:
        self.made += 1
        return 2 * self.made - 1

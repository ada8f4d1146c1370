"""What happens to all packets of a flow: worked out by the router once, then applied by a worker."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from iosemu.router.names import InterfaceName


@dataclass(frozen=True, slots=True)
class Plan:
    """`egress` of None: the packet is ESP that `opener` opens. `head` is the frame's front up to the packet.

    `sealer` protects what leaves, if its policy says so; both are numbers of data planes. `number` is that of the plan
    where somebody counts its packets, 0 where nobody does.
    """

    egress: InterfaceName | None
    head: bytes = b""
    mtu: int = 0
    opener: int | None = None
    sealer: int | None = None
    until: float = inf
    number: int = 0

"""What the router and its workers, which are processes of their own, say to each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.sharing import Work
from iosemu.engines.esp.tunnel import DfRule
from iosemu.fastpath.handover import Punt
from iosemu.fastpath.lines import Passed
from iosemu.fastpath.plan import Plan
from iosemu.router.clock import Pace
from iosemu.router.names import InterfaceName

# The router


@dataclass(frozen=True, slots=True)
class Start:
    """The first message: the time to go by. It is answered by `Settled(0)`."""

    pace: Pace


@dataclass(frozen=True, slots=True)
class Attach:
    """Work with a device, whose descriptor comes with the message; whether it is read here too."""

    name: InterfaceName
    network: int
    mac: bytes
    reads: bool


@dataclass(frozen=True, slots=True)
class Detach:
    """Leave a device alone, and all flows to it."""

    name: InterfaceName


@dataclass(frozen=True, slots=True)
class Forget:
    """Ask the router again about every flow."""


@dataclass(frozen=True, slots=True)
class Follow:
    """A data plane has another policy or other keys. With the message comes a descriptor for each TEK: the memory that
    all share of its SA, with replay windows of a size where there are some."""

    plane: int
    policy: GroupPolicy
    df_rule: DfRule
    windows: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Unfollow:
    """A data plane is no more."""

    plane: int


@dataclass(frozen=True, slots=True)
class Learn:
    """How to treat the flow of a packet from now on; None where the router must see each one."""

    name: InterfaceName
    opened: bool
    packet: bytes
    plan: Plan | None


@dataclass(frozen=True, slots=True)
class Handled:
    """So many of the packets that were handed over are dealt with."""

    count: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Say when everything up to here is done."""

    number: int


@dataclass(frozen=True, slots=True)
class End:
    """Report, and be no more."""


Order = Start | Attach | Detach | Forget | Follow | Unfollow | Learn | Handled | Settle | End

# A worker


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer to `Settle`."""

    number: int


@dataclass(frozen=True, slots=True)
class Punts:
    """What the router must see."""

    punts: list[Punt]


@dataclass(frozen=True, slots=True)
class Report:
    """Counters since the last one: `work` by plane, `repeats` by plan; plans that are `gone` count no more."""

    passed: dict[InterfaceName, Passed]
    work: dict[int, Work]
    repeats: list[tuple[int, int]]
    gone: list[int]
    reasons: Counter[str]
    flows: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A device cannot be read any more, for a reason of errno(3)."""

    name: InterfaceName
    number: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A defect of this program has ended the worker."""

    text: str

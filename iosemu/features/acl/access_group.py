"""`ip access-group`: lists on the forwarding path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.cli import CommandTable, Context
from iosemu.features.acl.config import AccessLists
from iosemu.features.acl.ipv4 import Ipv4Family
from iosemu.features.acl.judge import Judge
from iosemu.features.interface.config import CONFIG_IF
from iosemu.router.interfaces import ACL_IN, ACL_OUT, Hook, Interface, Repeat
from iosemu.router.model import Model
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution

TABLE = CommandTable()


@TABLE.command(
    CONFIG_IF,
    "ip access-group WORD$name (in|out)$direction",
    """Interface Internet Protocol config commands
    Specify access control for packets
    Access-list name or number
    Inbound packets
    Outbound packets""",
    no="ip access-group [WORD$name] (in|out)$direction",
)
def ip_access_group(ctx: Context, direction: str, name: str = "") -> None:
    groups = ctx.router.model.block(AccessLists).groups.setdefault(str(ctx.target.name), {})
    if ctx.negated:
        groups.pop(direction, None)
    else:
        groups[direction] = name


def _lines(model: Model, interface: str) -> list[str]:
    groups = model.block(AccessLists).groups.get(interface, {})
    return [f" ip access-group {groups[direction]} {direction}" for direction in ("in", "out") if direction in groups]


CONTRIBUTION = Contribution("interface", 20, _lines)


@dataclass(frozen=True, slots=True)
class ListHook:
    """A list on an interface. On the way out what the router itself sends passes: IOS filters transit traffic only."""

    judge: Judge
    name: str
    # What tells that the router itself sends a packet, where those of others alone are judged.
    is_own: Callable[[bytes, Interface], bool] | None = None

    def __call__(self, packet: bytes, interface: Interface) -> list[bytes]:
        own = self.is_own is not None and self.is_own(packet, interface)
        return [packet] if own or self.judge.permits(self.name, packet, interface) else []

    def repeat(self, packet: bytes, interface: Interface) -> Repeat | None:
        """As the list does; see `FlowHook`."""
        return self.judge.repeat(self.name, packet)


class AccessGroupService:
    """Puts the lists on the interfaces."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.judge = Judge(router, Ipv4Family(router))

    def reconcile(self) -> None:
        """Set or remove the hooks of every interface."""
        block = self._router.model.block(AccessLists)
        self.judge.load(block.lists, block.reflexive_timeout)
        for interface in self._router.interfaces:
            wanted = block.groups.get(str(interface.name), {})
            place(self.judge, wanted, interface.input_hooks, interface.output_hooks, self.is_own)

    def stop(self) -> None:
        """Nothing runs."""

    def is_own(self, packet: bytes, interface: Interface) -> bool:
        """Whether the router itself sends a packet."""
        return self._router.ip.is_local_number(int.from_bytes(packet[12:16], "big"), interface.vrf)


def place(
    judge: Judge,
    wanted: dict[str, str],
    input_hooks: dict[int, Hook],
    output_hooks: dict[int, Hook],
    is_own: Callable[[bytes, Interface], bool],
) -> None:
    """Set or remove the hooks of an interface: `wanted` are lists by direction."""
    input_hooks.pop(ACL_IN, None)
    output_hooks.pop(ACL_OUT, None)
    if "in" in wanted:
        input_hooks[ACL_IN] = ListHook(judge, wanted["in"])
    if "out" in wanted:
        output_hooks[ACL_OUT] = ListHook(judge, wanted["out"], is_own)

"""`ip access-group`: lists on the forwarding path."""

from __future__ import annotations

from collections import Counter

from iosemu.cli import CommandTable, Context
from iosemu.engines.esp.policy import flow_of
from iosemu.features.acl.config import AccessLists, find
from iosemu.features.interface.config import CONFIG_IF
from iosemu.router.interfaces import ACL_IN, ACL_OUT, Hook, Interface
from iosemu.router.model import Model
from iosemu.router.router import Router
from iosemu.router.running_config import Contribution
from iosemu.wire import icmp

TABLE = CommandTable()


@TABLE.command(
    CONFIG_IF,
    "ip access-group WORD$name (in|out)$direction",
    """Interface Internet Protocol config commands
    Specify access control for packets
    Access-list name or number
    Inbound packets
    Outbound packets""",
    no="ip access-group WORD$name (in|out)$direction",
)
def ip_access_group(ctx: Context, name: str, direction: str) -> None:
    groups = ctx.router.model.block(AccessLists).groups.setdefault(str(ctx.target.name), {})
    if ctx.negated:
        groups.pop(direction, None)
    else:
        groups[direction] = name


def _lines(model: Model, interface: str) -> list[str]:
    groups = model.block(AccessLists).groups.get(interface, {})
    return [f" ip access-group {groups[direction]} {direction}" for direction in ("in", "out") if direction in groups]


CONTRIBUTION = Contribution("interface", 20, _lines)


class AccessGroupService:
    """Puts the lists on the interfaces and counts their matches, by list name and sequence number."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.hits: Counter[tuple[str, int]] = Counter()

    def reconcile(self) -> None:
        """Set or remove the hooks of every interface."""
        groups = self._router.model.block(AccessLists).groups
        for interface in self._router.interfaces:
            wanted = groups.get(str(interface.name), {})
            for direction, stage, hooks in (
                ("in", ACL_IN, interface.input_hooks),
                ("out", ACL_OUT, interface.output_hooks),
            ):
                if direction in wanted:
                    hooks[stage] = self._hook(wanted[direction])
                else:
                    hooks.pop(stage, None)

    def stop(self) -> None:
        """Nothing runs."""

    def _hook(self, name: str) -> Hook:
        def judge(packet: bytes, interface: Interface) -> list[bytes]:
            return [packet] if self._permits(name, packet, interface) else []

        return judge

    def _permits(self, name: str, packet: bytes, interface: Interface) -> bool:
        """A list that does not exist permits everything, one without a matching entry nothing."""
        found = find(self._router.model, name)
        if found is None or not found.entries:
            return True
        flow = flow_of(packet)
        for entry in found.entries:
            if entry.covers(packet, flow):
                self.hits[name, entry.sequence] += 1
                if entry.permit:
                    return True
                break
        code = icmp.ADMINISTRATIVELY_PROHIBITED
        self._router.ip.icmp.error(icmp.UNREACHABLE, code, packet, interface.address)
        return False

"""The `gdoi` entries of crypto maps, as the forwarding path and the shows of crypto maps see them."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.features.crypto_map.config import CryptoMaps, MapEntry
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.features.crypto_map.provider import Connection, FlowBlock, Guard
from iosemu.features.gdoi.configuration.config import GdoiGroups
from iosemu.features.gdoi.guard import Bypass, FailClose, GroupGuard
from iosemu.features.gdoi.members.membership import Membership
from iosemu.features.gdoi.members.memberships import access_list
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.shows import ipsec, session
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.interfaces import DEFAULT_MTU
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router


class GroupEntries:
    """Puts the data planes of the memberships on the path."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._role = router.service(MemberRole)
        self._path = router.service(CryptoPath)
        self._path.providers.append(self)

    def reconcile(self) -> None:
        """The memberships are as the model wants them: take them onto the path."""
        self._path.install()

    def stop(self) -> None:
        """Nothing runs."""

    def guards(self, interface: InterfaceName, ipv6: bool) -> list[tuple[int, Guard]]:
        """The memberships by the sequence numbers of the entries, behind what concerns the whole map."""
        name = self._router.model.block(CryptoMaps).of_family(ipv6).get(interface, "")
        memberships = [(key[2], item) for key, item in self._role.memberships.items() if key[:2] == (interface, name)]
        groups = self._router.model.block(GdoiGroups).groups
        bypass: list[tuple[int, Guard]] = []
        if not ipv6 and any(
            group in groups and groups[group].bypass_policy for group in (m.member.config.group for _, m in memberships)
        ):
            at = self._router.interfaces.get(interface)
            bypass.append((0, Bypass(self._router.ip, at.vrf if at else "")))
        planes = [(sequence, GroupGuard(item, self._role.data_error)) for sequence, item in memberships]
        return [*bypass, *self._fail_close(interface, name), *planes]

    def _fail_close(self, interface: InterfaceName, name: str) -> list[tuple[int, Guard]]:
        """The guard of an active `gdoi fail-close` block."""
        item = self._router.model.block(CryptoMaps).maps.get(name)
        if item is None or item.fail_close is None or not item.fail_close.active:
            return []
        entries = [item.entries[number] for number in sorted(item.entries) if item.entries[number].kind == "gdoi"]
        local = tuple(rule for entry in entries for rule in access_list(self._router, entry.local_acl, item.ipv6))
        rules = access_list(self._router, item.fail_close.acl, item.ipv6)
        numbers = [entry.sequence for entry in entries]
        return [(0, FailClose(local, rules, lambda: not self._role.are_open(interface, name, numbers)))]

    def local_address(self, interface: InterfaceName, ipv6: bool) -> IPv4Address | None:
        """The address of the first membership."""
        return next((item.member.config.local for item in self._on(interface, ipv6)), None)

    def flows(self, interface: InterfaceName, ipv6: bool, detail: bool) -> list[FlowBlock]:
        """One block per permit entry of each group."""
        found = self._router.interfaces.get(interface)
        mtu, now = (found.mtu6 if ipv6 else found.mtu) if found else DEFAULT_MTU, self._router.clock.now()
        blocks = [lines for item in self._on(interface, ipv6) for lines in ipsec.flows(item, mtu, detail, now)]
        return [FlowBlock("0.0.0.0", lines) for lines in blocks]

    def sessions(self, interface: InterfaceName, ipv6: bool, detail: bool) -> list[list[str]]:
        """One session per membership."""
        sas, now = self._router.service(IsakmpService).engine.sas, self._router.clock.now()
        return [session.session(item, sas, detail, now) for item in self._on(interface, ipv6)]

    def connections(self) -> list[Connection]:
        """Two rows per SA."""
        return [row for item in self._role.distinct for row in ipsec.connections(item)]

    def describe(self, name: str, entry: MapEntry) -> list[str] | None:
        """Group and servers of a `gdoi` entry."""
        if entry.kind != "gdoi":
            return None
        lines = [f"Group Name: {entry.group or ''}"]
        group = self._router.model.block(GdoiGroups).groups.get(entry.group or "")
        if group is not None:
            lines += [*group.identity_lines(), *group.server_lines()]
        return lines + (
            [f"Downloaded ACL merged behind local access-list {entry.local_acl}"] if entry.local_acl else []
        )

    def _on(self, interface: InterfaceName, ipv6: bool) -> list[Membership]:
        name = self._router.model.block(CryptoMaps).of_family(ipv6).get(interface, "")
        return [item for key, item in self._role.memberships.items() if key[:2] == (interface, name)]

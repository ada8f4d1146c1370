"""The `ipsec-isakmp` entries of crypto maps, as the forwarding path and the shows of crypto maps see them."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.ipsec.flows import FlowState
from iosemu.features.crypto_map.config import DYNAMIC, MapEntry
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.features.crypto_map.provider import Connection, FlowBlock, Guard
from iosemu.features.ipsec import show_map, shows
from iosemu.features.ipsec.role import TunnelRole
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire.isakmp import ISAKMP_PORT


class TunnelEntries:
    """Puts the guards of the tunnels on the path."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._role = router.service(TunnelRole)
        self._path = router.service(CryptoPath)
        self._path.providers.append(self)

    def reconcile(self) -> None:
        """The tunnels are as the model wants them: take them onto the path."""
        self._path.install()

    def stop(self) -> None:
        """Nothing runs."""

    def guards(self, interface: InterfaceName, ipv6: bool) -> list[tuple[int, Guard]]:
        """One for each run of entries; tunnels are IPv4's alone."""
        return [] if ipv6 else self._role.guards(interface)

    def local_address(self, interface: InterfaceName, ipv6: bool) -> IPv4Address | None:
        """Where the tunnels of an interface end."""
        if ipv6:
            return None
        return next((policy.local for policy in self._role.policies if policy.key[0] == str(interface)), None)

    def flows(self, interface: InterfaceName, ipv6: bool, detail: bool) -> list[FlowBlock]:
        """One block per flow, in the order of the entries."""
        found, now = self._router.interfaces.get(interface), self._router.clock.now()
        if found is None or ipv6:
            return []
        return [shows.flow_block(state, found, detail, now) for state in self._states(interface)]

    def sessions(self, interface: InterfaceName, ipv6: bool, detail: bool) -> list[list[str]]:
        """One session per peer."""
        if ipv6:
            return []
        sas = [sa for sa in self._router.service(IsakmpService).engine.sas if sa.service_port == ISAKMP_PORT]
        return shows.sessions(self._states(interface), sas, detail, self._router.clock.now())

    def connections(self) -> list[Connection]:
        """Two rows per pair."""
        return [row for pair in self._role.engine.sad for row in shows.connections(pair)]

    def describe(self, name: str, entry: MapEntry) -> list[str] | None:
        """Peers, list, lifetimes and transform sets of an entry."""
        if entry.dynamic_name is not None:
            return [f"Dynamic map template tag: {entry.dynamic_name}"]
        if entry.kind not in ("ipsec-isakmp", DYNAMIC):
            return None
        found = (state for state in self._role.engine.flows if state.policy.key[1:3] == (name, entry.sequence))
        current = next((state.peer for state in found if state.peer is not None), None)
        return show_map.lines(self._router.model, entry, current)

    def _states(self, interface: InterfaceName) -> list[FlowState]:
        keys = [policy.key for policy in self._role.policies if policy.key[0] == str(interface)]
        return [state for key in keys for state in self._role.engine.flows.of_policy(key)]

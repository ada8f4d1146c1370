"""The point-to-point tunnels of a router: between speaker, forwarding path and model."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from itertools import groupby

from iosemu.engines.common import Endpoint, Event
from iosemu.engines.ike.events import ExchangeMessage, NotifyReceived, SpisDeleted
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ipsec.config import PolicyKey, TunnelPolicy
from iosemu.engines.ipsec.engine import IpsecEngine
from iosemu.engines.ipsec.events import PeerSilent, Phase1Needed, SaConfirmed, SaInstalled, SaRemoved
from iosemu.engines.ipsec.guard import TunnelGuard
from iosemu.engines.ipsec.sa import SaPair
from iosemu.features.crypto_map.config import CryptoMaps
from iosemu.features.crypto_map.path import CryptoPath
from iosemu.features.crypto_map.provider import Guard
from iosemu.features.ipsec.guard import WakingGuard
from iosemu.features.ipsec.invalid_spi import InvalidSpis
from iosemu.features.ipsec.messages import DEBUG, debug_event, log_event
from iosemu.features.ipsec.policy import entry_of, tunnel_policies
from iosemu.features.ipsec.reverse_route import reverse_routes
from iosemu.features.isakmp.config import IsakmpConfig
from iosemu.features.isakmp.role import Role
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.isakmp import ISAKMP_PORT, Doi, ExchangeType
from iosemu.wire.isakmp_payloads import Delete, NotifyType

# Notifications from here on are no errors (RFC 2408 section 3.14.1).
FIRST_STATUS = 16384


class TunnelRole(Role):
    """Follows the crypto maps; phase 1 and quick mode begin with the traffic, or with the peer."""

    DEBUG, DEBUG_HEAD = DEBUG, "IPSEC(key_engine):"

    def __init__(self, router: Router) -> None:
        self._router = router
        self._isakmp = router.service(IsakmpService)
        self._isakmp.roles.append(self)
        self.engine = IpsecEngine(
            router.clock.random_bytes, self.find_phase1, router.service(CryptoPath).connection_ids
        )
        self.policies: list[TunnelPolicy] = []
        self._runs: dict[InterfaceName, list[tuple[int, Guard]]] = {}
        self._awake = False
        self._invalid = InvalidSpis()

    @property
    def needs_isakmp(self) -> bool:
        """For quick mode."""
        return bool(self.policies)

    # Following the model

    def reconcile(self) -> None:
        """Take the policies of the maps that are applied to interfaces that are up."""
        policies = tunnel_policies(self._router)
        if policies == self.policies:
            self._route()
            return
        if bool(policies) != bool(self.policies):
            state = "ON" if policies else "OFF"
            self._router.syslog.log("CRYPTO", 6, "ISAKMP_ON_OFF", f"ISAKMP is {state}")
        self.policies = policies
        self.engine.update(policies, self._router.clock.now())
        self._runs = self._make_runs()
        self._route()
        self._isakmp.pump()

    def stop(self) -> None:
        """Keys are forgotten with the power."""
        self.policies = []

    def guards(self, interface: InterfaceName) -> list[tuple[int, Guard]]:
        """What protects packets on an interface, by sequence number."""
        return self._runs.get(interface, [])

    def _make_runs(self) -> dict[InterfaceName, list[tuple[int, Guard]]]:
        """A guard for each run of entries that no entry of another kind interrupts."""
        maps = self._router.model.block(CryptoMaps)
        runs: dict[InterfaceName, list[tuple[int, Guard]]] = {}
        for interface, name in maps.applied.items():
            keys = {policy.key[2:]: policy.key for policy in self.policies if policy.key[0] == str(interface)}
            others = {entry.sequence for entry in maps.maps[name].entries.values() if entry.kind == "gdoi"}
            marks = sorted([*keys, *((sequence, 0) for sequence in others)])
            grouped = groupby(marks, keys.__contains__)
            runs[interface] = [self._guard(tuple(keys[mark] for mark in run)) for tunnels, run in grouped if tunnels]
        return runs

    def _guard(self, keys: tuple[PolicyKey, ...]) -> tuple[int, Guard]:
        return keys[0][2], WakingGuard(TunnelGuard(self.engine, keys), self._wake, self._unknown_spi)

    def _route(self) -> None:
        """Make the routes to what is behind the peers, and take back those that have no reason any more."""
        self._router.ip.inject("reverse-route", reverse_routes(self._router.model, self.engine))

    def _wake(self) -> None:
        """What a packet set going is done behind it: the speaker must not send while a packet is being sent."""
        if self.engine.busy and not self._awake:
            self._awake = True
            self._router.clock.call_later(0, self._go_on)

    def _go_on(self) -> None:
        self._awake = False
        self._isakmp.pump()

    # On the speaker

    def profile(self, remote: Endpoint) -> str | None:
        """`set isakmp-profile` of the first entry that is for the peer."""
        maps = self._router.model.block(CryptoMaps)
        serving = (policy for policy in self.policies if remote.address in policy.peers)
        entries = (entry_of(maps, policy.key) for policy in serving)
        return next((entry.tunnel.isakmp_profile for entry in entries if entry and entry.tunnel.isakmp_profile), None)

    def find_phase1(self, local: IPv4Address, remote: IPv4Address) -> IsakmpSa | None:
        """The newest established SA with a peer."""
        ends = Endpoint(local, ISAKMP_PORT), Endpoint(remote, ISAKMP_PORT)
        return self._isakmp.engine.find_established(*ends)

    def phase1_established(self, sa: IsakmpSa, now: float) -> None:
        """Whoever waited for it goes on."""
        if sa.service_port == ISAKMP_PORT:
            self.engine.phase1_ready(sa, now)
            self._complain(sa)

    def phase1_failed(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """Whoever waited for it tries the next peer."""
        if local.port != GDOI_PORT:
            self.engine.phase1_failed(local.address, remote.address, now)

    def phase1_deleted(self, sa: IsakmpSa, now: float) -> None:
        """Data SAs live longer than phase 1."""
        if sa.service_port == ISAKMP_PORT:
            self.engine.phase1_gone(sa, now)

    def peer_dead(self, sa: IsakmpSa, now: float) -> None:
        """Nobody receives with our SAs any more."""
        if sa.service_port == ISAKMP_PORT:
            self.engine.peer_dead(sa.local.address, sa.remote.address, now)

    def peer_restarted(self, sa: IsakmpSa, now: float) -> None:
        """Older SAs lead nowhere."""
        if sa.service_port == ISAKMP_PORT:
            self.engine.peer_restarted(sa, now)

    def keeps_sas(self, local: Endpoint, remote: Endpoint) -> bool:
        """Whether there are pairs with a peer."""
        return self.engine.sad.serves(remote.address)

    def notified(self, event: NotifyReceived, now: float) -> None:
        """An authentic error notification ends what we asked for."""
        notification = event.notification
        if not event.authentic or event.sa is None or notification.kind >= FIRST_STATUS:
            return
        if notification.kind == NotifyType.INVALID_SPI:
            self.engine.deleted(event.sa, Delete(Doi.IPSEC, notification.protocol, (notification.spi,)), now)
        else:
            self.engine.refused(event.sa, notification, now)

    def spis_deleted(self, event: SpisDeleted, now: float) -> None:
        """The peer deleted SAs."""
        self.engine.deleted(event.sa, event.delete, now)

    def receive_exchange(self, message: ExchangeMessage, now: float) -> bool:
        """Quick mode, under SAs that are not GDOI's."""
        if message.sa.service_port != ISAKMP_PORT or message.header.exchange != ExchangeType.QUICK_MODE:
            return False
        self.engine.receive(message.sa, message.header, message.datagram.data, now)
        return True

    def take_events(self) -> list[Event]:
        """Hand the messages to the speaker, and tell what happened."""
        for sa, message in self.engine.take_messages():
            self._isakmp.engine.send(sa, message)
        return self.engine.take_events()

    def handle_event(self, event: Event, now: float) -> None:
        """Log, begin phase 1 where it is needed, and pass new keys to the key log."""
        if isinstance(event, Phase1Needed):
            ends = Endpoint(event.local, ISAKMP_PORT), Endpoint(event.remote, ISAKMP_PORT)
            self._isakmp.engine.initiate(*ends, now)
        elif isinstance(event, PeerSilent):
            sa = self.find_phase1(event.pair.local.address, event.pair.remote.address)
            if sa is not None:
                self._isakmp.engine.wanted(sa)
        elif isinstance(event, SaInstalled):
            for record in event.keys:
                self._isakmp.log_key(record)
        if isinstance(event, (SaConfirmed, SaRemoved)):
            self._route()
        log_event(self._router, event)
        debug_event(self._router, event)

    def next_timer(self) -> float | None:
        """When the engine is due."""
        return self.engine.next_timer()

    def handle_timer(self, now: float) -> None:
        """The engine looks itself whether something is due."""
        self.engine.handle_timer(now)

    # SPIs that are unknown

    def _unknown_spi(self, packet: bytes) -> None:
        """With `crypto isakmp invalid-spi-recovery` the sender is told, for which phase 1 may be needed."""
        if not self._router.model.block(IsakmpConfig).invalid_spi_recovery:
            return
        now, start = self._router.clock.now(), (packet[0] & 0x0F) * 4
        ends = IPv4Address(packet[16:20]), IPv4Address(packet[12:16])
        if self._invalid.note(*ends, packet[start : start + 4], now):
            self._router.clock.call_later(0, lambda: self._recover(*ends))

    def _recover(self, local: IPv4Address, remote: IPv4Address) -> None:
        sa = self.find_phase1(local, remote)
        if sa is not None:
            self._complain(sa)
        else:
            ends = Endpoint(local, ISAKMP_PORT), Endpoint(remote, ISAKMP_PORT)
            self._isakmp.engine.initiate(*ends, self._router.clock.now())
        self._isakmp.pump()

    def _complain(self, sa: IsakmpSa) -> None:
        payload = self._invalid.take(sa)
        if payload is not None:
            self._isakmp.engine.inform(sa, payload)

    # For commands

    def clear(self, wanted: Callable[[SaPair], bool]) -> None:
        """Delete SAs and tell their peers."""
        self.engine.clear(wanted, self._router.clock.now())
        self._isakmp.pump()

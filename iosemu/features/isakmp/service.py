"""The one speaker on UDP 500, 848 and 4500: phase 1 itself, and the way of every other exchange to the roles."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.engines.common import Datagram, Event, Refusal, earliest
from iosemu.engines.ike import nat
from iosemu.engines.ike.credentials import CertificateStore
from iosemu.engines.ike.engine import IkeEngine
from iosemu.engines.ike.events import (
    ExchangeMessage,
    MessageRefused,
    NotifyReceived,
    PeerDead,
    PeerRestarted,
    Phase1Established,
    Phase1Failed,
    Reason,
    SaDeleted,
    SpisDeleted,
)
from iosemu.engines.keylog import KeyRecord
from iosemu.features.isakmp.config import IsakmpConfig
from iosemu.features.isakmp.directory import Directory, engine_config
from iosemu.features.isakmp.messages import log_event
from iosemu.features.isakmp.narrator import Narrator
from iosemu.features.isakmp.role import Role
from iosemu.router.clock import Timer
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from iosemu.router.udp_host import UdpMessage
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.isakmp import ISAKMP_PORT, ExchangeType, Header

PORTS = (ISAKMP_PORT, GDOI_PORT, nat.NAT_PORT)


class IsakmpService:
    """Drives the speaker of phase 1, and gives every other message to the roles. `key_listeners` hear of every key, for
    a key log; `refused` counts dropped messages by reason. Who has trustpoints registers as `certificates`; without any
    there are no signatures. `arrival` is where the message came in that is being worked on."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.roles: list[Role] = []
        self.certificates: CertificateStore | None = None
        self.directory = Directory(router, self.roles, lambda: self.certificates)
        self.engine = IkeEngine(engine_config(router, self.directory), router.clock.random_bytes)
        self.key_listeners: list[Callable[[KeyRecord], None]] = []
        self.refused: dict[str, int] = {}
        self.arrival: InterfaceName | None = None
        self._narrator = Narrator(router.debugging)
        self._bound = False
        self._on: bool | None = None
        self._timer: Timer | None = None
        self._pumping = False

    # Following the model

    def reconcile(self) -> None:
        """Take the settings; listen while ISAKMP is enabled."""
        self.engine.config = engine_config(self._router, self.directory)
        enabled = self._router.model.block(IsakmpConfig).enabled
        if enabled and not self._bound:
            for port in PORTS:
                self._router.ip.udp.bind(port, self._receive)
        elif self._bound and not enabled:
            self._unbind()
        self._bound = enabled
        self._tell_state()

    def stop(self) -> None:
        """Stop listening and waiting."""
        self._unbind()
        if self._timer is not None:
            self._timer.cancel()

    def _unbind(self) -> None:
        for port in PORTS:
            self._router.ip.udp.unbind(port)

    def clear(self) -> None:
        """Delete all phase 1 SAs."""
        for sa in self.engine.sas:
            self.engine.delete(sa)
        self.pump()

    def resume(self) -> None:
        """A certificate on which the verdict was pending can be judged now."""
        self.engine.resume(self._router.clock.now())
        self.pump()

    def log_key(self, record: KeyRecord) -> None:
        """Tell the listeners of a key."""
        for listener in self.key_listeners:
            listener(record)

    # Messages and time

    def _tell_state(self) -> None:
        """ISAKMP is on when a role needs it; off is also what it is at the boot."""
        on = self._bound and any(role.needs_isakmp for role in self.roles)
        if on is not self._on:
            self._on = on
            self._router.syslog.log("CRYPTO", 6, "ISAKMP_ON_OFF", f"ISAKMP is {'ON' if on else 'OFF'}")

    def pump(self) -> None:
        """Let engines and roles exchange events until all is quiet, then arm the timer. Roles call this after they
        were driven from outside."""
        if self._pumping:
            return
        self._tell_state()
        self._pumping = True
        try:
            while self._step():
                pass
        finally:
            self._pumping = False
        self._arm()

    def _step(self) -> bool:
        now = self._router.clock.now()
        busy = False
        debug = self._router.debugging
        for event in self.engine.take_events():
            busy = True
            self._narrator.event(event)
            self._handle(event, now)
        for role in self.roles:
            for event in role.take_events():
                busy = True
                # The names of events alone: their fields may be keys.
                debug.emit(role.DEBUG, f"{role.DEBUG_HEAD} event {type(event).__name__}")
                if isinstance(event, Refusal):
                    self._count(event.cause)
                role.handle_event(event, now)
        datagrams = self.engine.take_datagrams()
        for role in self.roles:
            datagrams += role.take_datagrams()
        for datagram in datagrams:
            self._narrator.sent(datagram)
            self._router.ip.udp.send(nat.wrap(datagram), datagram.source, datagram.destination)
        return busy or bool(datagrams)

    def _receive(self, message: UdpMessage) -> None:
        now = self._router.clock.now()
        self.arrival = message.interface.name
        data = message.payload
        if message.destination.port == nat.NAT_PORT:
            kind = nat.kind_of(data)
            if kind is nat.Kind.ESP:
                # What an SA is for never comes here: the crypto map takes it off the path.
                self._count("ESP that no SA is for")
            if kind is not nat.Kind.IKE:
                return
            data = data[len(nat.NON_ESP_MARKER) :]
        datagram = Datagram(data, message.source, message.destination)
        try:
            header = Header.parse(data)
        except WireError as error:
            self._refuse(MessageRefused(Reason.MALFORMED, datagram.source, str(error)))
            return
        self._narrator.received(header, datagram, self.engine.config.policies)
        if header.exchange in (ExchangeType.GROUPKEY_PUSH, ExchangeType.GROUPKEY_PUSH_ACK):
            if not any(role.receive_push(header, datagram, now) for role in self.roles):
                self._refuse(MessageRefused(Reason.UNKNOWN_SA, datagram.source, "no such rekey SA", header.exchange))
        else:
            self.engine.receive(datagram, now)
        self.pump()

    def _handle(self, event: Event, now: float) -> None:
        log_event(self._router.syslog, event)
        for role in self.roles:
            if isinstance(event, Phase1Established):
                role.phase1_established(event.sa, now)
            elif isinstance(event, Phase1Failed):
                role.phase1_failed(event.local, event.remote, now)
            elif isinstance(event, SaDeleted):
                role.phase1_deleted(event.sa, now)
            elif isinstance(event, PeerDead):
                role.peer_dead(event.sa, now)
            elif isinstance(event, PeerRestarted):
                role.peer_restarted(event.sa, now)
            elif isinstance(event, NotifyReceived):
                role.notified(event, now)
            elif isinstance(event, SpisDeleted):
                role.spis_deleted(event, now)
        if isinstance(event, Phase1Established):
            self.log_key(event.sa.key_record())
        elif isinstance(event, ExchangeMessage):
            if not any(role.receive_exchange(event, now) for role in self.roles):
                self._refuse(MessageRefused(Reason.EXCHANGE, event.datagram.source, "no role takes the exchange"))
        elif isinstance(event, MessageRefused):
            self._count(event.reason.value)

    def _refuse(self, event: MessageRefused) -> None:
        self._narrator.event(event)
        log_event(self._router.syslog, event)
        self._count(event.reason.value)

    def _count(self, cause: str) -> None:
        self.refused[cause] = self.refused.get(cause, 0) + 1

    def _arm(self) -> None:
        due = earliest(self.engine.next_timer(), *(role.next_timer() for role in self.roles))
        if self._timer is not None:
            if self._timer.callback is not None and self._timer.when == due:
                return
            self._timer.cancel()
        self._timer = None if due is None else self._router.clock.call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self._router.clock.now()
        self.engine.handle_timer(now)
        for role in self.roles:
            role.handle_timer(now)
        self.pump()

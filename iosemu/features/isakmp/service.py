"""The one speaker on UDP 848: phase 1 itself, and the way of every other exchange to the GDOI roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.ike.config import PRE_SHARED, IkeConfig, IkePolicy
from iosemu.engines.ike.engine import IkeEngine
from iosemu.engines.ike.events import (
    ExchangeMessage,
    MessageRefused,
    NotifyReceived,
    Phase1Established,
    Phase1Failed,
    Reason,
)
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.keylog import KeyRecord
from iosemu.features.isakmp.config import IsakmpConfig, PolicyConfig, find_key
from iosemu.router.clock import Timer
from iosemu.router.ip import UdpMessage
from iosemu.router.router import Router
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi import GDOI_PORT
from iosemu.wire.isakmp import ExchangeType, Header

AUTHENTICATION = {"pre-share": PRE_SHARED, "rsa-sig": 3, "rsa-encr": 4}


# The flags of `debug`.
DEBUG, DEBUG_GDOI = "crypto isakmp", "crypto gdoi"


class Role(Protocol):
    """A GDOI role that shares the speaker. Messages are offered to each role until one takes them."""

    def phase1_established(self, sa: IsakmpSa, now: float) -> None:
        """A phase 1 SA is up."""

    def phase1_failed(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """A phase 1 SA that was asked for could not be made."""

    def notified(self, event: NotifyReceived, now: float) -> None:
        """A notification came in."""

    def receive_exchange(self, message: ExchangeMessage, now: float) -> bool:
        """A message of GROUPKEY-PULL; False when it is somebody else's."""

    def receive_push(self, header: Header, datagram: Datagram, now: float) -> bool:
        """A GROUPKEY-PUSH or its acknowledgement; False when its rekey SA is somebody else's."""

    def take_datagrams(self) -> list[Datagram]:
        """What must go out."""

    def take_events(self) -> list[Event]:
        """What happened."""

    def handle_event(self, event: Event, now: float) -> None:
        """Log an event of one's own and act on it."""

    def rekey_rows(self) -> list[tuple[str, str, str, int]]:
        """Rekey SAs as `show crypto isakmp sa` lists them: destination, source, state, connection ID."""

    def next_timer(self) -> float | None:
        """When `handle_timer` is due."""

    def handle_timer(self, now: float) -> None:
        """Time has come."""


class IsakmpService:
    """`key_listeners` hear of every key, for a key log; `refused` counts dropped messages by reason."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.engine = IkeEngine(self._config(), router.clock.random_bytes)
        self.roles: list[Role] = []
        self.key_listeners: list[Callable[[KeyRecord], None]] = []
        self.refused: dict[str, int] = {}
        self._bound = False
        self._timer: Timer | None = None
        self._pumping = False

    # Following the model

    def reconcile(self) -> None:
        """Take the policies; listen while ISAKMP is enabled."""
        config = self._config()
        if config.policies != self.engine.config.policies:
            self.engine.config = config
        enabled = self._router.model.block(IsakmpConfig).enabled
        if enabled and not self._bound:
            self._router.ip.bind(GDOI_PORT, self._receive)
        elif self._bound and not enabled:
            self._router.ip.unbind(GDOI_PORT)
            self._router.syslog.log("CRYPTO", 6, "ISAKMP_ON_OFF", "ISAKMP is OFF")
        self._bound = enabled

    def stop(self) -> None:
        """Stop listening and waiting."""
        self._router.ip.unbind(GDOI_PORT)
        if self._timer is not None:
            self._timer.cancel()

    def clear(self) -> None:
        """Delete all phase 1 SAs."""
        for sa in self.engine.sas:
            self.engine.delete(sa)
        self.pump()

    def log_key(self, record: KeyRecord) -> None:
        """Tell the listeners of a key."""
        for listener in self.key_listeners:
            listener(record)

    # Messages and time

    def pump(self) -> None:
        """Let engines and roles exchange events until all is quiet, then arm the timer. Roles call this after they
        were driven from outside."""
        if self._pumping:
            return
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
            debug.emit(DEBUG, f"ISAKMP:(0): event {type(event).__name__}")
            self._handle(event, now)
        for role in self.roles:
            for event in role.take_events():
                busy = True
                # The names of events alone: their fields may be keys.
                debug.emit(DEBUG_GDOI, f"GDOI:INFRA:(0): event {type(event).__name__}")
                role.handle_event(event, now)
        datagrams = self.engine.take_datagrams()
        for role in self.roles:
            datagrams += role.take_datagrams()
        for datagram in datagrams:
            debug.emit(DEBUG, _packet_line("sending packet to", datagram.destination, datagram.source))
            self._router.ip.send_udp(datagram.data, datagram.source, datagram.destination)
        return busy or bool(datagrams)

    def _receive(self, message: UdpMessage) -> None:
        now = self._router.clock.now()
        datagram = Datagram(message.payload, message.source, message.destination)
        self._router.debugging.emit(DEBUG, _packet_line("received packet from", datagram.source, datagram.destination))
        try:
            header = Header.parse(message.payload)
        except WireError as error:
            self._refuse(Reason.MALFORMED, datagram.source, str(error))
            return
        if header.exchange in (ExchangeType.GROUPKEY_PUSH, ExchangeType.GROUPKEY_PUSH_ACK):
            if not any(role.receive_push(header, datagram, now) for role in self.roles):
                self._refuse(Reason.UNKNOWN_SA, datagram.source, "no such rekey SA")
        else:
            self.engine.receive(datagram, now)
        self.pump()

    def _handle(self, event: Event, now: float) -> None:
        if isinstance(event, Phase1Established):
            self.log_key(event.sa.key_record())
            for role in self.roles:
                role.phase1_established(event.sa, now)
        elif isinstance(event, Phase1Failed):
            for role in self.roles:
                role.phase1_failed(event.local, event.remote, now)
        elif isinstance(event, NotifyReceived):
            for role in self.roles:
                role.notified(event, now)
        elif isinstance(event, ExchangeMessage):
            if not any(role.receive_exchange(event, now) for role in self.roles):
                self._refuse(Reason.EXCHANGE, event.datagram.source, "no role takes the exchange")
        elif isinstance(event, MessageRefused):
            self._refuse(event.reason, event.source, event.detail)

    def _refuse(self, reason: Reason, source: Endpoint, detail: str) -> None:
        self._router.debugging.emit(DEBUG, f"ISAKMP-ERROR: (0):from {source.address}: {reason.value}")
        self.refused[reason.name] = self.refused.get(reason.name, 0) + 1
        log = self._router.syslog.log
        if reason in (Reason.MALFORMED, Reason.BAD_DECRYPTION, Reason.BAD_HASH):
            text = f"IKE message from {source.address} failed its sanity check or is malformed"
            log("CRYPTO", 4, "IKMP_BAD_MESSAGE", text)
        elif reason is Reason.UNKNOWN_SA:
            text = f"IKE message from {source.address} has no SA and is not an initialization offer"
            log("CRYPTO", 4, "IKMP_NO_SA", text)
        elif reason in (Reason.NO_PROPOSAL, Reason.NO_PSK, Reason.BAD_PUBLIC_VALUE):
            text = f"Processing of Main mode failed with peer at {source.address}"
            log("CRYPTO", 6, "IKMP_MODE_FAILURE", text)

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

    def _config(self) -> IkeConfig:
        model = self._router.model
        policies = model.block(IsakmpConfig).policies.values()
        return IkeConfig(
            tuple(_engine_policy(policy) for policy in policies), lambda peer: find_key(self._router, peer)
        )


def _packet_line(what: str, peer: Endpoint, own: Endpoint) -> str:
    return f"ISAKMP-PAK: (0):{what} {peer.address} my_port {own.port} peer_port {peer.port}"


def _engine_policy(policy: PolicyConfig) -> IkePolicy:
    name, bits = policy.encryption
    hash_name = "sha1" if policy.hash == "sha" else policy.hash
    authentication = AUTHENTICATION[policy.authentication]
    return IkePolicy(policy.priority, name, bits, hash_name, authentication, policy.group, policy.lifetime)

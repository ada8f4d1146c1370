"""Two gateways in one room: virtual time, a wire that can lose messages, phase 1 SAs out of thin air."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from random import Random
from typing import Any, TypeVar

from iosemu.crypto.esp_transforms import from_words
from iosemu.crypto.ike_keys import Phase1Keys
from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Endpoint, Event, earliest
from iosemu.engines.esp.verdict import Outcome, Verdict
from iosemu.engines.ike import informational
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ipsec.config import TransformSet, TunnelPolicy
from iosemu.engines.ipsec.engine import IpsecEngine
from iosemu.engines.ipsec.events import Phase1Needed, SaInstalled
from iosemu.engines.ipsec.guard import TunnelGuard
from iosemu.engines.ipsec.sa import SaPair
from iosemu.wire.isakmp import ExchangeType, Header, PayloadType
from iosemu.wire.isakmp_payloads import Delete, Notification
from tests.engines.gdoi.network import entry, udp_packet

E = TypeVar("E", bound=Event)
LEFT, RIGHT = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")
SUITE = IkePolicy(10, "aes", 128, "sha256", 1, 14)
AES = TransformSet(from_words(("esp-aes", "256", "esp-sha256-hmac")))
GCM = TransformSet(from_words(("esp-gcm", "128")))
DES = TransformSet(from_words(("esp-des", "esp-md5-hmac")))
RULE = entry(True, "10.1.0.0/16", "10.2.0.0/16")
OUT = udp_packet("10.1.0.1", "10.2.0.1")
BACK = udp_packet("10.2.0.1", "10.1.0.1")


def policy(left: bool, *, rules: tuple[AclEntry, ...] = (RULE,), **fields: Any) -> TunnelPolicy:
    """The entry of one of the gateways; `rules` are given as the left one has them."""
    own, peer = (LEFT, RIGHT) if left else (RIGHT, LEFT)
    rules = rules if left else tuple(rule.mirrored() for rule in rules)
    base = TunnelPolicy(("Gi0/0", "M", 10, 0), own, (peer,), rules, (AES,))
    return replace(base, **fields)


@dataclass
class Gateway:
    """An engine with one guard over all its policies. `phase1` is None while there is no SA with the peer."""

    engine: IpsecEngine
    guard: TunnelGuard
    phase1: IsakmpSa | None = None
    events: list[Event] = field(default_factory=list)
    inbox: list[bytes] = field(default_factory=list)

    @property
    def pairs(self) -> list[SaPair]:
        """Its SAs, the newest last."""
        return list(self.engine.sad)


class Room:
    """Messages arrive at once; `lose` decides for each of them. `log` has them all, with who sent them."""

    def __init__(
        self, left: TunnelPolicy | None = None, right: TunnelPolicy | None = None, seed: int = 1, port: int = 500
    ) -> None:
        self.random = Random(seed)
        self.port = port
        self.now = 0.0
        self.lose: Callable[[bytes], bool] = lambda _: False
        self.log: list[tuple[bool, bytes]] = []
        self.reachable = True
        self.left = self._gateway(True, left or policy(True))
        self.right = self._gateway(False, right or policy(False))

    def _gateway(self, left: bool, *policies: TunnelPolicy) -> Gateway:
        def find(local: IPv4Address, remote: IPv4Address) -> IsakmpSa | None:
            return self._side(left).phase1

        engine = IpsecEngine(self.random.randbytes, find)
        engine.update(policies, self.now)
        return Gateway(engine, TunnelGuard(engine, tuple(item.key for item in policies)))

    def _side(self, left: bool) -> Gateway:
        return self.left if left else self.right

    def phase1(self) -> None:
        """A new phase 1 SA between the two; the left one initiated it."""
        cookies, iv = self.random.randbytes(16), self.random.randbytes(16)
        keys = Phase1Keys(*(self.random.randbytes(32) for _ in range(4)))
        ends = Endpoint(LEFT, self.port), Endpoint(RIGHT, self.port)
        for left in (True, False):
            local, remote = ends if left else ends[::-1]
            sa = IsakmpSa(1001, left, local, remote, cookies[:8], cookies[8:], suite=SUITE, established_at=self.now)
            sa.service_port, sa.behind_nat = 500, self.port != 500
            sa.set_keys(keys, iv)
            self._side(left).phase1 = sa

    def send(self, from_left: bool, packet: bytes) -> Verdict:
        """A packet through both gateways; what the receiver makes of it, or the sender's verdict if it goes no
        further."""
        sender, receiver = self._side(from_left), self._side(not from_left)
        verdict = sender.guard.outbound(packet, self.now)
        self.settle()
        if verdict.outcome is Outcome.DROPPED:
            return verdict
        arrived = receiver.guard.inbound(verdict.packet or packet, self.now)
        self.settle()
        return arrived

    def connect(self) -> None:
        """Bring the tunnel up by traffic from the left."""
        assert self.send(True, OUT).outcome is Outcome.DROPPED
        assert self.send(True, OUT).packet == OUT
        assert self.send(False, BACK).packet == BACK

    def settle(self) -> None:
        """Deliver until nothing moves."""
        for _ in range(200):
            if not (self._step(True) | self._step(False)):
                return
        raise AssertionError("the gateways do not come to rest")

    def run_until(self, time: float) -> None:
        """Let timers fire up to `time`."""
        self.settle()
        for _ in range(10_000):
            due = earliest(self.left.engine.next_timer(), self.right.engine.next_timer())
            if due is None or due > time:
                break
            self.now = max(self.now, due)
            for side in (self.left, self.right):
                side.engine.handle_timer(self.now)
            self.settle()
        else:
            raise AssertionError(f"timers never stop at {self.now}")
        self.now = time

    def deliver(self, to_left: bool, message: bytes) -> None:
        """Hand a message to a gateway, as the speaker does."""
        side = self._side(to_left)
        sa = side.phase1
        header = Header.parse(message)
        assert sa is not None
        if header.cookies != sa.cookies:
            return
        if header.exchange == ExchangeType.QUICK_MODE:
            side.engine.receive(sa, header, message, self.now)
            return
        for payload in informational.unprotect(sa, header, message):
            if payload.kind == PayloadType.NOTIFY:
                side.engine.refused(sa, Notification.parse(payload.body), self.now)
            elif payload.kind == PayloadType.DELETE:
                side.engine.deleted(sa, Delete.parse(payload.body), self.now)

    def _step(self, left: bool) -> bool:
        side = self._side(left)
        messages = side.engine.take_messages()
        for _, message in messages:
            self.log.append((left, message))
            if not self.lose(message):
                self.deliver(not left, message)
        fresh = side.engine.take_events()
        side.events += fresh
        for event in fresh:
            if isinstance(event, Phase1Needed):
                self._answer(side, event)
        return bool(messages or fresh)

    def _answer(self, side: Gateway, event: Phase1Needed) -> None:
        if not self.reachable or event.remote not in (LEFT, RIGHT):
            side.engine.phase1_failed(event.local, event.remote, self.now)
            return
        self.phase1()
        for one in (self.left, self.right):
            assert one.phase1 is not None
            one.engine.phase1_ready(one.phase1, self.now)


def of_type(side: Gateway, kind: type[E]) -> list[E]:
    """The events of one kind."""
    return [event for event in side.events if isinstance(event, kind) and type(event) is kind]


def installed(side: Gateway) -> int:
    """How many pairs a gateway has ever had."""
    return len(of_type(side, SaInstalled))

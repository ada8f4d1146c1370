"""Registration and rekey under real main mode, with nothing faked but the wire."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random

from iosemu.engines.common import Datagram, Endpoint, earliest
from iosemu.engines.gdoi.config import GroupIdentity, MemberConfig
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.member import GroupMember
from iosemu.engines.gdoi.member_events import Phase1Needed, ServerSilent
from iosemu.engines.gdoi.pull_server import PullServer
from iosemu.engines.gdoi.states import MemberState
from iosemu.engines.ike.config import IkeConfig, IkePolicy
from iosemu.engines.ike.engine import IkeEngine
from iosemu.engines.ike.events import ExchangeMessage, NotifyReceived, Phase1Established, Phase1Failed
from iosemu.wire.isakmp import ExchangeType, Header
from iosemu.wire.isakmp_payloads import Identity
from tests.engines.gdoi.network import SERVER, server_config
from tests.engines.ike.directories import SharedKey

MEMBER = IPv4Address("198.51.100.1")
POLICY = IkePolicy(10, "aes", 256, "sha256", 1, 14, 1200)


class Pair:
    """A key server and one member, each behind its own phase 1 speaker."""

    def __init__(self, psk: bytes = b"secret", identity: int = 1234) -> None:
        random = Random(3).randbytes
        self.now = 0.0
        self.server = KeyServer(server_config(lifetime=600), random)
        self.pulls = PullServer(self._find, random)
        self.server_ike = IkeEngine(IkeConfig((POLICY,), SharedKey(b"secret")), random)
        self.member = GroupMember(MemberConfig("GETVPN", GroupIdentity(identity), MEMBER, (SERVER,)), random)
        self.member_ike = IkeEngine(IkeConfig((POLICY,), SharedKey(psk)), random)

    def _find(self, identity: Identity) -> KeyServer | None:
        return self.server if self.server.config.identity.matches(identity) else None

    def run_until(self, time: float) -> None:
        self._settle()
        while True:
            machines = (self.server, self.server_ike, self.member, self.member_ike)
            due = earliest(*(machine.next_timer() for machine in machines))
            if due is None or due > time:
                break
            self.now = max(self.now, due)
            for machine in machines:
                timer = machine.next_timer()
                if timer is not None and timer <= self.now:
                    machine.handle_timer(self.now)
            self._settle()
        self.now = time

    def _settle(self) -> None:
        moved = True
        while moved:
            moved = False
            for machine in (self.server, self.server_ike, self.member, self.member_ike):
                for datagram in machine.take_datagrams():
                    moved = True
                    self._deliver(datagram)
            moved |= self._events()

    def _deliver(self, datagram: Datagram) -> None:
        header = Header.parse(datagram.data)
        if header.exchange == ExchangeType.GROUPKEY_PUSH:
            if self.member.owns(header.cookies):
                self.member.receive_push(header, datagram, self.now)
        elif header.exchange == ExchangeType.GROUPKEY_PUSH_ACK:
            self.server.receive_acknowledgement(header, datagram)
        else:
            ike = self.server_ike if datagram.destination.address == SERVER else self.member_ike
            ike.receive(datagram, self.now)

    def _events(self) -> bool:
        server_events, member_events = self.server_ike.take_events(), self.member_ike.take_events()
        group_events = self.member.take_events()
        for event in server_events:
            if isinstance(event, ExchangeMessage):
                reply = self.pulls.receive(event.sa, event.header, event.datagram.data, self.now)
                if reply is not None and reply.message:
                    self.server_ike.send(event.sa, reply.message)
                elif reply is not None and reply.notify is not None:
                    self.server_ike.notify(event.sa, reply.notify)
        for event in member_events:
            if isinstance(event, Phase1Established):
                self.member.registration.phase1_ready(event.sa, self.now)
            elif isinstance(event, Phase1Failed):
                self.member.registration.phase1_failed(event.remote, self.now)
            elif isinstance(event, NotifyReceived) and event.authentic:
                self.member.registration.refused(self.now)
            elif isinstance(event, ExchangeMessage) and self.member.registration.serves(
                event.sa, event.header.message_id
            ):
                self.member.receive_pull(event.header, event.datagram.data, self.now)
        for event in group_events:
            if isinstance(event, Phase1Needed):
                sa = self.member_ike.find_established(event.local, event.remote)
                if sa is not None:
                    self.member.registration.phase1_ready(sa, self.now)
                else:
                    self.member_ike.initiate(event.local, event.remote, self.now)
            elif isinstance(event, ServerSilent):
                self.member_ike.delete(event.sa)
        return bool(server_events or member_events or group_events)


def test_from_nothing_to_rekeys_and_beyond_the_life_of_phase_1() -> None:
    pair = Pair()
    pair.member.start(0.0)
    pair.run_until(1.0)
    assert pair.member.state is MemberState.REGISTERED
    assert pair.server.members[MEMBER].version == (1, 0, 17)
    pair.run_until(4000.0)
    assert pair.member.registration.successes == 1
    assert pair.member.rekeys.received >= 6
    assert pair.server.members[MEMBER].acks_missed == 0
    assert pair.member_ike.find_established(Endpoint(MEMBER, 848), Endpoint(SERVER, 848)) is None


def test_wrong_key_and_wrong_identity_end_in_more_attempts() -> None:
    for pair in (Pair(psk=b"other"), Pair(identity=9)):
        pair.member.start(0.0)
        pair.run_until(300.0)
        assert pair.member.registration.successes == 0
        assert pair.member.registration.attempts >= 2


def test_a_server_that_forgot_its_phase_1_is_reached_again() -> None:
    pair = Pair()
    pair.member.start(0.0)
    pair.run_until(1.0)
    pair.server_ike = IkeEngine(pair.server_ike.config, Random(4).randbytes)
    pair.server.clear()
    pair.run_until(1000.0)
    assert pair.member.registration.successes >= 2
    assert pair.member.state is MemberState.REGISTERED
    assert pair.member.kek is not None
    assert pair.server.owns(pair.member.kek.spi)

"""A key server and members in one room: virtual time, a wire that can lose datagrams, phase 1 SAs out of thin air."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from ipaddress import IPv4Address
from random import Random
from typing import Any, TypeVar

from iosemu.crypto.esp_transforms import EspTransform, from_words
from iosemu.crypto.ike_keys import Phase1Keys
from iosemu.crypto.rsa import RsaKey
from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Datagram, Endpoint, Event, earliest
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.verdict import Outcome, Verdict
from iosemu.engines.gdoi.config import GroupIdentity, KekPolicy, MemberConfig, ServerConfig, TekPolicy
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.member import GroupMember
from iosemu.engines.gdoi.member_events import Phase1Needed, PolicyChanged
from iosemu.engines.gdoi.pull_server import PullServer
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.engines.ike.vendor import iosemu_vendor_id
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.isakmp import ExchangeType, Header
from iosemu.wire.isakmp_payloads import Identity
from iosemu.wire.udp import UdpDatagram

E = TypeVar("E", bound=Event)
SERVER = IPv4Address("192.0.2.1")
SUITE = IkePolicy(10, "aes", 128, "sha256", 1, 14)
AES = from_words(("esp-aes", "256", "esp-sha256-hmac"))
GCM = from_words(("esp-gcm", "128"))


def entry(
    permit: bool,
    source: str = "0.0.0.0/0",
    destination: str = "0.0.0.0/0",
    *,
    protocol: int = 0,
    source_port: int = 0,
    destination_port: int = 0,
) -> AclEntry:
    """An entry with prefixes."""

    def split(prefix: str) -> tuple[int, int]:
        address, _, length = prefix.partition("/")
        return int(IPv4Address(address)), (1 << (32 - int(length))) - 1

    (first, wild), (second, wilder) = split(source), split(destination)
    return AclEntry(permit, protocol, first, wild, source_port, second, wilder, destination_port)


POLICY = (
    entry(False, protocol=UDP, source_port=848, destination_port=848),
    entry(True, "10.0.0.0/8", "10.0.0.0/8"),
    entry(False, "10.0.0.0/8", "172.16.0.0/16"),
    entry(True, "10.0.0.0/8", "172.16.0.0/12"),
    entry(True, "172.16.0.0/12", "10.0.0.0/8"),
)


@cache
def signing_key() -> RsaKey:
    """One key for all tests."""
    return RsaKey.generate(1024, Random(7).randbytes)


def server_config(
    transform: EspTransform = AES, acl: tuple[AclEntry, ...] = POLICY, lifetime: int = 3600, **fields: Any
) -> ServerConfig:
    """A group with one `sa ipsec`."""
    config = ServerConfig(
        "GETVPN",
        GroupIdentity(1234),
        KekPolicy("aes", 128, 86400, "sha256", 10, 2),
        (TekPolicy(10, transform, lifetime, acl),),
        signing_key(),
        "REKEY",
        address=SERVER,
        version=(1, 0, 17),
    )
    return replace(config, **fields)


def sa_pair(member: Endpoint, server: Endpoint, random: Random, foreign: bool = False) -> tuple[IsakmpSa, IsakmpSa]:
    """The member's and the server's side of an established phase 1 SA."""
    cookies, iv = random.randbytes(16), random.randbytes(16)
    keys = Phase1Keys(*(random.randbytes(32) for _ in range(4)))
    pair = []
    for initiator, local, remote in ((True, member, server), (False, server, member)):
        sa = IsakmpSa(1001, initiator, local, remote, cookies[:8], cookies[8:], suite=SUITE, established_at=0.0)
        sa.set_keys(keys, iv)
        sa.peer_vendor_ids = [] if foreign and not initiator else [iosemu_vendor_id((1, 0, 17))]
        pair.append(sa)
    return pair[0], pair[1]


@dataclass
class Node:
    """A member with its data plane."""

    member: GroupMember
    plane: GroupDataPlane
    foreign: bool = False
    events: list[Event] = field(default_factory=list)


class Network:
    """Everything delivers at once; `lose` decides per datagram."""

    def __init__(self, config: ServerConfig, seed: int = 1) -> None:
        self.random = Random(seed)
        self.now = 0.0
        self.server = KeyServer(config, self.random.randbytes)
        self.pulls = PullServer(self._find_group, self.random.randbytes)
        self.nodes: dict[IPv4Address, Node] = {}
        self.sas: dict[tuple[bytes, bool], IsakmpSa] = {}
        self.events: list[Event] = []
        self.log: list[Datagram] = []
        self.lose: Callable[[Datagram], bool] = lambda _: False
        self.reachable: Callable[[IPv4Address], bool] = lambda address: address == SERVER

    def _find_group(self, identity: Identity) -> KeyServer | None:
        return self.server if self.server.config.identity.matches(identity) else None

    def add(self, number: int, *servers: IPv4Address, foreign: bool = False, identity: int = 1234) -> Node:
        """A member at 198.51.100.`number`; it does not register yet."""
        address = IPv4Address("198.51.100.0") + number
        config = MemberConfig("GETVPN", GroupIdentity(identity), address, servers or (SERVER,))
        node = Node(GroupMember(config, self.random.randbytes), GroupDataPlane(self.random.randbytes), foreign)
        self.nodes[address] = node
        return node

    def join(self, number: int, *servers: IPv4Address, foreign: bool = False) -> Node:
        """A member that registers now."""
        node = self.add(number, *servers, foreign=foreign)
        node.member.start(self.now)
        self.settle()
        return node

    def settle(self) -> None:
        """Deliver until nothing moves."""
        for _ in range(200):
            if not self._step():
                return
        raise AssertionError("the network does not come to rest")

    def run_until(self, time: float) -> None:
        """Let timers fire up to `time`."""
        self.settle()
        for _ in range(100_000):
            due = earliest(self.server.next_timer(), *(node.member.next_timer() for node in self.nodes.values()))
            if due is None or due > time:
                break
            self.now = max(self.now, due)
            if _due(self.server.next_timer(), self.now):
                self.server.handle_timer(self.now)
            for node in self.nodes.values():
                if _due(node.member.next_timer(), self.now):
                    node.member.handle_timer(self.now)
            self.settle()
        else:
            raise AssertionError(f"timers never stop at {self.now}")
        self.now = time

    def send(self, sender: Node, receiver: Node, packet: bytes) -> Verdict:
        """A packet through both data planes; what the receiver makes of it."""
        verdict = sender.plane.outbound(packet, self.now)
        if verdict.outcome is Outcome.DROPPED:
            return verdict
        return receiver.plane.inbound(verdict.packet or packet, self.now)

    def _step(self) -> bool:
        datagrams = self.server.take_datagrams()
        for node in self.nodes.values():
            datagrams += node.member.take_datagrams()
        for datagram in datagrams:
            self.log.append(datagram)
            if not self.lose(datagram):
                self.deliver(datagram)
        events = self.server.take_events() + self.pulls.take_events()
        self.events += events
        for node in list(self.nodes.values()):
            fresh = node.member.take_events()
            node.events += fresh
            for event in fresh:
                self._react(node, event)
            events += fresh
        return bool(datagrams or events)

    def _react(self, node: Node, event: Event) -> None:
        member = node.member
        if isinstance(event, PolicyChanged):
            held = member.held
            keys = tuple(member.teks), held.sids, held.sid_bits, held.time.clock
            node.plane.update(GroupPolicy((), member.acl, *keys, member.direction))
        elif isinstance(event, Phase1Needed):
            if not self.reachable(event.remote.address):
                member.registration.phase1_failed(event.remote, self.now)
                return
            ours, theirs = sa_pair(event.local, event.remote, self.random, node.foreign)
            self.sas[ours.cookies, True], self.sas[ours.cookies, False] = ours, theirs
            member.registration.phase1_ready(ours, self.now)

    def deliver(self, datagram: Datagram) -> None:
        """Hand a datagram to whom it is for, as a router's dispatcher does."""
        try:
            header = Header.parse(datagram.data)
        except WireError:
            return
        node = self.nodes.get(datagram.destination.address)
        sa = self.sas.get((header.cookies, node is not None))
        if header.exchange == ExchangeType.GROUPKEY_PULL and sa is not None:
            if node is None:
                self._answer(sa, header, datagram)
            elif node.member.registration.serves(sa, header.message_id):
                node.member.receive_pull(header, datagram.data, self.now)
        elif header.exchange == ExchangeType.GROUPKEY_PUSH and node is not None and node.member.owns(header.cookies):
            node.member.receive_push(header, datagram, self.now)
        elif header.exchange == ExchangeType.GROUPKEY_PUSH_ACK and node is None and self.server.owns(header.cookies):
            self.server.receive_acknowledgement(header, datagram)

    def _answer(self, sa: IsakmpSa, header: Header, datagram: Datagram) -> None:
        reply = self.pulls.receive(sa, header, datagram.data, self.now)
        if reply is None:
            return
        if reply.message:
            answer = Datagram(reply.message, sa.local, sa.remote)
            self.log.append(answer)
            if not self.lose(answer):
                self.deliver(answer)
        else:
            self.nodes[sa.remote.address].member.registration.refused(self.now)


def _due(time: float | None, now: float) -> bool:
    return time is not None and time <= now


def exchange_of(datagram: Datagram) -> int:
    """The exchange type of a message."""
    return Header.parse(datagram.data).exchange


def keeping(held: list[Datagram], lost: Callable[[Datagram], bool]) -> Callable[[Datagram], bool]:
    """For `lose`: what is lost is held."""

    def lose(datagram: Datagram) -> bool:
        if lost(datagram):
            held.append(datagram)
            return True
        return False

    return lose


def of_type(events: list[Event], kind: type[E]) -> list[E]:
    """The events of one kind."""
    return [event for event in events if isinstance(event, kind) and type(event) is kind]


def udp_packet(
    source: str,
    destination: str,
    port: int = 5000,
    size: int = 64,
    *,
    tos: int = 0,
    dont_fragment: bool = False,
    fragment_offset: int = 0,
) -> bytes:
    """An IPv4 packet with a UDP datagram."""
    ends = IPv4Address(source), IPv4Address(destination)
    payload = UdpDatagram(port, port, bytes(size)).pack(*ends)
    packet = Packet(*ends, UDP, payload, tos=tos, dont_fragment=dont_fragment, fragment_offset=fragment_offset)
    return packet.pack()


def pushes(network: Network) -> list[Datagram]:
    """Every GROUPKEY-PUSH that was sent."""
    return [datagram for datagram in network.log if exchange_of(datagram) == ExchangeType.GROUPKEY_PUSH]


def lose_pushes(datagram: Datagram) -> bool:
    """A wire that loses them."""
    return exchange_of(datagram) == ExchangeType.GROUPKEY_PUSH


def lose_acknowledgements(datagram: Datagram) -> bool:
    """A wire that loses the acknowledgements of members."""
    return exchange_of(datagram) == ExchangeType.GROUPKEY_PUSH_ACK

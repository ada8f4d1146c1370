"""Two gateways of a group without threads and devices: what one sends the other one gets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scapy.layers.inet import IP, TCP, UDP
from scapy.packet import Raw

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.sharing import snapshot_of
from iosemu.engines.gdoi.replay import NO_REPLAY, PseudoClock, Replay
from iosemu.fastpath.flows import Flows
from iosemu.fastpath.forwarder import Forwarder
from iosemu.fastpath.handover import Handover
from iosemu.fastpath.lines import Line, flow_key
from iosemu.fastpath.plan import Plan
from iosemu.fastpath.pure import Engine
from iosemu.ports.offload import GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN
from iosemu.router.names import InterfaceName
from tests.engines.esp.planes import ACL, plane, tek
from tests.engines.gdoi.network import GCM

MACS = [bytes((2, 0, 0, 0, 0, number)) for number in range(4)]
TYPE = b"\x08\x00"
LAN_HEAD = MACS[2] + MACS[1] + TYPE
WAN_HEAD = MACS[3] + MACS[0] + TYPE
ENDS = "10.1.0.1", "10.2.0.1"


@dataclass
class Memory:
    """A device that keeps what is sent; `full` frames of each batch do not go."""

    sent: list[bytes] = field(default_factory=list)
    full: int = 0
    calls: int = 0

    def receive(self) -> list[bytes]:
        return []

    def send(self, frames: list[bytes]) -> list[int]:
        self.calls += 1
        self.sent += frames[self.full :]
        return list(range(min(self.full, len(frames))))

    def take(self) -> list[bytes]:
        sent, self.sent = self.sent, []
        return sent


class Gateway:
    """A member between `lan` and `wan`. It knows the flow of each packet that it is `taught`."""

    def __init__(self, engine: Engine, transform: EspTransform = GCM, replay: Replay = NO_REPLAY, sid: int = 5) -> None:
        key = tek(transform)
        key.replay = replay
        self.key = key
        self.leader = plane(key, sid=sid)
        self.leader.update(GroupPolicy((), ACL, (key,), (sid,), 24, PseudoClock() if replay.by_time else None))
        self.flows, self.forwarder = Flows(lambda: 0.0), Forwarder(engine, Handover(1000, 500))
        self.to_wan, self.to_lan = Memory(), Memory()
        self.wan = Line(InterfaceName("GigabitEthernet", "0/0"), 0, 14, MACS[0], self.to_wan)
        self.lan = Line(InterfaceName("GigabitEthernet", "0/1"), 1, 14, MACS[1], self.to_lan)
        self.flows.lines = {0: self.wan, 1: self.lan}
        self.flows.follow(id(self.leader), snapshot_of(self.leader))

    @property
    def follower(self) -> GroupDataPlane:
        """The plane that works for the router's."""
        return self.flows._planes[id(self.leader)]

    @property
    def handover(self) -> Handover:
        """What the router gets to see."""
        return self.forwarder.handover

    def taught(self, packet: bytes, mtu: int = 1500) -> Gateway:
        """With the flow of a packet, out and in."""
        self.flows.learn(self.lan.name, False, packet, Plan(self.wan.name, WAN_HEAD, mtu, None, id(self.leader)))
        self.flows.learn(self.wan.name, True, packet, Plan(self.lan.name, LAN_HEAD, mtu))
        outside = packet[:9] + b"\x32" + packet[10:20] + self.key.spi
        self.flows.learn(self.wan.name, False, outside, Plan(None, opener=id(self.leader)))
        return self

    def answered(self, packet: bytes, now: float = 1.0) -> list[bytes]:
        """The router has answered about the flow of a host's packet; what goes to the WAN."""
        self.forwarder.answered(self.lan.outer, flow_key(packet), now)
        return self.to_wan.take()

    def from_lan(self, *frames: bytes, now: float = 1.0) -> list[bytes]:
        """Frames of hosts, of which each is an offload header and a packet; what goes to the WAN."""
        self.forwarder.take(self.lan.outer, [framed(frame, MACS[1] + MACS[2] + TYPE) for frame in frames], now)
        return self.to_wan.take()

    def from_wan(self, *frames: bytes, now: float = 1.0) -> list[bytes]:
        """What a peer has sent; what goes to the LAN, without its Ethernet header."""
        own = [frame[:10] + MACS[0] + frame[16:] for frame in frames]
        self.forwarder.take(self.wan.outer, own, now)
        return [unframed(frame) for frame in self.to_lan.take()]


def framed(frame: bytes, front: bytes) -> bytes:
    """With something behind the offload header."""
    flags, kind, header, size, start, offset = HEADER.unpack_from(frame)
    moved = len(front) if start else 0
    return HEADER.pack(flags, kind, header + moved, size, start + moved, offset) + front + frame[10:]


def unframed(frame: bytes) -> bytes:
    """Without the Ethernet header behind the offload header."""
    flags, kind, header, size, start, offset = HEADER.unpack_from(frame)
    moved = 14 if start else 0
    return HEADER.pack(flags, kind, header - moved, size, start - moved, offset) + frame[24:]


def datagram(size: int = 100, identification: int = 1, ttl: int = 64, **ip: Any) -> bytes:
    """A plain frame with a UDP packet of `size` octets."""
    packet = IP(**{"src": ENDS[0], "dst": ENDS[1], "id": identification, "ttl": ttl, **ip}) / UDP(sport=5, dport=6)
    return PLAIN + bytes(packet / Raw(bytes(number & 0xFF for number in range(size - 28))))


def stream(length: int, size: int, flags: str = "A", sequence: int = 1, ttl: int = 64) -> bytes:
    """A frame with TCP data for many segments."""
    head = TCP(sport=5, dport=6, seq=sequence, ack=9, flags=flags, options=[("Timestamp", (1, 2))])
    data = Raw(bytes(number * 7 & 0xFF for number in range(length)))
    return HEADER.pack(NEEDS_CHECKSUM, GSO_TCP4, 52, size, 20, 16) + bytes(
        IP(src=ENDS[0], dst=ENDS[1], id=7, flags="DF", ttl=ttl) / head / data
    )

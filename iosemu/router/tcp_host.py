"""The router's own TCP host: who listens, which connections there are, and what goes between them and the IP stack."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.engines.common import Endpoint
from iosemu.engines.tcp.config import DEFAULT_MSS, TcpConfig
from iosemu.engines.tcp.connection import Connection
from iosemu.engines.tcp.events import Failure, SegmentRefused
from iosemu.engines.tcp.resets import reset_for
from iosemu.engines.tcp.states import State
from iosemu.router.clock import Clock, Timer
from iosemu.router.interfaces import Interface
from iosemu.router.ip import IpStack
from iosemu.router.tcp_socket import TcpSocket
from iosemu.router.vrf import ALL_ONES
from iosemu.wire import icmp
from iosemu.wire.ipv4 import MINIMUM_HEADER as IP_HEADER
from iosemu.wire.ipv4 import TCP, Packet
from iosemu.wire.tcp import ACK, RST, SYN, Segment
from iosemu.wire.tcp import MINIMUM_HEADER as TCP_HEADER

MAXIMUM_CONNECTIONS, MAXIMUM_HALF_OPEN = 512, 64
FIRST_PORT, LAST_PORT = 11000, 65000

Handler = Callable[[TcpSocket], None]
_Key = tuple[Endpoint, Endpoint]


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that is served in one routing instance, or in all (None). The handler gets what was accepted;
    `service` is a name for shows."""

    port: int
    vrf: str | None
    handler: Handler
    service: str = ""


class TcpHost:
    """All TCP connections of a router. `refused` counts dropped segments by reason. Observers see each segment and
    whether it is ours, and each change of a connection's state with the state before."""

    def __init__(self, clock: Clock, ip: IpStack) -> None:
        self._clock = clock
        self._ip = ip
        self._listeners: dict[tuple[str | None, int], Listener] = {}
        self._sockets: dict[_Key, TcpSocket] = {}
        self._timers: dict[_Key, Timer] = {}
        self._next_port: int | None = None
        self.refused: dict[str, int] = {}
        self.segment_observers: list[Callable[[bool, Segment], None]] = []
        self.state_observers: list[Callable[[TcpSocket, State], None]] = []
        self._pumping = False
        self._waiting: deque[TcpSocket] = deque()
        ip.protocols[TCP] = self.receive
        ip.icmp.listen(self._hear)

    # What features use

    @property
    def listeners(self) -> list[Listener]:
        """All ports that are served, in order."""
        return sorted(self._listeners.values(), key=lambda item: (item.port, item.vrf or ""))

    @property
    def sockets(self) -> list[TcpSocket]:
        """All connections, the oldest first."""
        return list(self._sockets.values())

    def listen(self, port: int, handler: Handler, vrf: str | None = None, service: str = "") -> None:
        """Serve a port: the handler gets each connection once it is established."""
        self._listeners[vrf, port] = Listener(port, vrf, handler, service)

    def unlisten(self, port: int, vrf: str | None = None) -> None:
        """End the service of a port; connections go on."""
        self._listeners.pop((vrf, port), None)

    def connect(
        self, destination: IPv4Address, port: int, *, source: IPv4Address | None = None, vrf: str = ""
    ) -> TcpSocket:
        """Begin a connection. Its callbacks are called later, `failed` too where there is no route."""
        own = source if source is not None else self._ip.source_for(destination, vrf)
        remote = Endpoint(destination, port, vrf)
        local = Endpoint(own if own is not None else IPv4Address(0), self._free_port(remote), vrf)
        socket = self._socket(local, remote)
        if own is None or not self._reachable(destination, vrf) or not self._make_room():
            self._clock.call_later(0, lambda: socket.failed(Failure.UNREACHABLE))
            return socket
        self._sockets[local, remote] = socket
        socket.connection.connect(self._clock.now())
        self._pump(socket)
        return socket

    def stop(self) -> None:
        """The router is switched off: nothing is said any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._sockets.clear()
        self._listeners.clear()

    # Segments

    def receive(self, packet: Packet, interface: Interface) -> None:
        """Take a segment addressed to us; raises WireError when it is malformed."""
        vrf = interface.vrf
        segment = Segment.parse(packet.payload, packet.source, packet.destination)
        if (
            packet.source.is_multicast
            or int(packet.source) in (0, ALL_ONES)
            or not self._ip.is_local(packet.destination, vrf)
        ):
            return
        local = Endpoint(packet.destination, segment.destination_port, vrf)
        remote = Endpoint(packet.source, segment.source_port, vrf)
        for observer in self.segment_observers:
            observer(False, segment)
        socket = self._sockets.get((local, remote))
        if socket is not None and socket.connection.superseded_by(segment):
            self._forget(socket)
            socket = None
        if socket is None:
            socket = self._accept(segment, local, remote)
        if socket is not None:
            socket.connection.receive(segment, self._clock.now())
            self._pump(socket)

    def _accept(self, segment: Segment, local: Endpoint, remote: Endpoint) -> TcpSocket | None:
        """A new connection for a SYN to a served port; anything else is answered by a RST."""
        listener = self._listeners.get((local.vrf, local.port)) or self._listeners.get((None, local.port))
        if listener is None or segment.flags & (SYN | ACK | RST) != SYN:
            reset = reset_for(segment)
            if reset is not None:
                self._send(reset, local, remote)
            return None
        half_open = [item for item in self._sockets.values() if item.connection.state is State.SYN_RECEIVED]
        if len(half_open) >= MAXIMUM_HALF_OPEN:
            # Who floods us loses first.
            self._forget(half_open[0])
        if not self._make_room():
            return None
        socket = self._sockets[local, remote] = self._socket(local, remote)
        socket.connected = lambda: listener.handler(socket)
        socket.connection.listen()
        return socket

    def _send(self, segment: Segment, local: Endpoint, remote: Endpoint) -> None:
        for observer in self.segment_observers:
            observer(True, segment)
        payload = segment.pack(local.address, remote.address)
        self._ip.send(Packet(local.address, remote.address, TCP, payload), local.vrf)

    def _hear(self, source: IPv4Address, message: icmp.IcmpMessage, quoted: Packet | None) -> None:
        """An ICMP error about a segment of ours."""
        if message.kind != icmp.UNREACHABLE or message.code == icmp.FRAGMENTATION_NEEDED:
            return
        if quoted is None or quoted.protocol != TCP or len(quoted.payload) < 8:
            return
        ports = int.from_bytes(quoted.payload[:2], "big"), int.from_bytes(quoted.payload[2:4], "big")
        for (local, remote), socket in list(self._sockets.items()):
            # Errors do not tell which instance they are about; the sequence number does.
            ends = local.address, remote.address, (local.port, remote.port)
            if ends == (quoted.source, quoted.destination, ports):
                socket.connection.unreachable(int.from_bytes(quoted.payload[4:8], "big"))
                self._pump(socket)

    # Connections at work

    def _pump(self, socket: TcpSocket) -> None:
        """Let a connection and its owner act until both are quiet. What an owner does to a socket from a callback
        waits for its turn."""
        self._waiting.append(socket)
        if self._pumping:
            return
        self._pumping = True
        try:
            while self._waiting:
                self._step(self._waiting.popleft())
        finally:
            self._pumping = False

    def _step(self, socket: TcpSocket) -> None:
        now = self._clock.now()
        socket.feed(now)
        for event in socket.deliver(now):
            if isinstance(event, SegmentRefused):
                self.refused[event.reason.value] = self.refused.get(event.reason.value, 0) + 1
        for segment in socket.connection.take_segments():
            self._send(segment, socket.local, socket.remote)
        before, socket.last_state = socket.last_state, socket.connection.state
        if before is not socket.last_state:
            for observer in self.state_observers:
                observer(socket, before)
        self._arm(socket)

    def _arm(self, socket: TcpSocket) -> None:
        """One timer per connection; one that is early finds nothing to do and is set anew."""
        key = socket.local, socket.remote
        if self._sockets.get(key) is not socket:
            return
        if socket.connection.state is State.CLOSED:
            self._forget(socket)
            return
        due = socket.connection.next_timer()
        timer = self._timers.get(key)
        if due is None or (timer is not None and timer.callback is not None and timer.when <= due):
            return
        if timer is not None:
            timer.cancel()
        self._timers[key] = self._clock.call_at(due, lambda: self._tick(key, socket))

    def _tick(self, key: _Key, socket: TcpSocket) -> None:
        self._timers.pop(key, None)
        socket.connection.handle_timer(self._clock.now())
        self._pump(socket)

    def _forget(self, socket: TcpSocket) -> None:
        key = socket.local, socket.remote
        self._sockets.pop(key, None)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def _socket(self, local: Endpoint, remote: Endpoint) -> TcpSocket:
        initial = int.from_bytes(self._clock.random_bytes(4), "big")
        config = TcpConfig(mss=self._segment_size(remote.address, remote.vrf))
        connection = Connection(local, remote, config, initial)
        return TcpSocket(connection, self._pump, self._clock.now())

    def _segment_size(self, peer: IPv4Address, vrf: str) -> int:
        """What fits into the packets of a neighbour; a router that does not discover path MTUs sends small segments to
        everybody else (RFC 9293 section 3.7.1)."""
        path = self._ip.routes_of(vrf).lookup(int(peer))
        if path is None or path.next_hop is not None:
            return DEFAULT_MSS
        return max(DEFAULT_MSS, path.interface.mtu - IP_HEADER - TCP_HEADER)

    def _reachable(self, destination: IPv4Address, vrf: str) -> bool:
        return self._ip.is_local(destination, vrf) or self._ip.routes_of(vrf).lookup(int(destination)) is not None

    def _make_room(self) -> bool:
        """Whether one more connection may be; the oldest that only waits for its end makes way."""
        if len(self._sockets) < MAXIMUM_CONNECTIONS:
            return True
        over = next((item for item in self._sockets.values() if item.connection.state is State.TIME_WAIT), None)
        if over is not None:
            self._forget(over)
        return over is not None

    def _free_port(self, remote: Endpoint) -> int:
        """A port of ours that no connection to the same peer uses."""
        taken = {local.port for local, other in self._sockets if other == remote}
        taken |= {port for _, port in self._listeners}
        port = self._next_port
        if port is None:
            port = FIRST_PORT + int.from_bytes(self._clock.random_bytes(2), "big") % (LAST_PORT - FIRST_PORT)
        while port in taken:
            port = port + 1 if port < LAST_PORT else FIRST_PORT
        self._next_port = port + 1 if port < LAST_PORT else FIRST_PORT
        return port

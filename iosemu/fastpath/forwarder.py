"""What becomes of the frames that a device brings. What is not plain goes to the router, and so does what goes wrong:
it judges again, logs, counts and recovers."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.sa import FLOW_CACHE_SIZE, EspSa, NonceExhaustedError
from iosemu.engines.esp.verdict import flow_of
from iosemu.fastpath.lines import TOLD_APART, Flow, FlowKey, Line, Run, Side
from iosemu.fastpath.pure import Engine, Sealing
from iosemu.ports.device import BATCH
from iosemu.ports.offload import ECN, GSO_TCP4, HEADER, NEEDS_CHECKSUM, PLAIN, finished
from iosemu.router.names import InterfaceName
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import MINIMUM_HEADER, TCP

FIN_SYN_RST = 0x07
# Room for ports behind the header.
SHORTEST = 24
# Why the router must see a packet.
STRANGE = "not IPv4 for us, or damaged"
UNKNOWN = "flow not known"
SPECIAL = "beginning, end, last hop or odd offload"
LARGE = "too large"
UNSENT = "no SA to send with"
REFUSED = "ESP refused"
# How far from the IP header a checksum may begin, so that the front of any frame still fits before it.
FARTHEST = 0xFFFF - 18
# TTL, protocol and checksum of an IP header.
_MIDDLE = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class Punt:
    """A frame for the router, or a packet that came out of ESP. `learn` asks for a plan for its flow: there must be an
    answer."""

    name: InterfaceName
    data: bytes
    packet: bytes
    opened: bool
    learn: bool


class Forwarder:
    """Takes frames in batches; those of a flow are treated together. `punts` is what the router must see."""

    def __init__(self, engine: Engine, room: int, held: int) -> None:
        """`room` is for packets that the router has not handled yet, `held` for frames of flows it was asked about."""
        self.engine = engine
        self._room, self._most_held = room, held
        self.punts: list[Punt] = []
        self.reasons: Counter[str] = Counter()
        self._ordered: Flow | None = None
        # How many more the router has not handled yet, and how many frames wait for what it says of their flows.
        self.outstanding = self.held = 0
        # What came out of each SA and is what the SA is for.
        self._admitted: dict[int, set[bytes]] = {}

    def forget(self) -> None:
        """SAs may be for something else now, or gone."""
        self._admitted.clear()
        self.engine.forget()

    def take(self, side: Side, frames: Sequence[bytes], now: float) -> None:
        """Frames in their order."""
        at, unpack, receiver, form, find = side.at, side.unpack, side.receiver, side.form, side.flows.get
        rest, tcp_flags, join, pack = at + 12, at + 33, b"".join, _MIDDLE.pack
        busy: list[Flow] = []
        for frame in frames:
            try:
                offload, to, kind, tos, total, own, fragment, ttl, protocol, check, key = unpack(frame)
            except struct.error:
                self._punt(side, frame, STRANGE)
                continue
            if to != receiver or kind != form or fragment & 0x3FFF:
                self._punt(side, frame, STRANGE)
                continue
            known = protocol, key if protocol in TOLD_APART else key[:8]
            flow = find(known)
            if flow is None or flow.until <= now:
                self._unknown(side, known, frame, offload, total)
                continue
            if (flow.words + tos + total + own + fragment + (ttl << 8) + check) % 0xFFFF:
                self._punt(side, frame, STRANGE)
                continue
            if total != len(frame) - at:
                if offload or not SHORTEST <= total < len(frame) - at:
                    self._punt(side, frame, STRANGE)
                    continue
                frame = frame[: at + total]
            run = flow.run
            if run is None:
                run = self._begin(side, flow, now)
                busy.append(flow)
            if flow.out is None:
                run.whole.append(frame)
                continue
            if ttl <= 1 or (protocol == TCP and (total < 40 or frame[tcp_flags] & FIN_SYN_RST)):
                self._punt(side, frame, SPECIAL)
                continue
            count, longest, header, octets = 1, total, PLAIN, total
            if offload:
                try:
                    count, longest, header, octets = _shape(frame, at)
                except WireError:
                    self._punt(side, frame, SPECIAL)
                    continue
            if longest > flow.limit:
                self._punt(side, frame, LARGE)
                continue
            check += 0x100
            lowered = pack(ttl - 1, protocol, check if check <= 0xFFFF else check - 0xFFFF)
            run.whole.append(frame)
            run.onward.append(join((header, frame[at : at + 8], lowered, frame[rest:])))
            run.packets += count
            run.octets += octets
            if run.packets >= BATCH:
                self._flush(side, flow, now)
        for flow in busy:
            self._flush(side, flow, now)

    def _begin(self, side: Side, flow: Flow, now: float) -> Run:
        if flow.ordered:
            if self._ordered is not None:
                self._flush(side, self._ordered, now)
            self._ordered = flow
        flow.run = Run()
        return flow.run

    def _flush(self, side: Side, flow: Flow, now: float) -> None:
        """What was gathered of a flow goes on."""
        run, flow.run = flow.run, None
        if run is None:
            return
        if flow.out is None:
            self._open(side, flow, run.whole, now)
        elif run.onward:
            if not (self._seal(flow, run, now) if flow.rule is not None else self._forward(flow, run)):
                for frame in run.whole:
                    self._punt(side, frame, UNSENT)
                return
            flow.packets += run.packets
            if not side.opened:
                passed = side.line.passed
                passed.packets_in += run.packets
                passed.octets_in += run.octets + run.packets * side.line.network

    def _forward(self, flow: Flow, run: Run) -> bool:
        """In clear: frames of many segments stay what they are."""
        out, head = flow.out, flow.plan.head
        assert out is not None
        frames, front, length = [], PLAIN + head, len(head)
        for frame in run.onward:
            if frame[0] or frame[1]:
                flags, kind, header, size, start, offset = HEADER.unpack_from(frame)
                front = HEADER.pack(flags, kind, header + length, size, start + length, offset) + head
                frames.append(front + frame[HEADER.size :])
                front = PLAIN + head
            else:
                frames.append(front + frame[HEADER.size :])
        lost = [_shape(frame, HEADER.size) for frame in map(run.onward.__getitem__, out.channel.send(frames))]
        packets = run.packets - sum(item[0] for item in lost)
        out.passed.output_drops += run.packets - packets
        out.passed.packets_out += packets
        out.passed.octets_out += run.octets - sum(item[3] for item in lost) + packets * out.network
        return True

    def _seal(self, flow: Flow, run: Run, now: float) -> bool:
        plane, rule, out = flow.sealer, flow.rule, flow.out
        assert plane is not None
        assert rule is not None
        assert out is not None
        sa, packets = plane.sa_for(rule, now), run.packets
        stamp = plane.time.stamp(now, packets) if sa is not None and sa.by_time else b""
        if sa is None or stamp is None:
            return False
        front, number = PLAIN + flow.plan.head, plane.identify(packets)
        sa.before_sending(now)
        work = Sealing(run.onward, packets, flow.limit, sa, stamp, plane.df_rule, number, front, plane.random)
        try:
            sealed = self.engine.seal(work)
        except NonceExhaustedError:
            return False
        lost = out.channel.send(sealed)
        octets = sum(map(len, sealed)) - sum(len(sealed[number]) for number in lost)
        sent = packets - len(lost)
        sa.counters.encapsulated += packets
        sa.counters.sent_octets += run.octets
        out.passed.output_drops += len(lost)
        out.passed.packets_out += sent
        out.passed.octets_out += octets - sent * HEADER.size
        return True

    def _open(self, side: Side, flow: Flow, frames: list[bytes], now: float) -> None:
        """ESP of a pair of addresses, each SA for itself."""
        plane, start = flow.opener, side.at + MINIMUM_HEADER
        assert plane is not None
        by_spi: dict[bytes, list[bytes]] = {}
        for frame in frames:
            by_spi.setdefault(frame[start : start + 4], []).append(frame)
        for spi, group in by_spi.items():
            sa = plane.sas.get(spi)
            if sa is not None and sa.tek.expires_at > now:
                self._open_all(side, flow, sa, plane, group, now)
            else:
                for frame in group:
                    self._punt(side, frame, REFUSED)

    def _open_all(
        self, side: Side, flow: Flow, sa: EspSa, plane: GroupDataPlane, frames: list[bytes], now: float
    ) -> None:
        """Nothing is noted about a packet that the router will judge again."""
        clock, start = plane.time.clock, side.at + MINIMUM_HEADER
        found, delta = self.engine.open(frames, start, sa, clock.value(now) if clock is not None else None)
        admitted = self._admitted.setdefault(id(sa), set())
        inside, packets, octets, arrived = [], 0, 0, 0
        for packet, first, count, length in found:
            outside = frames[first : first + count]
            if packet is None or not _admits(sa, packet, admitted) or not _fresh(sa, outside, start):
                for frame in outside:
                    self._punt(side, frame, REFUSED)
                continue
            inside.append(packet)
            packets += count
            octets += length
            arrived += sum(map(len, outside))
        sa.counters.decapsulated += packets
        sa.counters.received_octets += octets
        if sa.by_time:
            plane.time.received += packets
            plane.time.largest_delta = max(plane.time.largest_delta, delta)
        flow.packets += packets
        passed = side.line.passed
        passed.packets_in += packets
        passed.octets_in += arrived - packets * HEADER.size
        self.take(side.line.inner, inside, now)

    def _unknown(self, side: Side, key: FlowKey, frame: bytes, offload: int, total: int) -> None:
        """The router is asked once what becomes of a flow; what follows of it waits here for the answer."""
        waiting = side.asked.get(key)
        if waiting is None:
            plain = _is_plain(frame, side.at, offload, total)
            if self._punt(side, frame, UNKNOWN if plain else SPECIAL, plain) and plain:
                side.asked[key] = []
        elif self.held < self._most_held:
            waiting.append(frame)
            self.held += 1
        else:
            side.line.passed.input_drops += 1

    def answered(self, side: Side, key: FlowKey, now: float) -> None:
        """The router has said what becomes of a flow, if it could. What has waited follows the first packet."""
        frames = side.asked.pop(key, [])
        self.held -= len(frames)
        flow = side.flows.get(key)
        if flow is not None and flow.until > now:
            self.take(side, frames, now)
        else:
            for frame in frames:
                self._punt(side, frame, UNKNOWN)

    def abandon(self, line: Line) -> None:
        """A device goes, and with it what waits of its flows."""
        for side in (line.outer, line.inner):
            count = sum(map(len, side.asked.values()))
            side.asked.clear()
            self.held -= count
            line.passed.input_drops += count

    def _punt(self, side: Side, frame: bytes, reason: str, learn: bool = False) -> bool:
        """Hand a frame to the router, if there is room for it. Of several packets in it the last one asks."""
        line = side.line
        packets = finished(frame, 0) if side.opened else [frame]
        room = max(self._room - self.outstanding - len(self.punts), 0)
        for number, packet in enumerate(packets[:room], 1):
            inside = packet if side.opened else packet[side.at :]
            self.punts.append(Punt(line.name, packet, inside, side.opened, learn and number == len(packets)))
        handed = min(len(packets), room)
        self.reasons[reason] += handed
        line.passed.input_drops += len(packets) - handed
        return handed == len(packets)


def _is_plain(frame: bytes, at: int, offload: int, total: int) -> bool:
    """Whether a packet of an unknown flow can be one of those that the worker handles."""
    size = len(frame) - at
    tcp = frame[at + 9] == TCP
    return (
        int.from_bytes(frame[at : at + MINIMUM_HEADER], "big") % 0xFFFF == 0
        and (total == size or (SHORTEST <= total < size and not offload))
        and not (tcp and (total < 40 or frame[at + 33] & FIN_SYN_RST))
    )


def _shape(frame: bytes, at: int) -> tuple[int, int, bytes, int]:
    """How many packets a frame stands for, how long the longest is, its offload header for a packet without a front,
    and the octets of all packets. Raises WireError for what the host cannot mean."""
    flags, kind, _, size, start, offset = HEADER.unpack_from(frame)
    total, begin = len(frame) - at, at - HEADER.size
    start -= begin
    if not kind:
        if not flags & NEEDS_CHECKSUM:
            return 1, total, bytes((flags,)) + PLAIN[1:], total
        if not MINIMUM_HEADER <= start <= min(total - offset - 2, FARTHEST):
            raise WireError("checksum outside its frame")
        return 1, total, HEADER.pack(flags, 0, 0, 0, start, offset), total
    if frame[at + 9] != TCP:
        raise WireError("segments of another protocol")
    head = MINIMUM_HEADER + (frame[at + 32] >> 4) * 4
    data = total - head
    if kind & ~ECN != GSO_TCP4 or start != MINIMUM_HEADER or not size or data <= 0 or head < 40:
        raise WireError("segments without headers")
    count = -(-data // size)
    header = HEADER.pack(flags, kind, head, size, start, offset)
    return count, head + min(size, data), header, total + (count - 1) * head


def _admits(sa: EspSa, frame: bytes, admitted: set[bytes]) -> bool:
    """Whether the packet of a frame is one of those that an SA is for (RFC 4301 section 5.2)."""
    mark = frame[19:20] + frame[22:34]
    if mark in admitted:
        return True
    if not sa.accepts(flow_of(frame[HEADER.size :])):
        return False
    if frame[19] in TOLD_APART:
        if len(admitted) >= FLOW_CACHE_SIZE:
            admitted.clear()
        admitted.add(mark)
    return True


def _fresh(sa: EspSa, frames: list[bytes], start: int) -> bool:
    """Whether all sequence numbers of authentic packets come for the first time; then they are noted."""
    windows = sa.windows
    if windows is None:
        return True
    at = start - MINIMUM_HEADER
    numbers = [
        (sa.sender_of(frame[at:], MINIMUM_HEADER), int.from_bytes(frame[start + 4 : start + 8], "big"))
        for frame in frames
    ]
    if len(set(numbers)) < len(numbers) or not all(windows.is_fresh(*number) for number in numbers):
        return False
    return sum(windows.accept(*number) for number in numbers) == len(numbers)

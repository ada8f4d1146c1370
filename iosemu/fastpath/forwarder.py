"""What becomes of the frames that a device brings. What is not plain goes to the router, and so does what goes wrong:
it judges again, logs, counts and recovers."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.sequence import NonceExhaustedError
from iosemu.fastpath.admission import admits, fresh
from iosemu.fastpath.handover import LARGE, REFUSED, SPECIAL, STRANGE, UNKNOWN, UNSENT, Handover
from iosemu.fastpath.lines import TOLD_APART, FlowKey, Lane, Side
from iosemu.fastpath.pure import Engine, Sealing
from iosemu.fastpath.shapes import FIN_SYN_RST, SHORTEST, shape
from iosemu.ports.device import BATCH
from iosemu.ports.offload import HEADER, PLAIN
from iosemu.wire.errors import WireError
from iosemu.wire.ipv4 import MINIMUM_HEADER, TCP

# TTL, protocol and checksum of an IP header.
_MIDDLE = struct.Struct("!BBH")


class Forwarder:
    """Takes frames in batches; those of a lane are treated together."""

    def __init__(self, engine: Engine, handover: Handover) -> None:
        self.engine, self.handover = engine, handover
        # What came out of each SA and is what the SA is for.
        self._admitted: dict[int, set[bytes]] = {}

    def forget(self) -> None:
        """SAs may be for something else now, or gone."""
        self._admitted.clear()
        self.engine.forget()

    def take(self, side: Side, frames: Sequence[bytes], now: float) -> None:
        """Frames in their order."""
        at, unpack, receiver, form, tables = side.at, side.unpack, side.receiver, side.form, side.flows.by_protocol
        behind, tcp_flags, join, pack = at + 12, at + 33, b"".join, _MIDDLE.pack
        busy: list[Lane] = []
        for frame in frames:
            try:
                offload, to, kind, tos, total, own, fragment, ttl, protocol, check, key = unpack(frame)
            except struct.error:
                self.handover.punt(side, frame, STRANGE)
                continue
            if to != receiver or kind != form or fragment & 0x3FFF:
                self.handover.punt(side, frame, STRANGE)
                continue
            rest = key if protocol in TOLD_APART else key[:8]
            flow = tables[protocol].get(rest)
            if flow is None or flow.until <= now:
                self.handover.unknown(side, (protocol, rest), frame, offload, total)
                continue
            if (flow.words + tos + total + own + fragment + (ttl << 8) + check) % 0xFFFF:
                self.handover.punt(side, frame, STRANGE)
                continue
            if total != len(frame) - at:
                if offload or not SHORTEST <= total < len(frame) - at:
                    self.handover.punt(side, frame, STRANGE)
                    continue
                frame = frame[: at + total]
            lane = flow.lane
            if lane.out is None:
                if not lane.whole:
                    busy.append(lane)
                lane.whole.append(frame)
                flow.packets += 1
                continue
            if ttl <= 1 or (protocol == TCP and (total < 40 or frame[tcp_flags] & FIN_SYN_RST)):
                self.handover.punt(side, frame, SPECIAL)
                continue
            count, longest, header, octets = 1, total, PLAIN, total
            if offload:
                try:
                    count, longest, header, octets = shape(frame, at)
                except WireError:
                    self.handover.punt(side, frame, SPECIAL)
                    continue
            if longest > lane.limit:
                self.handover.punt(side, frame, LARGE)
                continue
            check += 0x100
            lowered = pack(ttl - 1, protocol, check if check <= 0xFFFF else check - 0xFFFF)
            if not lane.whole:
                busy.append(lane)
            lane.whole.append(frame)
            lane.onward.append(join((header, frame[at : at + 8], lowered, frame[behind:])))
            flow.packets += count
            lane.packets += count
            lane.octets += octets
            if lane.packets >= BATCH:
                self._flush(side, lane, now)
        for lane in busy:
            if lane.whole:
                self._flush(side, lane, now)

    def _flush(self, side: Side, lane: Lane, now: float) -> None:
        """What was gathered in a lane goes on."""
        packets, octets = lane.packets, lane.octets
        whole, onward = lane.gathered()
        if lane.out is None:
            self._open(side, lane, whole, now)
        elif lane.rule is None:
            self._forward(lane, onward, packets, octets)
        elif not self._seal(lane, onward, packets, octets, now):
            for frame in whole:
                self._return(side, frame, UNSENT)
            return
        if not side.opened:
            passed = side.line.passed
            passed.packets_in += packets
            passed.octets_in += octets + packets * side.line.network

    def _forward(self, lane: Lane, onward: list[bytes], packets: int, octets: int) -> None:
        """In clear: frames of many segments stay what they are."""
        out, head = lane.out, lane.head
        assert out is not None
        frames, front, length = [], PLAIN + head, len(head)
        for frame in onward:
            if frame[0] or frame[1]:
                flags, kind, header, size, start, offset = HEADER.unpack_from(frame)
                moved = HEADER.pack(flags, kind, header + length, size, start + length, offset)
                frames.append(moved + head + frame[HEADER.size :])
            else:
                frames.append(front + frame[HEADER.size :])
        lost = [shape(frame, HEADER.size) for frame in map(onward.__getitem__, out.channel.send(frames))]
        sent = packets - sum(item[0] for item in lost)
        out.passed.output_drops += packets - sent
        out.passed.packets_out += sent
        out.passed.octets_out += octets - sum(item[3] for item in lost) + sent * out.network

    def _seal(self, lane: Lane, onward: list[bytes], packets: int, octets: int, now: float) -> bool:
        """Protected; False where no SA can send so many packets."""
        plane, rule, out = lane.plane, lane.rule, lane.out
        assert plane is not None
        assert rule is not None
        assert out is not None
        sa = plane.sa_for(rule, now)
        stamp = plane.time.stamp(now, packets) if sa is not None and sa.by_time else b""
        if sa is None or stamp is None:
            return False
        front, number = PLAIN + lane.head, plane.identify(packets)
        sa.before_sending(now)
        work = Sealing(onward, packets, lane.limit, sa, stamp, plane.df_rule, number, front, plane.random)
        try:
            sealed = self.engine.seal(work)
        except NonceExhaustedError:
            return False
        lost = out.channel.send(sealed)
        carried = sum(map(len, sealed)) - sum(len(sealed[number]) for number in lost)
        sent = packets - len(lost)
        sa.counters.encapsulated += packets
        sa.counters.sent_octets += octets
        out.passed.output_drops += len(lost)
        out.passed.packets_out += sent
        out.passed.octets_out += carried - sent * HEADER.size
        return True

    def _open(self, side: Side, lane: Lane, frames: list[bytes], now: float) -> None:
        """ESP, each SA for itself."""
        plane, start = lane.plane, side.at + MINIMUM_HEADER
        assert plane is not None
        by_spi: dict[bytes, list[bytes]] = {}
        for frame in frames:
            by_spi.setdefault(frame[start : start + 4], []).append(frame)
        for spi, group in by_spi.items():
            sa = plane.sas.get(spi)
            if sa is not None and sa.tek.expires_at > now:
                self._open_all(side, sa, plane, group, now)
            else:
                for frame in group:
                    self._return(side, frame, REFUSED)

    def _open_all(self, side: Side, sa: EspSa, plane: GroupDataPlane, frames: list[bytes], now: float) -> None:
        """Nothing is noted about a packet that the router will judge again."""
        clock, start = plane.time.clock, side.at + MINIMUM_HEADER
        found, delta = self.engine.open(frames, start, sa, clock.value(now) if clock is not None else None)
        known = self._admitted.setdefault(id(sa), set())
        good = [packet is not None and admits(sa, packet, known) for packet, _, _ in found]
        if sa.windows is not None:
            runs = [[frames[n] for n in numbers] if ok else [] for ok, (_, numbers, _) in zip(good, found, strict=True)]
            good = [ok and new for ok, new in zip(good, fresh(sa, sa.windows, runs, start), strict=True)]
        inside, packets, octets, arrived = [], 0, 0, sum(map(len, frames))
        for ok, (packet, numbers, length) in zip(good, found, strict=True):
            if packet is None or not ok:
                for number in numbers:
                    arrived -= len(frames[number])
                    self._return(side, frames[number], REFUSED)
                continue
            inside.append(packet)
            packets += len(numbers)
            octets += length
        sa.counters.decapsulated += packets
        sa.counters.received_octets += octets
        if sa.by_time:
            plane.time.received += packets
            plane.time.largest_delta = max(plane.time.largest_delta, delta)
        passed = side.line.passed
        passed.packets_in += packets
        passed.octets_in += arrived - packets * HEADER.size
        self.take(side.line.inner, inside, now)

    def _return(self, side: Side, frame: bytes, reason: str) -> None:
        """A frame that its flow has counted goes to the router, which counts it itself."""
        protocol, key = side.unpack(frame)[8::2]
        flow = side.flows.by_protocol[protocol][key if protocol in TOLD_APART else key[:8]]
        flow.packets -= 1 if flow.lane.out is None else shape(frame, side.at)[0]
        self.handover.punt(side, frame, reason)

    def answered(self, side: Side, key: FlowKey, now: float) -> None:
        """The router has said what becomes of a flow, if it could. What has waited follows the first packet."""
        frames = self.handover.released(side, key)
        flow = side.flows.get(key)
        if flow is not None and flow.until > now:
            self.take(side, frames, now)
        else:
            for frame in frames:
                self.handover.punt(side, frame, UNKNOWN)

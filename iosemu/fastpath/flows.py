"""The flows that the worker knows, and the data planes that it follows for them."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from iosemu.engines.esp import sharing
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.sharing import Snapshot, Work
from iosemu.engines.esp.time_replay import STAMP_OCTETS
from iosemu.engines.esp.tunnel import plaintext_mtu
from iosemu.engines.esp.verdict import Outcome
from iosemu.fastpath.lines import Flow, Lane, Line, Side, flow_key
from iosemu.fastpath.plan import Plan
from iosemu.router.names import InterfaceName

MAXIMUM_FLOWS = 65536


class Flows:
    """All that the router has said. It belongs to one worker."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.lines: dict[int, Line] = {}
        self._planes: dict[int, GroupDataPlane] = {}
        # What a plane and an MTU leave for a packet, until the plane has other SAs.
        self._limits: dict[tuple[int, int], int] = {}
        # What flows have counted, by the number of their plan; plans that count no more.
        self._retired: list[tuple[int, int]] = []
        self._gone: list[int] = []

    def __len__(self) -> int:
        return sum(len(side.flows) for line in self.lines.values() for side in (line.outer, line.inner))

    def forget(self) -> None:
        """Ask the router again about every flow."""
        for line in self.lines.values():
            for side in (line.outer, line.inner):
                for flow in side.flows:
                    self._end(flow)
                side.flows.clear()
                side.lanes = {}

    def follow(self, number: int, snapshot: Snapshot) -> None:
        """A data plane has another policy or other keys; flows that it treats as before stay."""
        plane = self._planes.get(number)
        if plane is None:
            plane = self._planes[number] = GroupDataPlane(os.urandom)
        sharing.follow(plane, snapshot)
        self._limits.clear()
        for line in self.lines.values():
            for side in (line.outer, line.inner):
                side.lanes = {key: lane for key, lane in side.lanes.items() if lane.plane is not plane}
                side.flows.keep(partial(self._stays, side, plane))

    def unfollow(self, number: int) -> None:
        """A data plane is no more."""
        self._planes.pop(number, None)
        self.forget()

    def line(self, name: InterfaceName) -> Line | None:
        """A device."""
        return next((line for line in self.lines.values() if line.name == name), None)

    def side(self, name: InterfaceName, opened: bool) -> Side | None:
        """Where packets of a device, or of the ESP that it brings, are looked up."""
        line = self.line(name)
        return None if line is None else line.inner if opened else line.outer

    def learn(self, name: InterfaceName, opened: bool, packet: bytes, plan: Plan) -> None:
        """How to treat the flow of a packet from now on."""
        line, out = self.line(name), self.line(plan.egress) if plan.egress is not None else None
        opener = self._planes.get(plan.opener) if plan.opener is not None else None
        sealer = self._planes.get(plan.sealer) if plan.sealer is not None else None
        if (
            line is None
            or (plan.egress is None) != (out is None)
            or (plan.opener is None) != (opener is None)
            or (plan.sealer is None) != (sealer is None)
        ):
            self._drop(plan)
            return
        words = 0x4500 + packet[9] + int.from_bytes(packet[12:20], "big") % 0xFFFF
        flow, side = Flow(plan.until, words, plan, packet[:64], opener, sealer), line.inner if opened else line.outer
        if not self._place(side, flow, out):
            self._drop(plan)
            return
        if len(side.flows) >= MAXIMUM_FLOWS:
            self.forget()
        former = side.flows.get(key := flow_key(packet))
        if former is not None:
            self._end(former)
        side.flows.put(key, flow)

    def take_work(self) -> tuple[dict[int, Work], list[tuple[int, int]], list[int]]:
        """What planes have counted since the last time, and flows by the numbers of their plans; plans that count no
        more."""
        for line in self.lines.values():
            for side in (line.outer, line.inner):
                for flow in side.flows:
                    self._retire(flow)
        retired, self._retired = self._retired, []
        gone, self._gone = self._gone, []
        return {number: sharing.take_work(plane) for number, plane in self._planes.items()}, retired, gone

    def _place(self, side: Side, flow: Flow, out: Line | None, former: Lane | None = None) -> bool:
        """Put a flow into the lane that fits it and its planes; False where its plan does not hold any more."""
        plan, opener, sealer = flow.plan, flow.opener, flow.sealer
        if out is None:
            lane = Lane(None, b"", 0, opener, None)
        else:
            if opener is not None and opener.inbound(flow.sample, self._now()).outcome is not Outcome.CLEAR:
                return False
            rule = sealer.rule_for(flow.sample) if sealer is not None else None
            if former is not None and (rule is None) != (former.rule is None):
                return False
            limit = self._limit(sealer, plan.mtu) if sealer is not None and rule is not None else plan.mtu
            lane = Lane(out, plan.head, limit, sealer, rule)
        key = plan.egress, plan.head, lane.limit, id(lane.plane), id(lane.rule)
        flow.lane = side.lanes.setdefault(key, lane)
        return True

    def _stays(self, side: Side, plane: GroupDataPlane, flow: Flow) -> bool:
        """Whether a flow goes on when a plane treats packets otherwise."""
        concerned = flow.opener is plane or flow.sealer is plane
        if not concerned or self._place(side, flow, flow.lane.out, flow.lane):
            return True
        self._end(flow)
        return False

    def _limit(self, plane: GroupDataPlane, mtu: int) -> int:
        """The longest packet that every SA of a plane can bring through an MTU."""
        known = self._limits.get((id(plane), mtu))
        if known is None:
            sizes = [plaintext_mtu(sa.transform, mtu, STAMP_OCTETS if sa.by_time else 0) for sa in plane.sas.values()]
            known = self._limits[id(plane), mtu] = min(sizes, default=0)
        return known

    def _retire(self, flow: Flow) -> None:
        """Note what a flow has counted."""
        if flow.packets and flow.plan.number:
            self._retired.append((flow.plan.number, flow.packets))
        flow.packets = 0

    def _end(self, flow: Flow) -> None:
        """A flow is no more."""
        self._retire(flow)
        self._drop(flow.plan)

    def _drop(self, plan: Plan) -> None:
        if plan.number:
            self._gone.append(plan.number)

"""Hosts and routers of a segment, back to back."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.engines.common import earliest
from iosemu.engines.igmp.config import IgmpConfig
from iosemu.engines.igmp.events import MembersGone, MembersPresent, QuerierChanged
from iosemu.engines.igmp.host import IgmpHost
from iosemu.engines.igmp.router import IgmpRouter
from iosemu.wire.igmp import ALL_V3_ROUTERS, GroupRecord, Igmp, IgmpMessage, IgmpType, Query3, RecordType, Report3

GROUP, OTHER = IPv4Address("239.1.1.1"), IPv4Address("239.1.1.2")
NOBODY = IPv4Address(0)


class Segment:
    """Everybody hears everybody at once; `said` has who has said what, and when."""

    def __init__(self, routers: int = 1, hosts: int = 2, version: int = 2, host_version: int | None = None) -> None:
        self.now = 0.0
        uniform = Random(1).uniform
        addresses = [IPv4Address(f"10.0.0.{n + 1}") for n in range(routers)]
        self.routers = [IgmpRouter(IgmpConfig(address, version), 0.0) for address in addresses]
        self.hosts = [IgmpHost(uniform, host_version or version) for _ in range(hosts)]
        self.said: list[tuple[IPv4Address, float, Igmp]] = []
        self.run(0)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        everybody: list[IgmpRouter | IgmpHost] = [*self.routers, *self.hosts]
        self._talk()
        while (due := earliest(*(item.next_timer() for item in everybody))) is not None and due <= end:
            self.now = max(self.now, due)
            for item in everybody:
                item.handle_timer(self.now)
            self._talk()
        self.now = end

    def say(self, source: IPv4Address, message: Igmp) -> None:
        """A message reaches all others."""
        self.said.append((source, self.now, message))
        for router in self.routers:
            if router.config.address != source:
                router.receive(message, source, self.now)
        for n, host in enumerate(self.hosts):
            if self.address(n) != source:
                host.receive(message, self.now)

    @staticmethod
    def address(host: int) -> IPv4Address:
        return IPv4Address(f"10.0.0.{host + 100}")

    def _talk(self) -> None:
        for _ in range(50):
            found = [(router.config.address, item) for router in self.routers for _, item in router.take_messages()]
            found += [(self.address(n), item) for n, host in enumerate(self.hosts) for _, item in host.take_messages()]
            if not found:
                return
            for source, message in found:
                self.say(source, message)
        raise AssertionError("no end of messages")

    def count(self, kind: int) -> int:
        """Messages of a kind of versions 1 and 2."""
        return sum(isinstance(item, IgmpMessage) and item.kind == kind for _, _, item in self.said)


def test_members_report_and_one_answer_is_enough() -> None:
    segment = Segment()
    for host in segment.hosts:
        host.join(GROUP, segment.now)
    segment.run(20)
    (router,) = segment.routers
    assert router.take_events() == [MembersPresent(GROUP)]
    segment.said.clear()
    segment.run(600)
    assert segment.count(IgmpType.QUERY) == 10
    assert segment.count(IgmpType.REPORT) == 10
    assert router.groups[GROUP].last_reporter in (segment.address(0), segment.address(1))


def test_a_leave_is_checked_before_it_is_believed() -> None:
    segment = Segment()
    for host in segment.hosts:
        host.join(GROUP, segment.now)
    segment.run(20)
    segment.hosts[0].leave(GROUP, segment.now)
    segment.run(5)
    (router,) = segment.routers
    assert GROUP in router.groups
    router.take_events()
    segment.hosts[1].leave(GROUP, segment.now)
    segment.run(1.9)
    assert GROUP in router.groups
    segment.run(0.2)
    assert router.take_events() == [MembersGone(GROUP)]


def test_a_host_that_is_silent_is_forgotten_after_three_intervals() -> None:
    segment = Segment()
    segment.hosts[0].join(GROUP, segment.now)
    segment.run(20)
    segment.hosts.clear()
    segment.run(175)
    assert GROUP in segment.routers[0].groups
    segment.run(15)
    assert GROUP not in segment.routers[0].groups


def test_the_lowest_address_asks_until_it_is_gone() -> None:
    segment = Segment(routers=2)
    segment.run(60)
    low, high = segment.routers
    assert low.is_querier
    assert not high.is_querier
    assert QuerierChanged(low.config.address) in high.take_events()
    segment.said.clear()
    segment.run(300)
    assert {source for source, _, _ in segment.said} == {low.config.address}
    segment.routers.remove(low)
    segment.run(125)
    assert high.is_querier
    assert high.take_events() == [QuerierChanged(high.config.address)]


def test_both_routers_believe_the_same_after_a_leave() -> None:
    segment = Segment(routers=2)
    segment.hosts[0].join(GROUP, segment.now)
    segment.run(60)
    segment.hosts[0].leave(GROUP, segment.now)
    segment.run(3)
    assert [GROUP in router.groups for router in segment.routers] == [False, False]


def test_static_groups_stay() -> None:
    segment = Segment(hosts=0)
    (router,) = segment.routers
    router.reconfigure(replace(router.config, static=frozenset({GROUP})), segment.now)
    segment.run(1000)
    assert router.take_events() == [MembersPresent(GROUP)]
    router.reconfigure(replace(router.config, static=frozenset()), segment.now)
    assert router.take_events() == [MembersGone(GROUP)]


def test_version_1_hosts_do_not_leave() -> None:
    segment = Segment(version=2, host_version=1)
    segment.hosts[0].join(GROUP, segment.now)
    segment.run(20)
    assert segment.count(IgmpType.V1_REPORT) >= 2
    assert not segment.count(IgmpType.REPORT)
    segment.say(segment.address(1), IgmpMessage(IgmpType.LEAVE, GROUP))
    segment.run(5)
    assert GROUP in segment.routers[0].groups


def test_hosts_speak_as_the_oldest_querier() -> None:
    segment = Segment(version=1, host_version=3)
    segment.hosts[0].join(GROUP, segment.now)
    segment.run(1)
    assert segment.count(IgmpType.V1_REPORT) == 1


def test_version_3() -> None:
    segment = Segment(version=3)
    host = segment.hosts[0]
    host.join(GROUP, segment.now)
    ((to, report),) = host.take_messages()
    assert (to, report) == (ALL_V3_ROUTERS, Report3((GroupRecord(RecordType.TO_EXCLUDE, GROUP),)))
    segment.say(segment.address(0), report)
    segment.run(130)
    assert any(isinstance(item, Query3) for _, _, item in segment.said)
    (router,) = segment.routers
    assert router.groups[GROUP].version == 3
    # Wanting some sources is wanting the group; wanting none is leaving it.
    segment.say(segment.address(1), Report3((GroupRecord(RecordType.ALLOW, OTHER, (segment.address(0),)),)))
    assert OTHER in router.groups
    segment.say(segment.address(1), Report3((GroupRecord(RecordType.TO_INCLUDE, OTHER),)))
    host.leave(GROUP, segment.now)
    segment.run(5)
    assert not router.groups


def test_groups_of_the_segment_itself_are_nobodys_business() -> None:
    segment = Segment()
    segment.say(segment.address(0), IgmpMessage(IgmpType.REPORT, IPv4Address("224.0.0.5")))
    segment.say(segment.address(0), IgmpMessage(IgmpType.REPORT, IPv4Address("10.0.0.1")))
    assert not segment.routers[0].groups


address = st.sampled_from([IPv4Address(text) for text in ("0.0.0.0", "10.0.0.0", "10.0.0.9", "239.1.1.1", "224.0.0.1")])
records = st.lists(st.builds(GroupRecord, st.integers(0, 7), address, st.lists(address, max_size=2).map(tuple)))
messages = st.one_of(
    st.builds(IgmpMessage, st.integers(0, 0x30), address, st.integers(0, 255)),
    st.builds(Query3, address, st.integers(0, 200)),
    st.builds(Report3, records.map(tuple)),
)


@settings(max_examples=100)
@given(st.lists(st.tuples(address, messages, st.floats(0, 200)), max_size=20))
def test_nothing_that_is_said_does_harm(said: list[tuple[IPv4Address, Igmp, float]]) -> None:
    segment = Segment()
    segment.hosts[0].join(GROUP, 0.0)
    for source, message, wait in said:
        segment.say(source, message)
        segment.run(wait)
    segment.run(1000)

"""A list judges the packets of a flow alike, until the configuration or something beside the flow changes."""

from __future__ import annotations

from iosemu.cli import load_config
from iosemu.features.acl.access_group import AccessGroupService
from iosemu.features.assembly import build_grammar, build_router
from iosemu.router.clock import VirtualClock
from iosemu.router.interfaces import ACL_IN
from iosemu.router.names import InterfaceName
from iosemu.router.router import Router
from tests.engines.gdoi.network import udp_packet

CONFIG = """
interface GigabitEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 ip access-group TEST in
ip access-list extended TEST
 10 deny udp any any dscp ef
 20 permit udp 10.1.0.0 0.0.255.255 any
 30 permit ip host 10.2.0.1 any time-range NEVER
 40 deny ip any any log
end
"""


def router() -> Router:
    made = build_router(VirtualClock())
    load_config(made, build_grammar(), CONFIG)
    return made


def judge(made: Router, packet: bytes) -> bool:
    interface = made.interfaces.get(InterfaceName("GigabitEthernet", "0/0"))
    assert interface is not None
    return bool(interface.input_hooks[ACL_IN](packet, interface))


def test_every_packet_counts_and_a_changed_list_judges_anew() -> None:
    made = router()
    hits = made.service(AccessGroupService).judge.hits
    packet = udp_packet("10.3.0.1", "10.9.0.1")
    assert [judge(made, packet) for _ in range(3)] == [False] * 3
    assert hits["TEST", 40] == 3
    load_config(made, build_grammar(), "ip access-list extended TEST\n 15 permit ip host 10.3.0.1 any\nend\n")
    assert [judge(made, packet) for _ in range(2)] == [True] * 2
    assert hits["TEST", 15] == 2


def test_what_packets_of_a_flow_differ_in_is_looked_at_each_time() -> None:
    made = router()
    packet = udp_packet("10.1.0.1", "10.9.0.1")
    expedited = packet[:1] + b"\xb8" + packet[2:]
    assert [judge(made, item) for item in (packet, expedited, packet, expedited)] == [True, False, True, False]


def test_time_range_is_looked_at_each_time() -> None:
    made = router()
    packet = udp_packet("10.2.0.1", "10.9.0.1")
    load_config(made, build_grammar(), "time-range NEVER\n absolute start 10:00 06 January 2026\nend\n")
    clock = made.clock
    assert isinstance(clock, VirtualClock)
    assert not judge(made, packet)
    clock.run_until(86400 + 60)
    assert judge(made, packet)

"""Tracked objects: their lines, their states, the one that a group's data SAs set, and routes that follow them."""

from __future__ import annotations

from iosemu.features.track.service import TrackService
from iosemu.router.running_config import print_running_config
from tests.features.typist import Typist, boot, connect, new_router, reloaded
from tests.lab.driver import basic, configure, do, log


def test_lines_and_states() -> None:
    typist = new_router("track 7 stub-object\n default-state up\n delay up 5\ntrack 9 stub-object\n")
    text = print_running_config(typist.router)
    assert "track 7 stub-object\n default-state up\n delay up 5\n" in text
    assert "track 9 stub-object\n" in text
    assert "Track 7\n  Stub-object\n  State is Up\n    0 changes" in typist.type("show track")
    assert typist.type("show track 8") == "% Track object 8 does not exist.\n"
    service = typist.router.service(TrackService)
    service.report(9, True)
    service.report(9, True)
    service.report(8, True)
    assert "State is Up\n    1 change, last change 00:00:00" in typist.type("show track 9")
    typist.configure("no track 9 stub-object")
    assert 9 not in service.states
    assert "track 9" not in print_running_config(typist.router)


def test_a_group_sets_the_object_while_it_has_data_sas() -> None:
    lab = basic()
    configure(lab, "GM1", "track 5 stub-object", "crypto gdoi group GETVPN", "client status active-sa track 5")
    assert "client status active-sa track 5" in do(lab, "GM1: show running-config | section gdoi group")
    assert "State is Down" in do(lab, "GM1: show track 5")
    do(lab, "wait 30")
    assert "State is Up" in do(lab, "GM1: show track 5")
    assert "SA Track (OID/status) : 5/UP" in do(lab, "GM1: show crypto gdoi")
    assert "%TRACK-6-STATE: 5 stub-object Down -> Up" in log(lab, "GM1")
    do(lab, "power off KS1", "wait 7200")
    assert "%TRACK-6-STATE: 5 stub-object Up -> Down" in log(lab, "GM1")
    assert "SA Track (OID/status) : 5/DOWN" in do(lab, "GM1: show crypto gdoi")
    configure(lab, "GM1", "crypto gdoi group GETVPN", "no client status active-sa track 5")
    assert "SA Track (OID/status) : disabled" in do(lab, "GM1: show crypto gdoi")


ROUTES = """
interface GigabitEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 no shutdown
interface GigabitEthernet0/1
 ip address 10.1.0.1 255.255.255.0
 no shutdown
track 7 stub-object
 default-state up
track 8 interface GigabitEthernet0/1 line-protocol
 delay down 5 up 10
track 9 interface GigabitEthernet0/1 ip routing
track 10 ip sla 1 reachability
ip route 10.7.0.0 255.255.0.0 10.0.0.2 track 7
ip route 10.7.0.0 255.255.0.0 10.0.0.3 250
ip route 10.8.0.0 255.255.0.0 10.0.0.2 track 8
ip route 10.9.0.0 255.255.0.0 10.0.0.2 track 9
ip route 10.10.0.0 255.255.0.0 10.0.0.2 track 10
ip route 10.11.0.0 255.255.0.0 10.0.0.2 track 11
"""


def two_ports() -> Typist:
    typist = new_router(ROUTES)
    for name in ("g0/0", "g0/1"):
        connect(typist, name, boot(typist.clock, ""), name)
    return typist


def routes(typist: Typist) -> list[str]:
    return [line.split(",")[0] for line in typist.type("show ip route").splitlines() if line.startswith("S")]


def test_a_route_comes_and_goes_with_its_object() -> None:
    typist = two_ports()
    assert any("10.7.0.0" in line and "via 10.0.0.2" in line for line in routes(typist))
    typist.router.service(TrackService).report(7, False)
    assert any("10.7.0.0" in line and "via 10.0.0.3" in line for line in routes(typist))
    typist.router.service(TrackService).report(7, True)
    assert any("10.7.0.0" in line and "via 10.0.0.2" in line for line in routes(typist))
    # What is not watched counts as up, what is not configured is not there.
    assert any("10.10.0.0" in line for line in routes(typist))
    assert not any("10.11.0.0" in line for line in routes(typist))
    typist.configure("no track 7 stub-object")
    assert any("10.7.0.0" in line and "via 10.0.0.3" in line for line in routes(typist))
    assert "ip route 10.7.0.0 255.255.0.0 10.0.0.2 track 7" in print_running_config(typist.router)


def test_objects_that_watch_an_interface() -> None:
    typist = two_ports()
    followed = ("10.8.0.0", "10.9.0.0")
    assert all(any(net in line for line in routes(typist)) for net in followed)
    shown = typist.type("show track 8")
    assert "Track 8\n  Interface GigabitEthernet0/1 line-protocol\n  Line protocol is Up\n" in shown
    typist.configure("interface GigabitEthernet0/1\nno ip address")
    assert [any(net in line for line in routes(typist)) for net in followed] == [True, False]
    typist.configure("interface GigabitEthernet0/1\nshutdown")
    assert not any(net in line for net in followed for line in routes(typist))
    assert "%TRACK-6-STATE: 8 interface GigabitEthernet0/1 line-protocol Up -> Down" in typist.type("show logging")
    typist.configure("interface GigabitEthernet0/1\nno shutdown\nip address 10.1.0.1 255.255.255.0")
    assert all(any(net in line for line in routes(typist)) for net in followed)
    assert typist.section("track 8") == ["track 8 interface GigabitEthernet0/1 line-protocol", " delay down 5 up 10"]
    assert reloaded(typist).service(TrackService).states.keys() == {7, 8, 9, 10}

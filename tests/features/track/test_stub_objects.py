"""Stub objects: their lines, their states, and the one that a group's data SAs set."""

from __future__ import annotations

from iosemu.features.track.service import TrackService
from iosemu.router.running_config import print_running_config
from tests.features.typist import new_router
from tests.lab.driver import configure, do, log
from tests.lab.test_basic_lab import boot


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
    lab = boot()
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

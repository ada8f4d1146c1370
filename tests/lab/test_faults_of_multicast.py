"""The faults of multicast rekeys: groups that the core does not route, and a rekey address the wrong way round."""

from __future__ import annotations

from iosemu.labs.lab import Lab
from tests.lab.driver import configure, do, fresh, log, ping, status

ROUTED = "04-multicast-rekey"
GROUP = "239.192.1.1"


def received(lab: Lab, node: str = "GM1") -> int:
    """Multicast rekeys that a member has got."""
    return int(status(lab, node).split("Multicast rekey rcvd  : ")[1].split()[0])


def test_11_the_core_does_not_route_groups() -> None:
    lab = fresh(ROUTED, ("CORE", ("no ip multicast-routing",)))
    do(lab, "wait 7200")
    assert "KS_SEND_MCAST_REKEY" in log(lab, "KS1")
    assert received(lab) == received(lab, "GM2") == 0
    assert "GDOI-4-GM_RE_REGISTER" in log(lab, "GM1")
    assert ping(lab, "H1", "10.4.2.10") == 5
    configure(lab, "CORE", "ip multicast-routing")
    do(lab, "wait 7200")
    assert received(lab) > 0
    assert received(lab, "GM2") > 0


def test_11_one_member_is_behind_an_interface_without_pim() -> None:
    lab = fresh(ROUTED, ("CORE", ("interface GigabitEthernet0/2", "no ip pim")))
    do(lab, "wait 7200")
    assert received(lab) > 0
    assert received(lab, "GM2") == 0
    assert "GDOI-4-GM_RE_REGISTER" in log(lab, "GM2")
    assert "GDOI-4-GM_RE_REGISTER" not in log(lab, "GM1")
    # What a student looks at.
    assert "GigabitEthernet0/2" not in do(lab, f"CORE: show ip mroute {GROUP}", f"CORE: show ip igmp groups {GROUP}")
    configure(lab, "CORE", "interface GigabitEthernet0/2", "ip pim sparse-mode")
    do(lab, "wait 7200")
    assert received(lab, "GM2") > 0


def test_11_the_core_does_not_know_the_rp() -> None:
    lab = fresh(ROUTED, ("CORE", ("no ip pim rp-address 192.0.2.100",)))
    do(lab, "wait 3600")
    assert received(lab) == received(lab, "GM2") == 0
    line = f"%PIM-6-INVALID_RP_JOIN: Received (*, {GROUP}) Join from 198.51.100.2 for invalid RP 192.0.2.100"
    assert line in log(lab, "CORE")
    configure(lab, "CORE", "ip pim rp-address 192.0.2.100")
    do(lab, "wait 3600")
    assert received(lab) > 0
    assert received(lab, "GM2") > 0


def test_12_the_list_of_the_rekey_address_is_the_wrong_way_round() -> None:
    right = f"permit udp host 192.0.2.1 eq 848 host {GROUP} eq 848"
    wrong = f"permit udp host {GROUP} eq 848 host 192.0.2.1 eq 848"
    edit = ("ip access-list extended REKEY-DST", f"no {right}", wrong)
    lab = fresh(ROUTED, ("KS1", edit))
    do(lab, "wait 3600")
    assert "KS_SEND_MCAST_REKEY" not in log(lab, "KS1")
    assert "GDOI-4-GM_RE_REGISTER" in log(lab, "GM1")
    assert ping(lab, "H1", "10.4.2.10") == 5
    configure(lab, "KS1", edit[0], f"no {wrong}", right)
    do(lab, "wait 3600")
    assert received(lab) > 0
    assert received(lab, "GM2") > 0

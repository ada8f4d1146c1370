"""The example of rekeys and data for groups: one packet on each link, whoever wants it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from iosemu.labs.lab import Lab
from iosemu.wire.errors import WireError
from iosemu.wire.igmp import parse_igmp
from iosemu.wire.ipv4 import ESP, ICMP, IGMP, PIM, UDP
from iosemu.wire.pim import parse_pim
from tests.lab.driver import ROOT, boot, configure, do, log, packets

EXAMPLE = ROOT / "examples" / "getvpn-multicast"
REKEYS, DATA = "239.192.1.1", "239.1.1.1"


def run(folder: Path) -> Lab:
    """The example with captures, and all members registered."""
    lab = boot(EXAMPLE, pcap=folder)
    do(lab, "wait 60")
    return lab


def to_group(folder: Path, group: str) -> dict[str, Counter[int]]:
    """By link: how many packets of each protocol went to a group."""
    found = {}
    for file in folder.glob("*.pcapng"):
        found[file.stem] = Counter(item.protocol for item in packets(file) if str(item.destination) == group)
    return found


def test_a_rekey_is_one_packet_on_each_link(tmp_path: Path) -> None:
    lab = run(tmp_path)
    do(lab, "KS1: crypto gdoi ks rekey", "wait 60")
    for member in ("GM1", "GM2", "GM3"):
        assert "Number of Rekeys received (cumulative)       : 1\n" in do(lab, f"{member}: show crypto gdoi gm rekey")
    lab.close()
    # The rekey and two retransmissions.
    seen = to_group(tmp_path, REKEYS)
    assert {link: count[UDP] for link, count in seen.items() if link[0] != "H"} == {
        "KS1--P1": 3, "GM1--P1": 3, "P1--P2": 3, "GM2--P2": 3, "GM3--P2": 3,
    }  # fmt: skip


def test_data_for_a_group_is_encrypted_once_and_copied_by_the_core(tmp_path: Path) -> None:
    lab = run(tmp_path)
    do(lab, "H2: igmp join 239.1.1.1", "H3: igmp join 239.1.1.1", "wait 2", "H1: ping 239.1.1.1")
    assert "RECVD_PKT_NOT_IPSEC" in log(lab, "GM3")
    screen = do(lab, "H1: ping 239.1.1.1 repeat 3")
    assert screen.count("from 192.168.2.10") == screen.count("from 192.168.3.10") == 3
    # A rekey in between changes nothing for those who receive.
    do(lab, "KS1: crypto gdoi ks rekey", "wait 1")
    assert do(lab, "H1: ping 239.1.1.1 repeat 3").count("from 192.168.") == 6
    do(lab, "H2: igmp leave 239.1.1.1", "wait 10")
    assert do(lab, "H1: ping 239.1.1.1 repeat 3").count("from 192.168.") == 3
    assert do(lab, "H2: show igmp", "H3: show igmp") == "239.1.1.1\n"
    lab.close()
    seen = to_group(tmp_path, DATA)
    assert {link: count[ESP] for link, count in seen.items() if count[ESP]} == {
        "GM1--P1": 9, "P1--P2": 9, "GM2--P2": 6, "GM3--P2": 9,
    }  # fmt: skip
    # The first one came out of a register behind the RP; at the hosts nothing is encrypted.
    assert (seen["GM1--P1"][ICMP], seen["P1--P2"][ICMP]) == (0, 1)
    assert (seen["H1--GM1"][ICMP], seen["H2--GM2"][ICMP], seen["H3--GM3"][ICMP]) == (10, 6, 9)


def test_all_that_is_said_can_be_read(tmp_path: Path) -> None:
    lab = run(tmp_path)
    do(lab, "H2: igmp join 239.1.1.1", "H1: ping 239.1.1.1 repeat 3", "H2: igmp leave 239.1.1.1", "wait 200")
    lab.close()
    readers = {PIM: parse_pim, IGMP: parse_igmp}
    kinds = Counter[str]()
    for file in tmp_path.glob("*.pcapng"):
        for item in packets(file):
            if item.protocol in readers:
                try:
                    kinds[type(readers[item.protocol](item.payload)).__name__] += 1
                except WireError as error:
                    pytest.fail(f"{file.stem}: {error}")
    assert set(kinds) == {"Hello", "JoinPrune", "Register", "RegisterStop", "IgmpMessage"}


def test_trees_come_back_after_a_router_or_a_link(tmp_path: Path) -> None:
    lab = run(tmp_path)
    do(lab, "H3: igmp join 239.1.1.1", "wait 2", "H1: ping 239.1.1.1 repeat 2", "save")
    do(lab, "power off P2", "wait 20", "power on P2", "wait 30", "KS1: crypto gdoi ks rekey", "wait 5")
    assert "Number of Rekeys received (cumulative)       : 1\n" in do(lab, "GM3: show crypto gdoi gm rekey")
    do(lab, "H1: ping 239.1.1.1 repeat 2")
    assert "from 192.168.3.10" in do(lab, "H1: ping 239.1.1.1")
    do(lab, "link down P1:GigabitEthernet0/2", "wait 150", "link up P1:GigabitEthernet0/2", "wait 40")
    assert "neighbor 10.255.12.1 UP" in log(lab, "P2")
    do(lab, "H1: ping 239.1.1.1 repeat 2")
    assert "from 192.168.3.10" in do(lab, "H1: ping 239.1.1.1")


def test_the_transport_changes_and_nobody_registers_again(tmp_path: Path) -> None:
    lab = run(tmp_path)
    for line, mnemonic in (("rekey transport unicast", "2_UNI"), ("no rekey transport unicast", "2_MULTI")):
        configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", line)
        do(lab, "KS1: crypto gdoi ks rekey", "wait 2000")
        assert f"GM_REKEY_TRANS_{mnemonic}" in log(lab, "GM3")
    for member in ("GM1", "GM2", "GM3"):
        assert "Attempted registration: 1\n" in do(lab, f"{member}: show crypto gdoi gm")

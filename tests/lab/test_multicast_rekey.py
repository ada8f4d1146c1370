"""Rekeys to a group's address on one segment, and what happens where no router forwards them."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from iosemu.ports.pcapng import read_capture
from iosemu.wire.igmp import IgmpMessage, IgmpType
from iosemu.wire.ipv4 import IGMP, UDP, Packet
from tests.lab.driver import answer, boot, configure, do, log, ping

PHASE1 = """crypto isakmp policy 10
 encr aes
 authentication pre-share
 group 2
crypto isakmp key Multi address 0.0.0.0
"""
KS = (
    "hostname KS1\n"
    + PHASE1
    + """crypto ipsec transform-set TS esp-aes esp-sha-hmac
crypto ipsec profile PROF
 set security-association lifetime seconds 900
 set transform-set TS
crypto gdoi group GETVPN
 identity number 20
 server local
  rekey address ipv4 REKEY
  rekey lifetime seconds 86400
  rekey authentication mypubkey rsa REKEY
  sa ipsec 10
   profile PROF
   match address ipv4 POLICY
   replay time window-size 5
  address ipv4 203.0.113.200
interface GigabitEthernet0/0
 ip address 203.0.113.200 255.255.255.0
ip access-list extended POLICY
 deny udp any eq 848 any eq 848
 deny igmp any any
 permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255
ip access-list extended REKEY
 permit udp host 203.0.113.200 eq 848 host 239.192.1.1 eq 848
end
"""
)
GM = (
    "hostname GM{n}\n"
    + PHASE1
    + """crypto gdoi group GETVPN
 identity number 20
 server address ipv4 203.0.113.200
crypto map MAP 10 gdoi
 set group GETVPN
interface Loopback0
 ip address 10.0.{n}.1 255.255.255.255
interface GigabitEthernet0/0
 ip address 203.0.113.{n} 255.255.255.0
 crypto map MAP
ip route 10.0.{other}.1 255.255.255.255 203.0.113.{other}
end
"""
)
LAB = """name: multicast
nodes:
  KS1: {config: KS1.cfg, boot: [crypto key generate rsa general-keys label REKEY modulus 1024]}
  GM1: {config: GM1.cfg}
  GM2: {config: GM2.cfg}
links:
  - {name: lan, endpoints: [KS1:GigabitEthernet0/0, GM1:GigabitEthernet0/0, GM2:GigabitEthernet0/0]}
"""


def segment(folder: Path, server: str = KS) -> Path:
    (folder / "KS1.cfg").write_text(server)
    for n, other in ((1, 2), (2, 1)):
        (folder / f"GM{n}.cfg").write_text(GM.format(n=n, other=other))
    (folder / "lab.yml").write_text(LAB)
    return folder


def works(lab: Lab) -> bool:
    return ping(lab, "GM1", "10.0.2.1 source Loopback0") == 5


def test_members_listen_to_the_group_and_one_datagram_rekeys_all(tmp_path: Path) -> None:
    lab = boot(segment(tmp_path), pcap=tmp_path / "pcap")
    do(lab, "wait 60")
    assert works(lab)
    do(lab, "wait 7200")
    screen = do(lab, "GM1: show crypto gdoi gm", "GM1: show crypto gdoi gm rekey", "GM1: show crypto gdoi")
    assert "Multicast rekey rcvd  : 0" not in screen
    assert "    Multicast destination address                : 239.192.1.1" in screen
    assert "New     : 239.192.1.1     203.0.113.200" in screen
    assert "Rekey Transport Type     : Multicast" in screen
    assert "Rekey ACKs sent" not in screen
    assert "Attempted registration: 1" in screen
    assert "Received Rekey for group GETVPN from 203.0.113.200 to 239.192.1.1 with seq # 1" in log(lab, "GM1")
    line = "Sending Multicast Rekey for group GETVPN from address 203.0.113.200 to 239.192.1.1 with seq # 1"
    assert "%GDOI-5-KS_SEND_MCAST_REKEY: " + line in log(lab, "KS1")
    assert works(lab)
    # The change of transport is announced to the group, and then holds.
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "rekey transport unicast")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 60")
    assert "%GDOI-5-GM_REKEY_TRANS_2_UNI: Group GETVPN transitioned to Unicast Rekey." in log(lab, "GM1")
    assert "Rekey Transport Type     : Unicast" in do(lab, "GM1: show crypto gdoi")
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "no rekey transport unicast")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 60")
    assert "%GDOI-5-GM_REKEY_TRANS_2_MULTI: Group GETVPN transitioned to Multicast Rekey." in log(lab, "GM2")
    assert "Attempted registration: 1" in do(lab, "GM1: show crypto gdoi gm")
    lab.close()
    frames = [item.data for item in read_capture(tmp_path / "pcap" / "lan.pcapng") if item.data[12:14] == b"\x08\x00"]
    packets = [(frame, Packet.parse(frame[14:])) for frame in frames]
    groups = [item for item in packets if str(item[1].destination) == "239.192.1.1"]
    assert {frame[:6].hex() for frame, _ in groups} == {"01005e400101"}
    reports = [IgmpMessage.parse(packet.payload) for _, packet in groups if packet.protocol == IGMP]
    assert {message.kind for message in reports} == {IgmpType.REPORT}
    assert len(reports) == 8
    pushes = [packet for _, packet in groups if packet.protocol == UDP]
    # Each of them and its two retransmissions, whoever has heard it.
    assert len(pushes) % 3 == 0
    assert len({packet.payload for packet in pushes}) * 3 == len(pushes)


def test_11_nobody_forwards_the_groups_packets(tmp_path: Path) -> None:
    apart = LAB.replace("nodes:\n", "nodes:\n  P: {config: P.cfg}\n").split("links:")[0]
    links = "links:\n" + "".join(
        f"  - [{name}:GigabitEthernet0/0, P:GigabitEthernet0/{n}]\n" for n, name in enumerate(("KS1", "GM1", "GM2"))
    )
    folder = segment(tmp_path)
    (folder / "lab.yml").write_text(apart + links)
    rows = ((0, 200), (1, 1), (2, 2))
    ends = "".join(
        f"interface GigabitEthernet0/{n}\n ip address 203.0.113.{254 - n} 255.255.255.255\n" for n, _ in rows
    )
    routes = "".join(
        f"ip route 203.0.113.{host} 255.255.255.255 GigabitEthernet0/{n}\nip route 10.0.{host}.1 255.255.255.255"
        f" GigabitEthernet0/{n} 203.0.113.{host}\n"
        for n, host in rows
    )
    (folder / "P.cfg").write_text(f"hostname P\n{ends}{routes}end\n")
    lab = boot(folder)
    do(lab, "wait 7200")
    screen = do(lab, "GM1: show crypto gdoi gm")
    assert "Multicast rekey rcvd  : 0" in screen
    assert "GDOI-4-GM_RE_REGISTER" in log(lab, "GM1")
    assert int(screen.split("Attempted registration: ")[1].split()[0]) > 5
    assert works(lab)
    # Unicast needs no help.
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "rekey transport unicast")
    assert "%GDOI-5-KS_REKEY_TRANS_2_UNI: Group GETVPN transitioned to Unicast Rekey." in log(lab, "KS1")
    do(lab, "wait 7200")
    assert "Unicast rekey received: 0" not in do(lab, "GM1: show crypto gdoi gm")
    assert works(lab)


def test_12_the_list_of_the_rekey_address_is_wrong(tmp_path: Path) -> None:
    lab = boot(segment(tmp_path, KS.replace("permit udp host 203.0.113.200 eq", "permit udp host 203.0.113.99 eq")))
    do(lab, "wait 3600")
    assert "GDOI-4-GM_RE_REGISTER" in log(lab, "GM1")
    assert "KS_SEND_MCAST_REKEY" not in log(lab, "KS1")
    server = lab.routers["KS1"].service(ServerRole).servers["GETVPN"]
    assert server.pushes.sent == 0
    right = "permit udp host 203.0.113.200 eq 848 host 239.192.1.1 eq 848"
    configure(
        lab,
        "KS1",
        "ip access-list extended REKEY",
        "no permit udp host 203.0.113.99 eq 848 host 239.192.1.1 eq 848",
        right,
    )
    do(lab, "wait 3600")
    assert "Multicast rekey rcvd  : 0" not in do(lab, "GM1: show crypto gdoi gm")
    assert works(lab)


@pytest.mark.parametrize("words", ["members", "members now"])
def test_members_that_are_sent_away_hear_the_repetitions_without_a_complaint(tmp_path: Path, words: str) -> None:
    lab = boot(segment(tmp_path))
    do(lab, "wait 60")
    answer(lab, "KS1", f"clear crypto gdoi ks {words}", "yes")
    do(lab, "wait 300")
    assert works(lab)
    assert "Succeeded registration: 2" in do(lab, "GM1: show crypto gdoi gm")
    for node in ("KS1", "GM1", "GM2"):
        assert "GDOI_REKEY_FAILURE" not in log(lab, node)
        assert "IKMP_NO_SA" not in log(lab, node)
    # Nobody acknowledges what went to the group.
    assert "Rekey Acks Rcvd   : 0" in do(lab, "KS1: show crypto gdoi ks members")

"""What a cooperative group keeps through a failover: multicast rekeys, and sender IDs of counter modes that no two key
servers give out."""

from __future__ import annotations

from pathlib import Path

import yaml

from iosemu.engines.gdoi.member import GroupMember
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.labs.lab import Lab
from tests.lab.driver import ROOT, answer, boot, configure, do, log, ping, roles, status

KEY = ROOT / "running-configs" / "05-coop-2ks" / "lab.yml"
PHASE1 = """crypto isakmp policy 10
 encr aes
 authentication pre-share
 group 14
crypto isakmp key Multi address 0.0.0.0
"""
KS = """hostname KS{n}
{phase1}crypto isakmp keepalive 15 periodic
crypto ipsec transform-set TS esp-gcm 256
crypto ipsec profile PROF
 set security-association lifetime seconds 900
 set transform-set TS
crypto gdoi group GETVPN
 identity number 20
 server local
  rekey address ipv4 REKEY
  rekey authentication mypubkey rsa GET-REKEY
  group size small {bits}
  identifier
   range {first} - {last}
  sa ipsec 10
   profile PROF
   match address ipv4 POLICY
   no replay
  address ipv4 203.0.113.20{n}
  redundancy
   local priority {priority}
   peer address ipv4 203.0.113.20{other}
interface GigabitEthernet0/0
 ip address 203.0.113.20{n} 255.255.255.0
ip access-list extended POLICY
 deny udp any eq 848 any eq 848
 deny igmp any any
 permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255
ip access-list extended REKEY
 permit udp host 203.0.113.20{n} eq 848 host 239.192.1.1 eq 848
end
"""
GM = """hostname GM{n}
{phase1}crypto gdoi group GETVPN
 identity number 20
 server address ipv4 203.0.113.20{first}
 server address ipv4 203.0.113.20{second}
crypto map MAP 10 gdoi
 set group GETVPN
interface Loopback0
 ip address 10.0.{n}.1 255.255.255.255
interface GigabitEthernet0/0
 ip address 203.0.113.{n} 255.255.255.0
 crypto map MAP
{routes}end
"""
MEMBERS = (1, 2, 3)


def group(folder: Path, bits: int = 12, seconds: tuple[int, ...] = (3,), pcap: Path | None = None) -> Lab:
    """Two key servers and three members on one segment; the members in `seconds` register with the second one."""
    for n, other, priority, first, last in ((1, 2, 100, 0, 31), (2, 1, 50, 32, 63)):
        words = {"n": n, "other": other, "priority": priority, "first": first, "last": last}
        (folder / f"KS{n}.cfg").write_text(KS.format(phase1=PHASE1, bits=bits, **words))
    for n in MEMBERS:
        routes = "".join(f"ip route 10.0.{m}.1 255.255.255.255 203.0.113.{m}\n" for m in MEMBERS if m != n)
        first, second = (2, 1) if n in seconds else (1, 2)
        (folder / f"GM{n}.cfg").write_text(GM.format(n=n, phase1=PHASE1, routes=routes, first=first, second=second))
    key = yaml.safe_load(KEY.read_text())["nodes"]["KS1"]["boot"][0]
    nodes = {f"KS{n}": {"config": f"KS{n}.cfg", "boot": [key]} for n in (1, 2)}
    nodes |= {f"GM{n}": {"config": f"GM{n}.cfg"} for n in MEMBERS}
    ends = [f"{name}:GigabitEthernet0/0" for name in nodes]
    topology = {"name": "group", "nodes": nodes, "links": [{"name": "lan", "endpoints": ends}]}
    (folder / "lab.yml").write_text(yaml.safe_dump(topology))
    lab = boot(folder, pcap=pcap)
    do(lab, "wait 90")
    return lab


def member(lab: Lab, name: str) -> GroupMember:
    return next(iter(lab.routers[name].service(MemberRole).memberships.values())).member


def all_reach_all(lab: Lab) -> bool:
    return all(ping(lab, f"GM{n}", f"10.0.{m}.1 source Loopback0") == 5 for n in MEMBERS for m in MEMBERS if m != n)


def server_number(sid: int) -> int:
    """The KSSID of a sender ID of 12 bits."""
    return sid >> 5


def test_failover_keeps_multicast_rekeys_and_sender_ids(tmp_path: Path) -> None:
    lab = group(tmp_path)
    assert roles(lab) == {"KS1": "Primary", "KS2": "Secondary"}
    assert all_reach_all(lab)
    sids = {f"GM{n}": member(lab, f"GM{n}").held.sids for n in MEMBERS}
    assert len(set(sids.values())) == 3
    assert {server_number(sids[name][0]) for name in ("GM1", "GM2")} == {0}
    assert server_number(sids["GM3"][0]) == 32
    do(lab, "wait 900")
    line = "Received Rekey for group GETVPN from 203.0.113.{} to 239.192.1.1"
    assert line.format(201) in log(lab, "GM3")
    do(lab, "power off KS1", "wait 120")
    assert roles(lab) == {"KS2": "Primary"}
    for _ in range(6):
        do(lab, "wait 300")
        assert all_reach_all(lab)
    for n in MEMBERS:
        assert line.format(202) in log(lab, f"GM{n}")
        found = member(lab, f"GM{n}")
        assert (found.held.sids, found.registration.successes) == (sids[f"GM{n}"], 1)
    # Whoever registers now gets a number of the key server that is left, under the keys in force.
    do(lab, "GM1: clear crypto gdoi", "wait 180")
    fresh = member(lab, "GM1").held.sids
    assert server_number(fresh[0]) == 32
    assert fresh != sids["GM3"]
    assert all_reach_all(lab)


IDENTIFIER = ("crypto gdoi group GETVPN", "server local", "identifier")


def test_a_key_server_that_restarts_gives_no_sender_id_twice(tmp_path: Path) -> None:
    lab = group(tmp_path)
    before = {member(lab, f"GM{n}").held.sids for n in MEMBERS}
    tek = member(lab, "GM1").teks[-1].spi
    do(lab, "power off KS1", "wait 20", "power on KS1", "wait 60")
    do(lab, "GM2: clear crypto isakmp", "GM2: clear crypto gdoi", "wait 90")
    found = member(lab, "GM2")
    assert tek in {item.spi for item in found.teks}
    assert found.registration.registered_with == found.config.servers[0]
    # The other key server remembers for it that number 0 was used.
    assert server_number(found.held.sids[0]) == 1
    assert found.held.sids not in before
    assert "KSSID(s) Used                : 0-1" in do(lab, "KS2: show crypto gdoi ks coop identifier detail")


def test_without_numbers_of_its_own_a_key_server_gives_no_sender_ids(tmp_path: Path) -> None:
    lab = group(tmp_path)
    configure(lab, "KS2", *IDENTIFIER, "no range 32 - 63", "range 0 - 40")
    do(lab, "wait 60")
    for node in ("KS1", "KS2"):
        assert log(lab, node).count("%GDOI-3-COOP_KSSID_OVERLAP: KSSIDs 0 1 2 3") == 1
    # Of what both have neither gives out anything: there is nothing left for KS1.
    do(lab, "GM1: clear crypto gdoi", "wait 90")
    line = "%GDOI-3-KS_NO_SID_AVAILABLE: GM 203.0.113.1 needs a sender ID in group GETVPN"
    assert line in log(lab, "KS1")
    assert server_number(member(lab, "GM1").held.sids[0]) > 31
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "no identifier")
    configure(lab, "KS2", "crypto gdoi group GETVPN", "server local", "no identifier")
    do(lab, "wait 60", "GM1: clear crypto gdoi", "wait 90")
    assert line in log(lab, "KS2")
    assert "Registration status   : Registering" in status(lab)
    configure(lab, "KS1", *IDENTIFIER, "range 2 - 31")
    do(lab, "wait 200")
    assert "Registration status   : Registered" in status(lab)
    assert server_number(member(lab, "GM1").held.sids[0]) == 2
    assert all_reach_all(lab)


def test_one_number_each_is_enough_when_all_keys_are_made_anew(tmp_path: Path) -> None:
    lab = group(tmp_path)
    configure(lab, "KS1", *IDENTIFIER, "no range 0 - 31", "value 0")
    configure(lab, "KS2", *IDENTIFIER, "no range 32 - 63", "value 32")
    do(lab, "wait 60")
    for _ in range(3):
        before = member(lab, "GM1").teks[-1].spi
        answer(lab, "KS1", "clear crypto gdoi ks members now", "yes")
        do(lab, "wait 120")
        assert member(lab, "GM1").teks[-1].spi != before
        assert [server_number(member(lab, f"GM{n}").held.sids[0]) for n in MEMBERS] == [0, 0, 32]
        assert all_reach_all(lab)
    for node in ("KS1", "KS2"):
        assert "KS_NO_SID_AVAILABLE" not in log(lab, node)

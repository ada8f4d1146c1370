"""A cooperative group with a counter mode: key servers and three members on one segment."""

from __future__ import annotations

from pathlib import Path

import yaml

from iosemu.engines.gdoi.member import GroupMember
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.labs.lab import Lab
from tests.lab.driver import ROOT, boot, do, ping

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
{peers}interface GigabitEthernet0/0
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
{servers}crypto map MAP 10 gdoi
 set group GETVPN
interface Loopback0
 ip address 10.0.{n}.1 255.255.255.255
interface GigabitEthernet0/0
 ip address 203.0.113.{n} 255.255.255.0
 crypto map MAP
{routes}end
"""
IDENTIFIER = ("crypto gdoi group GETVPN", "server local", "identifier")
MEMBERS = (1, 2, 3)


def group(
    folder: Path, bits: int = 12, homes: tuple[int, ...] = (1, 1, 2), servers: int = 2, pcap: Path | None = None
) -> Lab:
    """Key servers and members on one segment. The key server with the lowest number has the highest priority; of its
    `homes` each member registers with its own first."""
    numbers = range(1, servers + 1)
    for n in numbers:
        peers = "".join(f"   peer address ipv4 203.0.113.20{other}\n" for other in numbers if other != n)
        words = {"n": n, "peers": peers, "priority": 200 // n, "first": 32 * (n - 1), "last": 32 * n - 1}
        (folder / f"KS{n}.cfg").write_text(KS.format(phase1=PHASE1, bits=bits, **words))
    for n in MEMBERS:
        routes = "".join(f"ip route 10.0.{m}.1 255.255.255.255 203.0.113.{m}\n" for m in MEMBERS if m != n)
        order = sorted(numbers, key=lambda number: (number != homes[n - 1], number))
        lines = "".join(f" server address ipv4 203.0.113.20{number}\n" for number in order)
        (folder / f"GM{n}.cfg").write_text(GM.format(n=n, phase1=PHASE1, routes=routes, servers=lines))
    key = yaml.safe_load(KEY.read_text())["nodes"]["KS1"]["boot"][0]
    nodes = {f"KS{n}": {"config": f"KS{n}.cfg", "boot": [key]} for n in numbers}
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

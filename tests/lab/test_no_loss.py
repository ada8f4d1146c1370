"""Twenty members, each sending to each other every 10 ms, while keys change: nothing is lost, whether rekeys go to each
member or, through a router, to a group.

`crypto gdoi ks rekey replace-now` is the exception, in IOS as here: a packet that is under way under the old key when
its receiver deletes that key cannot be read. At this cadence that is at most one packet from each member to each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from iosemu.engines.common import Endpoint
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from iosemu.router.udp_host import UdpMessage
from tests.lab.driver import boot, configure, do

MEMBERS = 20
CADENCE = 0.01
# Seconds of traffic around each event; outside, nothing changes.
BEFORE, AFTER = 0.02, 0.08
PORT = 5000

KS = """hostname KS1
crypto isakmp policy 10
 encr aes
 authentication pre-share
 group 2
crypto isakmp key Twenty address 0.0.0.0
crypto ipsec transform-set TS esp-aes esp-sha-hmac
crypto ipsec profile PROF
 set security-association lifetime seconds 900
 set transform-set TS
crypto gdoi group GETVPN
 identity number 20
 server local
  rekey algorithm aes 128
  rekey lifetime seconds 1800
  rekey authentication mypubkey rsa REKEY
{transport}
  sa ipsec 10
   profile PROF
   match address ipv4 POLICY
{replay}
  address ipv4 {server}
interface GigabitEthernet0/0
 ip address {server} 255.255.255.0
ip route 203.0.113.0 255.255.255.0 192.0.2.254
ip access-list extended REKEY
 permit udp host {server} eq 848 host 239.192.1.1 eq 848
ip access-list extended POLICY
 deny udp any eq 848 any eq 848
 permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255
end
"""
GM = """hostname GM{n}
crypto isakmp policy 10
 encr aes
 authentication pre-share
 group 2
crypto isakmp key Twenty address {server}
crypto gdoi group GETVPN
 identity number 20
 server address ipv4 {server}
crypto map MAP 10 gdoi
 set group GETVPN
interface Loopback0
 ip address 10.0.{n}.1 255.255.255.255
interface GigabitEthernet0/0
 ip address 203.0.113.{n} 255.255.255.0
 crypto map MAP
{routes}
ip route 192.0.2.0 255.255.255.0 203.0.113.254
end
"""
# Between the key server and the members where rekeys go to a group.
CORE = """hostname CORE
ip multicast-routing
interface GigabitEthernet0/0
 ip address 192.0.2.254 255.255.255.0
 ip pim sparse-mode
interface GigabitEthernet0/1
 ip address 203.0.113.254 255.255.255.0
 ip pim sparse-mode
ip pim rp-address 192.0.2.254
end
"""


def address(number: int) -> IPv4Address:
    """Where a member's traffic comes from."""
    return IPv4Address(f"10.0.{number}.1")


class Mesh:
    """Counts what everybody sends to everybody."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.sent: Counter[tuple[int, int]] = Counter()
        self.received = 0
        for number in range(1, MEMBERS + 1):
            lab.routers[f"GM{number}"].ip.udp.bind(PORT, self._receive)

    def _receive(self, message: UdpMessage) -> None:
        self.received += 1

    def run_until(self, time: float) -> None:
        """Send at the cadence until then, and wait until the last packets have come in."""
        clock = self.lab.clock
        while clock.now() < time:
            for sender, receiver in self._pairs():
                self.sent[sender, receiver] += 1
                ends = Endpoint(address(sender), PORT), Endpoint(address(receiver), PORT)
                self.lab.routers[f"GM{sender}"].ip.udp.send(b"payload", *ends)
            do(self.lab, f"wait {CADENCE}")
        do(self.lab, "wait 1")

    def _pairs(self) -> Iterator[tuple[int, int]]:
        numbers = range(1, MEMBERS + 1)
        return ((sender, receiver) for sender in numbers for receiver in numbers if sender != receiver)

    @property
    def lost(self) -> int:
        """Packets that have not come in."""
        return self.sent.total() - self.received

    def around(self, time: float) -> None:
        """Traffic before and after a moment."""
        now = self.lab.clock.now()
        do(self.lab, f"wait {max(0.0, time - BEFORE - now):.3f}")
        self.run_until(time + AFTER)


@pytest.fixture
def mesh(tmp_path: Path, request: pytest.FixtureRequest) -> Mesh:
    """All members registered, and their neighbours' hardware addresses known."""
    replay, transport = request.param
    to_group = "address" in transport
    server = "192.0.2.1" if to_group else "203.0.113.200"
    (tmp_path / "KS1.cfg").write_text(KS.format(replay=f"   {replay}", transport=f"  {transport}", server=server))
    (tmp_path / "CORE.cfg").write_text(CORE)
    numbers = range(1, MEMBERS + 1)
    for n in numbers:
        routes = [f"ip route 10.0.{m}.1 255.255.255.255 203.0.113.{m}" for m in numbers if m != n]
        (tmp_path / f"GM{n}.cfg").write_text(GM.format(n=n, routes="\n".join(routes), server=server))
    nodes = "".join(f"  GM{n}: {{config: GM{n}.cfg}}\n" for n in numbers)
    key = "crypto key generate rsa general-keys label REKEY modulus 1024"
    on_wan = ["CORE:GigabitEthernet0/1" if to_group else "KS1:GigabitEthernet0/0"]
    ends = ", ".join([*on_wan, *(f"GM{n}:GigabitEthernet0/0" for n in numbers)])
    links = f"  - {{name: wan, endpoints: [{ends}], delay: 1ms}}\n"
    if to_group:
        nodes += "  CORE: {config: CORE.cfg}\n"
        links += "  - [KS1:GigabitEthernet0/0, CORE:GigabitEthernet0/0]\n"
    (tmp_path / "lab.yml").write_text(
        f"name: twenty\nnodes:\n  KS1: {{config: KS1.cfg, boot: [{key}]}}\n{nodes}links:\n{links}"
    )
    lab = boot(tmp_path)
    do(lab, "wait 60")
    made = Mesh(lab)
    assert len(lab.routers["KS1"].service(ServerRole).servers["GETVPN"].members) == MEMBERS
    made.run_until(lab.clock.now())
    for sender, receiver in made._pairs():
        source, destination = (Endpoint(address(n), PORT) for n in (sender, receiver))
        made.lab.routers[f"GM{sender}"].ip.udp.send(b"", source, destination)
    do(lab, "wait 5")
    made.received = 0
    return made


@pytest.mark.parametrize(
    "mesh",
    [
        ("replay counter window-size 64", "rekey transport unicast"),
        ("replay time window-size 5", "rekey transport unicast"),
        ("replay counter window-size 64", "rekey address ipv4 REKEY"),
    ],
    indirect=True,
    ids=["counter", "time", "multicast"],
)
def test_nothing_is_lost_while_keys_change(mesh: Mesh) -> None:
    server = mesh.lab.routers["KS1"].service(ServerRole).servers["GETVPN"]
    for _ in range(2):
        # The rekey of the TEK, then the moment at which members begin to use it, then the end of the old one.
        old = server.teks[-1]
        due = server.tek_rekey_at(old)
        assert due is not None
        for moment in (due, old.expires_at - 30.0, old.expires_at):
            mesh.around(moment)
    kek = server.kek
    due = server.kek_rekey_at()
    assert due is not None
    mesh.around(max(due, mesh.lab.clock.now() + 1))
    assert server.kek is not kek
    # A change of policy, sent by hand.
    configure(mesh.lab, "KS1", "ip access-list extended POLICY", "15 deny icmp any any")
    do(mesh.lab, "KS1: crypto gdoi ks rekey")
    mesh.around(mesh.lab.clock.now() + BEFORE)
    shortened = min(tek.expires_at for tek in server.teks)
    for moment in (shortened - 30.0, shortened):
        mesh.around(moment)
    assert mesh.sent.total() > MEMBERS * (MEMBERS - 1) * 80
    assert mesh.lost == 0
    for n in range(1, MEMBERS + 1):
        (membership,) = mesh.lab.routers[f"GM{n}"].service(MemberRole).memberships.values()
        assert membership.member.registration.attempts == 1
    # The exception.
    do(mesh.lab, "KS1: crypto gdoi ks rekey replace-now")
    mesh.run_until(mesh.lab.clock.now() + 0.05)
    assert 0 <= mesh.lost <= MEMBERS * (MEMBERS - 1)

"""Routers with PIM on wires: packets to groups, and what the shows say."""

from __future__ import annotations

from iosemu.router.clock import VirtualClock
from tests.features.typist import Typist, boot, connect

HEAD = "ip multicast-routing\n"


def router(
    clock: VirtualClock, name: str, *interfaces: str, routes: str = "", rp: str = "", mode: str = "sparse"
) -> Typist:
    """A router whose interfaces are `g0/0 10.0.0.1` ..."""
    text = f"hostname {name}\n{HEAD}"
    for interface in interfaces:
        where, address = interface.split()
        mask = "255.255.255.255" if where.startswith("Lo") else "255.255.255.0"
        text += f"interface {where}\n ip address {address} {mask}\n ip pim {mode}-mode\n"
    text += f"ip pim rp-address {rp}\n" if rp else ""
    return boot(clock, text + routes, name)


class Line:
    """A - B - C, with stubs at A and C. B is the RP where there is one."""

    def __init__(self, rp: str = "", mode: str = "sparse") -> None:
        clock = VirtualClock(seed=1)
        a = ("g0/0 10.0.0.1", "g0/1 10.1.0.1")
        b = ("Loopback0 10.255.0.2", "g0/0 10.1.0.2", "g0/1 10.2.0.2")
        c = ("g0/0 10.2.0.3", "g0/1 10.3.0.3")
        default = "ip route 0.0.0.0 0.0.0.0 {}\n"
        back = "ip route 10.0.0.0 255.255.255.0 10.1.0.1\nip route 10.3.0.0 255.255.255.0 10.2.0.3\n"
        self.a = router(clock, "A", *a, routes=default.format("10.1.0.2"), rp=rp, mode=mode)
        self.b = router(clock, "B", *b, routes=back, rp=rp, mode=mode)
        self.c = router(clock, "C", *c, routes=default.format("10.2.0.2"), rp=rp, mode=mode)
        stub = boot(clock, "hostname S\ninterface g0/0\n ip address 10.0.0.9 255.255.255.0\ninterface g0/1\n"
                    " ip address 10.3.0.9 255.255.255.0\n", "S")  # fmt: skip
        self.stub = stub
        connect(self.a, "g0/1", self.b, "g0/0")
        connect(self.b, "g0/1", self.c, "g0/0")
        connect(stub, "g0/0", self.a, "g0/0")
        connect(stub, "g0/1", self.c, "g0/1")
        self.clock = clock
        self.wait(30.5)

    def wait(self, seconds: float) -> None:
        self.clock.run_until(self.clock.now() + seconds)


def test_a_router_in_a_group_answers_across_the_tree() -> None:
    line = Line(rp="10.255.0.2")
    line.c.configure("interface g0/1\nip igmp join-group 239.1.1.1")
    line.wait(1)
    screen = line.a.type("ping 239.1.1.1 source g0/0 repeat 3")
    assert "Sending 3, 100-byte ICMP Echos to 239.1.1.1, timeout is 2 seconds:\n" in screen
    assert "Reply to request 0 from 10.3.0.3, " in screen
    assert "Reply to request 2 from 10.3.0.3, " in screen
    # Without a source it goes out on all interfaces with PIM.
    assert line.a.type("ping 239.1.1.1").count("Reply to request 0 from 10.3.0.3") == 2
    assert line.a.type("ping 239.1.1.2").endswith("\n\n.\n")
    shared, source = line.c.type("show ip mroute 239.1.1.1").split("\n\n")[1:3]
    assert "RP 10.255.0.2, flags: SJCL\n  Incoming interface: GigabitEthernet0/0, RPF nbr 10.2.0.2\n" in shared
    assert "(10.0.0.1, 239.1.1.1), " in source
    assert "flags: LJT\n" in source
    screen = line.a.type("show ip mroute 239.1.1.1 10.0.0.1")
    assert "flags: FT\n  Incoming interface: GigabitEthernet0/0, RPF nbr 0.0.0.0\n" in screen
    assert "    GigabitEthernet0/1, Forward/Sparse, " in screen
    assert ", OIF count: 1, flags: T\n" in line.b.type("show ip mroute summary")


def test_dense_mode_needs_no_rp() -> None:
    line = Line(mode="dense")
    line.c.configure("interface g0/1\nip igmp join-group 239.1.1.1")
    line.wait(1)
    assert line.a.type("ping 239.1.1.1 source g0/0 repeat 3").count("from 10.3.0.3") == 3
    screen = line.b.type("show ip mroute 239.1.1.1")
    assert "RP 0.0.0.0, flags: D\n" in screen
    assert "    GigabitEthernet0/1, Forward/Dense, " in screen
    line.c.configure("interface g0/1\nno ip igmp join-group 239.1.1.1")
    line.wait(5)
    assert "from" not in line.a.type("ping 239.1.1.1 source g0/0").splitlines()[-1]
    assert "    GigabitEthernet0/1, Prune/Dense, " in line.b.type("show ip mroute 239.1.1.1")
    assert "flags: PT\n" in line.b.type("show ip mroute 239.1.1.1")


def test_neighbours_are_logged_and_shown() -> None:
    line = Line(rp="10.255.0.2")
    screen = line.b.type("show ip pim neighbor")
    assert "10.1.0.1          GigabitEthernet0/0       00:00:30/00:01:44 v2    1 / S P G\n" in screen
    assert "10.2.0.3          GigabitEthernet0/1       00:00:30/00:01:44 v2    1 / DR S P G\n" in screen
    screen = line.b.type("show ip pim interface")
    assert "10.2.0.2         GigabitEthernet0/1       v2/S   1      30     1          10.2.0.3\n" in screen
    line.c.configure("interface g0/0\nno ip pim")
    line.wait(1)
    log = line.b.type("show logging")
    assert "%PIM-5-NBRCHG: neighbor 10.2.0.3 DOWN on interface GigabitEthernet0/1 DR\n" in log
    assert "%PIM-5-DRCHG: DR change from neighbor 10.2.0.3 to 10.2.0.2 on interface GigabitEthernet0/1\n" in log
    assert "This system is an RP\n\nGroup(s): 224.0.0.0/4, Static\n    RP: 10.255.0.2 (?)\n" in line.b.type(
        "show ip pim rp mapping"
    )


def test_members_are_shown() -> None:
    line = Line(rp="10.255.0.2")
    line.stub.configure("interface g0/1\nip igmp join-group 239.1.1.1")
    line.wait(1.5)
    screen = line.c.type("show ip igmp groups 239.1.1.1")
    assert "239.1.1.1        GigabitEthernet0/1       00:00:01  00:02:58  10.3.0.9\n" in screen
    assert line.a.type("ping 239.1.1.1 source g0/0 repeat 2").count("from 10.3.0.9") == 2
    assert "  IGMP querying router is 10.3.0.3 (this system)" in line.c.type("show ip igmp interface g0/1")
    assert " *,239.1.1.1 " in line.c.type("show ip igmp membership")
    line.c.type("clear ip igmp group 239.1.1.1")
    assert "239.1.1.1" not in line.c.type("show ip igmp groups")
    line.wait(70)
    assert "239.1.1.1" in line.c.type("show ip igmp groups")


def test_debug() -> None:
    line = Line(rp="10.255.0.2")
    assert line.b.type("debug ip pim") == "PIM debugging is on\n"
    line.b.type("debug ip igmp")
    line.c.configure("interface g0/1\nip igmp join-group 239.1.1.1")
    line.wait(61)
    screen = line.b.type("show logging")
    assert "PIM(0): Received v2 Join/Prune on GigabitEthernet0/1 from 10.2.0.3, to us\n" in screen
    assert "PIM(0): Join-list: (*, 239.1.1.1), RPT-bit set, WC-bit set, S-bit set\n" in screen
    assert "IGMP(0): Send v2 general Query on GigabitEthernet0/1\n" in screen


def test_clear_and_count() -> None:
    line = Line(rp="10.255.0.2")
    line.c.configure("interface g0/1\nip igmp join-group 239.1.1.1")
    line.wait(1)
    line.a.type("ping 239.1.1.1 source g0/0 repeat 5")
    screen = line.b.type("show ip mroute count")
    assert "Group: 239.1.1.1, Source count: 1, Packets forwarded: 5, Packets received: 5\n" in screen
    assert "  Source: 10.0.0.1/32, Forwarding: 5/0/100/0, Other: 0/0/0\n" in screen
    for one in (line.a, line.b, line.c):
        one.type("clear ip mroute *")
    assert "10.0.0.1" not in line.b.type("show ip mroute")
    line.wait(61)
    assert line.a.type("ping 239.1.1.1 source g0/0 repeat 2").count("from 10.3.0.3") == 2


def test_ttl_and_stranger_interfaces() -> None:
    """A packet that has come to its end goes no further, and one from an interface without PIM goes nowhere."""
    line = Line(rp="10.255.0.2")
    line.stub.configure("interface g0/1\nip igmp join-group 239.1.1.1")
    line.a.configure("interface g0/0\nno ip pim")
    line.wait(1)
    assert "from" not in line.stub.type("ping 239.1.1.1 source g0/0").split(":\n")[-1]


def test_a_gre_tunnel_carries_groups() -> None:
    """Between A and C, over B, which knows nothing of groups."""
    line = Line(rp="10.255.0.2")
    line.b.configure("no ip multicast-routing")
    tunnel = "interface Tunnel0\nip address 10.9.0.{n} 255.255.255.0\nip pim sparse-mode\ntunnel source g0/{source}\n"
    for one, n, source, peer in ((line.a, 1, 1, "10.2.0.3"), (line.c, 3, 0, "10.1.0.1")):
        one.configure(tunnel.format(n=n, source=source) + f"tunnel destination {peer}")
        one.configure("no ip pim rp-address 10.255.0.2\nip pim rp-address 10.9.0.1")
    line.c.configure("ip mroute 10.0.0.0 255.255.255.0 10.9.0.1\ninterface g0/1\nip igmp join-group 239.1.1.1")
    line.wait(60)
    assert "10.9.0.3          Tunnel0 " in line.a.type("show ip pim neighbor")
    assert line.a.type("ping 239.1.1.1 source g0/0 repeat 3").count("from 10.3.0.3") == 3
    assert "Incoming interface: Tunnel0, RPF nbr 10.9.0.1\n" in line.c.type("show ip mroute 239.1.1.1 10.0.0.1")

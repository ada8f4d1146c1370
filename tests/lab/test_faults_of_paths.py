"""The faults of the way between members: delay, translated addresses, and links that carry little."""

from __future__ import annotations

import shutil
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

from iosemu.features.gdoi.members.role import MemberRole
from iosemu.labs.lab import Lab
from iosemu.wire.ipv4 import ESP, ICMP, TCP, UDP, Packet
from tests.lab.driver import (
    ROOT,
    assert_healthy,
    boot,
    configure,
    do,
    encapsulated,
    fresh,
    log,
    members,
    ping,
    scenario,
)


def test_19_the_time_window_is_too_small_for_the_path(tmp_path: Path) -> None:
    # Its clock is late by the time that the key server's message took; what it sends is late by that once more.
    shutil.copytree(ROOT / "running-configs" / "07-tbar-recovery", tmp_path, dirs_exist_ok=True)
    file = tmp_path / "lab.yml"
    link = "[GM2:GigabitEthernet0/0, PE:GigabitEthernet0/2]"
    file.write_text(file.read_text().replace(link, f"{{endpoints: {link}, delay: 1s}}"))
    server = tmp_path / "KS1.cfg"
    server.write_text(server.read_text().replace("replay time window-size 3", "replay time window-size 1"))
    lab = boot(tmp_path)
    do(lab, "wait 600")
    do(lab, "H1: ping 10.7.2.10 timeout 6")
    screen = log(lab, "GM1")
    assert "TIMEBASED_REPLAY_FAILED" in screen
    assert "src_addr = 10.7.2.10, dst_addr = 10.7.1.10" in screen
    assert "TIMEBASED_REPLAY_FAILED" not in log(lab, "GM2")
    plane = next(iter(lab.routers["GM1"].service(MemberRole).memberships.values())).plane
    assert plane.time.receive_errors == 5
    configure(lab, "KS1", "crypto gdoi group TBAR-GRP", "server local", "sa ipsec 10", "replay time window-size 10")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 400", "H1: ping 10.7.2.10 timeout 6")
    assert plane.time.receive_errors == 5
    assert plane.time.received == 10


NAT = (
    "ip access-list extended NAT", "permit ip 10.1.1.0 0.0.0.255 any", "exit",
    "interface GigabitEthernet0/1", "ip nat inside", "interface GigabitEthernet0/0", "ip nat outside", "exit",
    "ip nat inside source list NAT interface GigabitEthernet0/0 overload",
)  # fmt: skip


def seen_at(lab: Lab, node: str, name: str) -> list[tuple[int, str]]:
    """Protocol and source of what comes in on an interface from now on."""
    found: list[tuple[int, str]] = []

    def note(packet: bytes, _: object) -> list[bytes]:
        found.append((packet[9], str(Packet.parse(packet).source)))
        return [packet]

    next(item for item in lab.routers[node].interfaces if str(item.name) == name).input_hooks[1] = note
    return found


def test_32_nat_on_the_wan_interface_changes_the_source_before_encryption() -> None:
    lab = fresh("01-psk-single-ks", ("GM1", NAT))
    assert "198.51.100.2" in members(lab)
    wire = seen_at(lab, "PE", "GigabitEthernet0/1")
    # Everything seems to work, but nothing is encrypted: no entry of the policy matches the new source.
    assert ping(lab, "H1", "10.1.2.10") == 5
    assert set(wire) == {(ICMP, "198.51.100.2")}
    assert encapsulated(lab) == 0
    assert "icmp 198.51.100.2:" in do(lab, "GM1: show ip nat translations")
    # What goes to other members keeps its address.
    exempt = ("ip access-list extended NAT", "5 deny ip 10.1.1.0 0.0.0.255 10.0.0.0 0.255.255.255")
    configure(lab, "GM1", *exempt)
    do(lab, "GM1: clear ip nat translation *")
    wire.clear()
    assert_healthy(lab)
    assert {item for item in wire if item[0] != UDP} == {(ESP, "10.1.1.10")}
    assert encapsulated(lab) == 5
    # The rest goes out by the address of the interface, as before.
    assert ping(lab, "H1", "198.51.100.1", 2) == 2
    assert (ICMP, "198.51.100.2") in wire


def test_32_nat_between_the_members_changes_the_source_of_esp() -> None:
    lab = scenario("01-psk-single-ks")
    edit = (
        "access-list 7 permit 10.1.1.0 0.0.0.255",
        "interface GigabitEthernet0/1", "ip nat inside", "interface GigabitEthernet0/2", "ip nat outside", "exit",
        "ip nat inside source list 7 interface GigabitEthernet0/2 overload",
    )  # fmt: skip
    configure(lab, "PE", *edit)
    assert ping(lab, "H1", "10.1.2.10") == 0
    assert encapsulated(lab) == 5
    line = "%CRYPTO-4-RECVD_PKT_INV_IDENTITY: identity doesn't match negotiated identity (ip) dest_addr= 10.1.2.10, "
    assert line + "src_addr= 198.51.100.5, prot= 50" in log(lab, "GM2")
    plane = next(iter(lab.routers["GM2"].service(MemberRole).memberships.values())).plane
    assert plane.drops["inner and outer addresses differ"] == 5
    configure(lab, "PE", "no " + edit[-1])
    assert ping(lab, "H1", "10.1.2.10") == 5


def dont_fragment(packet: bytes, _: object) -> list[bytes]:
    read = Packet.parse(packet)
    return [replace(read, dont_fragment=True).pack() if read.protocol == TCP else packet]


def transfer(lab: Lab, seconds: float = 60.0) -> int:
    """How many octets of 20000 H1 gets from a server on H2. Both send as computers do that look for the MTU of their
    paths: with DF, and segments of up to 1460 octets."""
    for host in (lab.routers["H1"], lab.routers["H2"]):
        next(iter(host.interfaces)).output_hooks[50] = dont_fragment
        # Instead of what the host's own interface would allow.
        host.tcp._segment_size = lambda peer, vrf: 1460  # type: ignore[method-assign]
    lab.routers["H2"].tcp.listen(80, lambda socket: socket.write(bytes(20000)))
    got: list[bytes] = []
    socket = lab.routers["H1"].tcp.connect(IPv4Address("10.1.2.10"), 80)
    socket.data = got.append
    do(lab, f"wait {seconds}")
    socket.abort()
    do(lab, "wait 5")
    return sum(map(len, got))


def test_33_large_packets_are_lost_in_a_narrow_core() -> None:
    lab = scenario("01-psk-single-ks")
    for name in ("GigabitEthernet0/1", "GigabitEthernet0/2"):
        configure(lab, "PE", f"interface {name}", "ip mtu 1400")
    # Small pings are fine, large ones are lost without a word: the core's errors are about ESP, and go to the hosts.
    assert ping(lab, "H1", "10.1.2.10") == 5
    large = "H1: ping 10.1.2.10 size 1360 df-bit repeat 5"
    assert "Success rate is 0 percent" in do(lab, large)
    assert encapsulated(lab) == 10
    assert encapsulated(lab, "GM2") == 5
    assert transfer(lab) == 0
    # By itself TCP gets through when its segments fit.
    for name in ("GM1", "GM2"):
        assert "ip tcp adjust-mss 1360" in do(lab, f"{name}: show running-config interface GigabitEthernet0/1")
        configure(lab, name, "interface GigabitEthernet0/1", "ip tcp adjust-mss 1260")
    assert transfer(lab) == 20000
    assert "Success rate is 0 percent" in do(lab, large)
    # Without DF on the outside the core splits the ESP packets, and the members put them together.
    for name in ("GM1", "GM2"):
        configure(lab, name, "interface GigabitEthernet0/1", "ip tcp adjust-mss 1360")
        configure(lab, name, "crypto ipsec df-bit clear")
    assert "Success rate is 100 percent" in do(lab, large)
    assert transfer(lab) == 20000
    # What is said of the interface counts before what is said of all.
    wan = "interface GigabitEthernet0/0"
    configure(lab, "GM1", wan, "crypto ipsec df-bit copy")
    assert " crypto ipsec df-bit copy\n crypto map GM-MAP\n" in do(lab, f"GM1: show running-config {wan}")
    assert "Success rate is 0 percent" in do(lab, large)
    configure(lab, "GM1", wan, "no crypto ipsec df-bit")
    assert "Success rate is 100 percent" in do(lab, large)

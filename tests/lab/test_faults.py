"""Misconfigurations: each shows its symptom and its log line, and the lab heals when it is put right.

The numbers are those of a catalogue of faults for students; those of certificates and of several servers are elsewhere.
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

from iosemu.features.gdoi.member_role import MemberRole
from iosemu.labs.lab import Lab
from iosemu.ports.pcapng import read_capture
from iosemu.wire.checksum import internet_checksum
from iosemu.wire.ipv4 import ESP, ICMP, OSPF, TCP, UDP, Packet
from tests.lab.driver import ROOT, boot, configure, do, fresh, log, members, ping, scenario, status

HEALED = 700
"""Seconds after which a member has tried again under any circumstances."""


def assert_healthy(lab: Lab, destination: str = "10.1.2.10") -> None:
    do(lab, f"wait {HEALED}")
    assert "198.51.100.2" in members(lab)
    assert ping(lab, "H1", destination) == 5


KEY = "crypto isakmp key {} address 192.0.2.1"


def psk_of(lab: Lab, node: str = "GM1") -> str:
    line = do(lab, f"{node}: show running-config | include isakmp key")
    return line.split("isakmp key ")[1].split()[0]


def test_01_pre_shared_keys_differ() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    right = psk_of(lab)
    configure(lab, "GM1", "no " + KEY.format(right), KEY.format("Wrong"))
    do(lab, "wait 12")
    assert "MM_KEY_EXCH" in do(lab, "GM1: show crypto isakmp sa")
    do(lab, "wait 60")
    assert "%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from 198.51.100.2" in log(lab, "KS1")
    assert "Registration status   : Registering" in status(lab)
    assert members(lab) == ["198.51.100.6"]
    configure(lab, "GM1", "no " + KEY.format("Wrong"), KEY.format(right))
    assert_healthy(lab)


def test_02_isakmp_policies_do_not_match() -> None:
    lab = fresh("01-psk-single-ks", ("KS1", ("crypto isakmp policy 10", "group 5")), settle=20)
    assert "MM_NO_STATE" in do(lab, "GM1: show crypto isakmp sa")
    assert "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Main mode failed with peer at 198.51.100.2" in log(lab, "KS1")
    configure(lab, "KS1", "crypto isakmp policy 10", "group 14")
    assert_healthy(lab)


def test_03_the_key_server_has_another_address() -> None:
    wrong = ("crypto gdoi group GETVPN", "server address ipv4 192.0.2.99", "no server address ipv4 192.0.2.1")
    key = "crypto isakmp key Elsewhere address 192.0.2.99"
    lab = fresh("01-psk-single-ks", ("GM1", (key, *wrong)), settle=5)
    assert "MM_NO_STATE" in do(lab, "GM1: show crypto isakmp sa")
    do(lab, "wait 300")
    screen = status(lab)
    assert "Succeeded registration: 0" in screen
    assert int(screen.split("Attempted registration: ")[1].split()[0]) > 1
    configure(lab, "GM1", *wrong[:1], "server address ipv4 192.0.2.1", "no server address ipv4 192.0.2.99")
    assert_healthy(lab)


def test_04_identity_numbers_differ() -> None:
    lab = fresh("01-psk-single-ks", ("GM1", ("crypto gdoi group GETVPN", "identity number 4321")), settle=20)
    assert "GDOI_IDLE" in do(lab, "GM1: show crypto isakmp sa")
    assert "%GDOI-1-KS_BAD_ID: Registration: Config mis-match between KS and the GM 198.51.100.2" in log(lab, "KS1")
    assert "Registration status   : Registering" in status(lab)
    configure(lab, "GM1", "crypto gdoi group GETVPN", "identity number 1234")
    assert_healthy(lab)


def test_05_the_authorization_list_lacks_a_member() -> None:
    lab = fresh("03-unicast-rekey-authz", ("KS1", ("ip access-list standard GM-LIST", "no permit 198.51.100.11")))
    line = "Group WAN-GROUP received registration from unauthorized ip address: 198.51.100.11"
    assert line in log(lab, "KS1")
    assert members(lab, "WAN-GROUP") == ["198.51.100.12"]
    configure(lab, "KS1", "ip access-list standard GM-LIST", "permit 198.51.100.11")
    do(lab, f"wait {HEALED}")
    assert ping(lab, "H1", "10.3.2.10") == 5


def test_06_a_member_registers_from_another_interface() -> None:
    edit = ("no crypto map GM-MAP local-address", "crypto gdoi group WAN-GROUP", "no client registration interface")
    lab = fresh("03-unicast-rekey-authz", ("GM1", edit))
    assert "unauthorized ip address: 203.0.113.6" in log(lab, "KS1")
    configure(lab, "GM1", "crypto gdoi group WAN-GROUP", "client registration interface Loopback0")
    do(lab, f"wait {HEALED}")
    assert ping(lab, "H1", "10.3.2.10") == 5


def test_07_the_identity_list_is_empty() -> None:
    edit = ("crypto identity MEMBERS", "crypto gdoi group GETVPN", "server local", "authorization identity MEMBERS")
    lab = fresh("01-psk-single-ks", ("KS1", edit))
    line = "%GDOI-1-UNAUTHORIZED_IDENTITY: Group GETVPN received registration from unauthorized identity:    "
    assert line + "Dist. name parsing failed. Peer Address: 198.51.100.2" in log(lab, "KS1")
    assert members(lab) == []
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "no authorization identity")
    assert_healthy(lab)


def test_08_the_signing_key_is_missing() -> None:
    edit = ("crypto gdoi group GETVPN", "server local", "rekey authentication mypubkey rsa NOWHERE")
    lab = fresh("01-psk-single-ks", ("KS1", edit))
    assert "%GDOI-3-KS_NO_RSA_KEYS: RSA Key - NOWHERE : Not found, Required for group GETVPN" in log(lab, "KS1")
    assert ping(lab, "H1", "10.1.2.10") == 5
    do(lab, "wait 7200")
    assert "GDOI-4-GM_RE_REGISTER" in log(lab, "GM1")
    assert "Unicast rekey received: 0" in status(lab)
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "rekey authentication mypubkey rsa GET-REKEY")
    do(lab, "wait 10000")
    assert "Unicast rekey received: 0" not in status(lab)
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_13_unicast_rekey_has_no_address() -> None:
    lab = fresh("01-psk-single-ks", ("KS1", ("crypto gdoi group GETVPN", "server local", "no address ipv4")))
    assert ping(lab, "H1", "10.1.2.10") == 5
    do(lab, "wait 7200")
    assert "Unicast rekey received: 0" in status(lab)
    assert "GDOI-4-GM_RE_REGISTER" in log(lab, "GM1")
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "address ipv4 192.0.2.1")
    do(lab, "wait 7200")
    assert "Unicast rekey received: 0" not in status(lab)


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


POLICY = "ip access-list extended GET-POLICY"


def hello(lab: Lab, node: str, source: str, destination: str) -> None:
    """An OSPF hello (RFC 2328 section A.3.2) of a router that has seen nobody yet."""
    own = IPv4Address(source)
    body = struct.pack("!IHBBIII", 0xFFFFFFFC, 10, 2, 1, 40, int(own), 0)
    head = struct.pack("!BBH4sI", 2, 1, 24 + len(body), own.packed, 0)
    checksum = internet_checksum(head + bytes(4) + body)
    ospf = head + struct.pack("!HHQ", checksum, 0, 0) + body
    lab.routers[node].ip.send(Packet(own, IPv4Address(destination), OSPF, ospf, ttl=1))
    do(lab, "wait 1")


def test_20_the_policy_does_not_leave_out_what_the_provider_must_read(tmp_path: Path) -> None:
    lab = fresh("01-psk-single-ks", ("KS1", (POLICY, "no deny ospf any any", "permit ip any any")))
    lab.capture(tmp_path)
    hello(lab, "GM1", "198.51.100.2", "224.0.0.5")
    hello(lab, "PE", "198.51.100.1", "198.51.100.2")
    line = "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /198.51.100.2,"
    assert f"{line} src_addr= 198.51.100.1, prot= 89" in log(lab, "GM1")
    configure(lab, "KS1", POLICY, "no permit ip any any", "5 deny ospf any any", "permit ip any any")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 70")
    hello(lab, "GM1", "198.51.100.2", "224.0.0.5")
    refused = log(lab, "GM1").count("prot= 89")
    hello(lab, "PE", "198.51.100.1", "198.51.100.2")
    assert log(lab, "GM1").count("prot= 89") == refused
    lab.close()
    frames = [frame.data for frame in read_capture(tmp_path / "GM1--PE.pcapng")]
    packets = [Packet.parse(frame[14:]) for frame in frames if frame[12:14] == b"\x08\x00"]
    to_group = [packet.protocol for packet in packets if str(packet.destination) == "224.0.0.5"]
    # What the provider's router makes an adjacency of went out as ESP first.
    assert to_group == [ESP, OSPF]


def test_21_the_policy_does_not_leave_out_the_port_of_gdoi() -> None:
    edit = (POLICY, "no deny udp any eq 848 any eq 848", "permit ip any any")
    lab = fresh("01-psk-single-ks", ("KS1", edit))
    assert members(lab) == ["198.51.100.2", "198.51.100.6"]
    do(lab, "wait 3600")
    assert "Unicast rekey received: 0" in status(lab)
    assert "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /198.51.100.2" in log(
        lab, "GM1"
    )
    assert "%GDOI-5-KS_NACK_GM_EJECT" in log(lab, "KS1") or "Registering" in status(lab)
    configure(lab, "KS1", POLICY, "no permit ip any any", "5 deny udp any eq 848 any eq 848")
    do(lab, "KS1: crypto gdoi ks rekey")
    for node in ("GM1", "GM2"):
        do(lab, f"{node}: clear crypto gdoi")
    assert_healthy(lab)


def test_21_bypass_policy_lets_the_keys_through() -> None:
    edit = (POLICY, "no deny udp any eq 848 any eq 848", "permit ip any any")
    bypass = ("crypto gdoi group GETVPN", "client bypass-policy")
    lab = fresh("01-psk-single-ks", ("KS1", edit), ("GM1", bypass), ("GM2", bypass))
    do(lab, "wait 7200")
    assert "Unicast rekey received: 0" not in status(lab)
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_22_the_lan_of_the_key_server_is_inside_the_permit_range() -> None:
    lab = fresh("08-gm-local-deny", ("GM1", ("crypto map GM-MAP 10 gdoi", "no match address")))
    assert ping(lab, "H1", "10.8.100.1", 2) == 0
    configure(lab, "GM1", "crypto map GM-MAP 10 gdoi", "match address BYPASS")
    assert ping(lab, "H1", "10.8.100.1", 2) == 2


def test_23_a_local_list_permits() -> None:
    lab = scenario("08-gm-local-deny")
    configure(lab, "GM1", "ip access-list extended BYPASS", "permit ip 10.8.1.0 0.0.0.255 10.8.2.0 0.0.0.255")
    line = "%GDOI-3-GM_ACL_PERMIT: GM doesn't support permit configured under local access-list. Traffic from 10.8.1.0"
    assert line in log(lab, "GM1")
    assert ping(lab, "H1", "10.8.2.10", 2) == 0
    configure(lab, "GM1", "ip access-list extended BYPASS", "no permit ip 10.8.1.0 0.0.0.255 10.8.2.0 0.0.0.255")
    assert ping(lab, "H1", "10.8.2.10", 2) == 2


def test_24_a_policy_with_a_range_of_ports() -> None:
    lab = fresh("01-psk-single-ks", ("KS1", (POLICY, "permit udp any range 5000 6000 any")))
    line = "%GDOI-3-GDOI_ACL_RANGE: The ACL GET-POLICY contains port range which is NOT supported. WARNING: No TEK"
    assert line in log(lab, "KS1")
    assert "IPSec SA Number" in do(lab, "KS1: show crypto gdoi")
    assert "Registration status   : Registering" in status(lab)
    configure(lab, "KS1", POLICY, "no permit udp any range 5000 6000 any")
    assert_healthy(lab)


def test_25_a_policy_with_too_many_entries() -> None:
    entries = tuple(f"{20 + n} deny ip host 10.9.{n}.1 any" for n in range(120))
    lab = fresh("01-psk-single-ks", ("KS1", ("ip access-list resequence GET-POLICY 1 1", POLICY, *entries)))
    line = "%GDOI-3-GDOI_ACL_NUM: The ACL GET-POLICY has too many entries. GDOI will honor only the first 100 ACL"
    assert line in log(lab, "KS1")
    assert do(lab, "GM1: show crypto gdoi gm acl download").count("access-list") == 100
    # One network instead of many hosts.
    few = [line.replace(line, f"no {20 + n}") for n, line in enumerate(entries)]
    configure(lab, "KS1", POLICY, *few, "20 deny ip 10.9.0.0 0.0.255.255 any")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    rules = do(lab, "GM1: show crypto gdoi gm acl download")
    assert "deny ip 10.9.0.0 0.0.255.255 any" in rules
    assert rules.count("access-list") == 6
    assert log(lab, "KS1").count("GDOI_ACL_NUM") == 1
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_26_an_asymmetric_policy() -> None:
    edit = (POLICY, "no permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255")
    one_way = "permit ip 10.1.1.0 0.0.0.255 10.1.2.0 0.0.0.255"
    lab = fresh("01-psk-single-ks", ("KS1", (*edit, one_way)))
    assert ping(lab, "H1", "10.1.2.10", 2) == 0
    assert "RECVD_PKT_NOT_IPSEC" in log(lab, "GM1")
    assert "RECVD_PKT_NOT_IPSEC" not in log(lab, "GM2")
    configure(lab, "KS1", POLICY, "permit ip 10.1.2.0 0.0.0.255 10.1.1.0 0.0.0.255")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    assert ping(lab, "H1", "10.1.2.10", 2) == 2


def test_27_a_site_that_is_no_member_yet() -> None:
    lab = fresh("01-psk-single-ks", ("GM2", ("interface GigabitEthernet0/0", "no crypto map")))
    assert ping(lab, "H2", "10.1.1.10", 2) == 0
    assert "RECVD_PKT_NOT_IPSEC" in log(lab, "GM1")
    # For as long as it takes, the others accept clear packets and send them.
    do(lab, "GM1: crypto gdoi gm ipsec direction inbound only")
    assert ping(lab, "H2", "10.1.1.10", 2) == 2
    configure(lab, "GM2", "interface GigabitEthernet0/0", "crypto map GM-MAP")
    do(lab, "wait 30", "GM1: crypto gdoi gm ipsec direction both")
    assert ping(lab, "H2", "10.1.1.10", 2) == 2


def test_28_receive_only_was_left_on() -> None:
    edit = ("crypto gdoi group GETVPN", "server local", "sa receive-only")
    lab = fresh("01-psk-single-ks", ("KS1", edit))
    assert ping(lab, "H1", "10.1.2.10", 2) == 2
    assert "#pkts encaps: 0" in do(lab, "GM1: show crypto ipsec sa")
    assert "IPSec SA Direction       : Inbound Only" in status(lab)
    configure(lab, "KS1", *edit[:2], "no sa receive-only")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    assert ping(lab, "H1", "10.1.2.10", 2) == 2
    assert "#pkts encaps: 2" in do(lab, "GM1: show crypto ipsec sa")


def test_29_passive_was_left_on() -> None:
    edit = ("crypto gdoi group GETVPN", "passive")
    lab = fresh("01-psk-single-ks", ("GM1", edit), ("GM2", ("interface GigabitEthernet0/0", "no crypto map")))
    counters = lab.routers["GM1"].service(MemberRole).memberships
    assert ping(lab, "H2", "10.1.1.10", 2) == 0
    plane = next(iter(counters.values())).plane
    # The request came in although it was not encrypted; the answer went out encrypted.
    assert plane.totals.encapsulated == 2
    configure(lab, "GM1", *edit[:1], "no passive")
    assert ping(lab, "H2", "10.1.1.10", 2) == 0
    assert plane.totals.encapsulated == 2


def test_31_fail_close_is_configured_but_not_activated() -> None:
    lab = scenario("10-fail-close", settle=0)
    configure(lab, "KS1", "interface GigabitEthernet0/0", "shutdown")
    do(lab, "wait 5")
    assert ping(lab, "H2", "198.51.100.5", 2) == 2
    configure(lab, "GM2", "crypto map GM-MAP gdoi fail-close", "activate")
    assert ping(lab, "H2", "198.51.100.5", 2) == 0


def test_34_the_lifetime_is_shorter_than_the_margin() -> None:
    edit = ("crypto ipsec profile GET-PROF", "set security-association lifetime seconds 120")
    slow = ("crypto gdoi group GETVPN", "server local", "rekey retransmit 60 number 3")
    lab = fresh("01-psk-single-ks", ("KS1", edit), ("KS1", slow))
    do(lab, "wait 600")
    received = int(status(lab).split("Unicast rekey received: ")[1].split()[0])
    assert received > 10
    # The log is full of it.
    assert log(lab, "GM1").count("%GDOI-5-GM_RECV_REKEY") > 10
    assert ping(lab, "H1", "10.1.2.10") == 5
    configure(lab, "KS1", edit[0], "set security-association lifetime seconds 3600")
    configure(lab, "KS1", *slow[:2], "rekey retransmit 10 number 2")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 600")
    calm = log(lab, "GM1").count("%GDOI-5-GM_RECV_REKEY")
    do(lab, "wait 2400")
    assert log(lab, "GM1").count("%GDOI-5-GM_RECV_REKEY") == calm
    assert ping(lab, "H1", "10.1.2.10") == 5


NAT = (
    "ip access-list extended NAT", "permit ip 10.1.1.0 0.0.0.255 any", "exit",
    "interface GigabitEthernet0/1", "ip nat inside", "interface GigabitEthernet0/0", "ip nat outside", "exit",
    "ip nat inside source list NAT interface GigabitEthernet0/0 overload",
)  # fmt: skip


def encapsulated(lab: Lab, node: str = "GM1") -> int:
    return sum(item.plane.totals.encapsulated for item in lab.routers[node].service(MemberRole).memberships.values())


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
        host.tcp._segment_size = lambda address, vrf: 1460  # type: ignore[method-assign]
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


def test_37_the_map_is_on_the_wrong_interface() -> None:
    wrong = ("interface GigabitEthernet0/0", "no crypto map", "interface GigabitEthernet0/1", "crypto map GM-MAP")
    lab = fresh("01-psk-single-ks", ("GM1", wrong))
    assert "198.51.100.2" not in members(lab)
    assert ping(lab, "H1", "10.1.2.10", 2) == 0
    right = ("interface GigabitEthernet0/1", "no crypto map", "interface GigabitEthernet0/0", "crypto map GM-MAP")
    configure(lab, "GM1", *right)
    assert_healthy(lab)


def test_38_an_ipv6_group_under_a_map_for_ipv4() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    screen = configure(lab, "GM1", "crypto gdoi group ipv6 SIX", "exit", "crypto map GM-MAP 20 gdoi", "set group SIX")
    assert "Group SIX is an IPv6 group and Crypto map is for IPv4.\nPlease set an IPv4 group." in screen
    # The entry does nothing until it names another group.
    configure(lab, "GM1", "no crypto map GM-MAP 10 gdoi")
    do(lab, "wait 60")
    assert members(lab) == ["198.51.100.6"]
    configure(lab, "GM1", "crypto map GM-MAP 20 gdoi", "set group GETVPN")
    assert_healthy(lab)


def test_43_isakmp_is_switched_off() -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "GM1", "no crypto isakmp enable")
    assert "%CRYPTO-6-ISAKMP_ON_OFF: ISAKMP is OFF" in log(lab, "GM1")
    assert "%CRYPTO-6-GDOI_ON_OFF: GDOI is OFF" in log(lab, "GM1")
    assert ping(lab, "H1", "10.1.2.10", 2) == 0
    configure(lab, "GM1", "crypto isakmp enable")
    assert_healthy(lab)


def test_44_two_groups_protect_the_same_traffic() -> None:
    edit = ("ip access-list extended VOICE-POLICY", "permit ip 10.9.0.0 0.0.127.255 10.9.0.0 0.0.127.255")
    lab = fresh("09-two-groups", ("KS1", edit))
    planes = [item.plane for item in lab.routers["GM1"].service(MemberRole).memberships.values()]
    before = len(planes[1].acl)
    assert ping(lab, "H1", "10.9.2.10", 2) == 2
    # The first entry of the map wins.
    assert [plane.totals.encapsulated for plane in planes] == [2, 0]
    assert planes[1].drops == {}
    # Each group its own traffic: that of the second one's is its again.
    configure(lab, "KS1", edit[0], "no " + edit[1])
    do(lab, "KS1: crypto gdoi ks rekey", "wait 10")
    assert len(planes[1].acl) < before
    assert ping(lab, "H1", "10.9.2.10", 2) == 2
    assert [plane.totals.encapsulated for plane in planes] == [4, 0]


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

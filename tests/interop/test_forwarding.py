"""What members do to the packets of kernel hosts on their way: fragments, DF, path MTU, MSS, TTL, checksums, errors."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from iosemu.wire.ipv4 import ESP, ICMP, TCP, UDP, Packet
from iosemu.wire.tcp import Segment
from tests.interop.gateways import lab
from tests.interop.netns import check, run
from tests.interop.router import Router, socket_in
from tests.interop.sniffer import IPV4, Sniffer, save
from tests.interop.tshark import esp_preferences, tshark

HOST_A, HOST_B = "10.1.1.10", "10.1.2.10"
GROUP = "239.1.1.1"
WAN_MTU = 1500
# An echo request has this much in front of its data.
HEADERS = 28
CHECKSUMS = ("ip.check_checksum", "udp.check_checksum", "tcp.check_checksum")


@dataclass(slots=True)
class Way:
    """The lab, with ears on the WAN of GM1 and on the far host."""

    boxes: Any
    routers: dict[str, Router]
    wan: Sniffer
    far: Sniffer
    keys: Path

    def listen(self) -> None:
        """Forget what has passed."""
        self.wan.frames()
        self.far.frames()

    def ping(self, *options: str) -> str:
        """What ping prints on host a, of echo requests to the other."""
        self.listen()
        return run("ping", "-n", "-i", "0.05", "-W", "1", *options, HOST_B, namespace=self.boxes.host_a).stdout

    def sealed(self) -> list[Packet]:
        """The ESP packets of host a on the WAN."""
        found = [Packet.parse(packet) for packet in self.wan.packets()]
        return [packet for packet in found if packet.protocol == ESP and str(packet.source) == HOST_A]

    def arrived(self) -> list[Packet]:
        """What the far host got from host a."""
        found = [Packet.parse(packet) for packet in self.far.packets()]
        return [packet for packet in found if str(packet.source) == HOST_A]

    def opened(self, packets: list[Packet], folder: Path, *fields: str) -> list[list[str]]:
        """Fields of ESP packets, outer and inner, as tshark opens them."""
        shown = [item for field in fields for item in ("-e", field)]
        capture = save([packet.pack() for packet in packets], folder / "esp.pcapng")
        # Inner fragments shall be shown, not joined.
        options = (*esp_preferences(self.keys), "-o", "ip.defragment:FALSE")
        rows = tshark(capture, *options, "-Y", "esp.icv_good == 1", "-T", "fields", *shown)
        return [row.split("\t") for row in rows]

    def plaintext_mtu(self) -> int:
        """What the router says of it."""
        found = re.search(r"plaintext mtu (\d+)", self.routers["GM1"].do("show crypto ipsec sa"))
        assert found is not None
        return int(found[1])


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder = tmp_path_factory.mktemp("forwarding")
    keys = folder / "keys.json"
    with lab(folder, {}, f"--keys={keys}") as (_, boxes, routers):
        for host in (boxes.host_a, boxes.host_b):
            check("ip", "link", "set", "lan", "mtu", str(WAN_MTU), namespace=host)
        yield Way(boxes, routers, Sniffer(boxes.gm1, "wan"), Sniffer(boxes.host_b, "lan"), keys)


@contextmanager
def configured(way: Way, *lines: str) -> Iterator[None]:
    """GM1 with lines that go afterwards; those of an interface stand behind its own line."""
    member = way.routers["GM1"]
    member.configure("\n".join(lines))
    try:
        yield
    finally:
        mode = lines[:-1]
        member.configure("\n".join([*mode, f"no {lines[-1]}"]))
        check("ip", "route", "flush", "cache", namespace=way.boxes.host_a)


def test_large_packets_are_fragmented_before_they_are_encrypted(way: Way, tmp_path: Path) -> None:
    """So that the other member has nothing to join."""
    assert " 0% packet loss" in way.ping("-c", "3", "-s", "1472", "-M", "dont")
    sealed, arrived = way.sealed(), way.arrived()
    assert len(sealed) == len(arrived) == 6
    assert not any(packet.more_fragments or packet.fragment_offset for packet in sealed)
    assert max(len(packet.pack()) for packet in sealed) <= WAN_MTU
    assert [packet.more_fragments for packet in arrived] == [True, False] * 3
    inner = [flags.split(",")[1] for (flags,) in way.opened(sealed, tmp_path, "ip.flags.mf")]
    assert inner == ["1", "0"] * 3


def test_or_after_it(way: Way) -> None:
    """Then the other member joins fragments of ESP that are addressed to a host."""
    with configured(way, "crypto ipsec fragmentation after-encryption"):
        assert " 0% packet loss" in way.ping("-c", "3", "-s", "1472", "-M", "dont")
        sealed, arrived = way.sealed(), way.arrived()
    assert [packet.more_fragments for packet in sealed] == [True, False] * 3
    assert len({packet.identification for packet in sealed}) == 3
    assert [len(packet.pack()) for packet in arrived] == [WAN_MTU] * 3


@pytest.mark.parametrize(("rule", "outer"), [("copy", (False, True)), ("clear", (False, False)), ("set", (True, True))])
def test_the_df_bit(way: Way, rule: str, outer: tuple[bool, bool]) -> None:
    """Outside as the rule says, inside as the host has it."""
    with configured(way, f"crypto ipsec df-bit {rule}"):
        for word, inside, outside in zip(("dont", "do"), (False, True), outer, strict=True):
            assert " 0% packet loss" in way.ping("-c", "3", "-M", word)
            assert {packet.dont_fragment for packet in way.sealed()} == {outside}
            assert {packet.dont_fragment for packet in way.arrived()} == {inside}


@pytest.mark.parametrize("transform", ["esp-gcm", "esp-aes 256 esp-sha256-hmac"])
def test_path_mtu_discovery(way: Way, transform: str) -> None:
    """The host is told the largest packet that fits when it is encrypted, to the octet."""
    server, members = way.routers["KS1"], [way.routers[name] for name in ("GM1", "GM2")]
    received = [member.log.count("GM_RECV_REKEY") for member in members]
    server.configure(f"crypto ipsec transform-set GET-TS {transform}")
    server.do("crypto gdoi ks rekey replace-now")
    for member, count in zip(members, received, strict=True):
        member.wait_for_log("(?s)" + "GM_RECV_REKEY.*" * (count + 1))
    told = re.search(r"From 10\.1\.1\.1 .*[Ff]rag needed.*mtu = (\d+)", way.ping("-c", "1", "-M", "do", "-s", "1472"))
    assert told is not None
    assert int(told[1]) == way.plaintext_mtu()
    size = int(told[1]) - HEADERS
    assert " 0% packet loss" in way.ping("-c", "3", "-M", "do", "-s", str(size))
    check("ip", "route", "flush", "cache", namespace=way.boxes.host_a)
    assert "rag needed" in way.ping("-c", "1", "-M", "do", "-s", str(size + 1))
    check("ip", "route", "flush", "cache", namespace=way.boxes.host_a)


def test_df_clear_lets_large_packets_pass(way: Way) -> None:
    """Whatever the host says."""
    with configured(way, "crypto ipsec df-bit clear"):
        assert " 0% packet loss" in way.ping("-c", "3", "-M", "do", "-s", "1472")


def test_ip_mtu(way: Way) -> None:
    """Of the WAN: nothing larger leaves, and the host is told accordingly."""
    before = way.plaintext_mtu()
    with configured(way, "interface GigabitEthernet0/0", "ip mtu 1400"):
        assert way.plaintext_mtu() <= before - 96
        assert f"mtu = {way.plaintext_mtu()}" in way.ping("-c", "1", "-M", "do", "-s", "1400")
        check("ip", "route", "flush", "cache", namespace=way.boxes.host_a)
        assert " 0% packet loss" in way.ping("-c", "3", "-M", "dont", "-s", "1472")
        assert max(len(packet.pack()) for packet in way.sealed()) <= 1400


def test_the_mss_of_passing_syns(way: Way) -> None:
    """`ip tcp adjust-mss` lowers what a host offers, and the checksum fits."""
    with configured(way, "interface GigabitEthernet0/1", "ip tcp adjust-mss 1200"):
        way.listen()
        caller = socket_in(way.boxes.host_a)
        with pytest.raises(ConnectionRefusedError):
            caller.connect((HOST_B, 9))
        caller.close()
        (syn,) = [packet for packet in way.arrived() if packet.protocol == TCP]
    segment = Segment.parse(syn.payload, syn.source, syn.destination)
    assert segment.mss == 1200
    way.routers["GM1"].configure("interface GigabitEthernet0/1\nip tcp adjust-mss 1360")


def test_time_to_live(way: Way, tmp_path: Path) -> None:
    """Each member takes one off; one whose last it is answers."""
    assert " 0% packet loss" in way.ping("-c", "3", "-t", "64")
    assert {packet.ttl for packet in way.arrived()} == {62}
    assert {ttl.split(",")[1] for (ttl,) in way.opened(way.sealed(), tmp_path, "ip.ttl")} == {"63"}
    assert "From 10.1.1.1 icmp_seq=1 Time to live exceeded" in way.ping("-c", "1", "-t", "1")
    assert re.search(
        r"From (10\.1\.2\.1|192\.0\.2\.2) icmp_seq=1 Time to live exceeded", way.ping("-c", "1", "-t", "2")
    )


def test_errors_find_their_way_back(way: Way) -> None:
    """Port unreachable of the far host, in ESP; no route, of the member itself."""
    sender = socket_in(way.boxes.host_a, socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect((HOST_B, 9))
    sender.settimeout(5)
    sender.send(b"discard")
    with pytest.raises(ConnectionRefusedError):
        sender.recv(100)
    sender.close()
    printed = run("ping", "-c", "1", "-W", "2", "10.1.99.1", namespace=way.boxes.host_a).stdout
    assert re.search(r"From 10\.1\.1\.1 .*Destination (Host|Net) Unreachable", printed), printed


def test_checksums(way: Way, tmp_path: Path) -> None:
    """Of all that the far host gets: ICMP, UDP, TCP, whole and in fragments."""
    way.listen()
    check("ping", "-c", "5", "-i", "0.05", "-s", "2000", HOST_B, namespace=way.boxes.host_a)
    sender = socket_in(way.boxes.host_a, socket.AF_INET, socket.SOCK_DGRAM)
    for size in range(0, 1400, 100):
        sender.sendto(bytes(size), (HOST_B, 9))
    sender.close()
    caller = socket_in(way.boxes.host_a)
    with pytest.raises(ConnectionRefusedError):
        caller.connect((HOST_B, 9))
    caller.close()
    time.sleep(0.2)
    packets = way.arrived()
    assert Counter(packet.protocol for packet in packets) == {ICMP: 15, UDP: 14, TCP: 1}
    capture = save([packet.pack() for packet in packets], tmp_path / "far.pcapng")
    options = [item for name in CHECKSUMS for item in ("-o", f"{name}:TRUE")]
    fields = [item for name in ("ip", "icmp", "udp", "tcp") for item in ("-e", f"{name}.checksum.status")]
    rows = [row.split("\t") for row in tshark(capture, *options, "-T", "fields", *fields)]
    assert {status for row in rows for status in row} == {"", "1"}
    assert sum(row[0] == "1" for row in rows) == 30
    assert [sum(row[number] == "1" for row in rows) for number in (1, 2, 3)] == [5, 14, 1]


def interface_counters(member: Router, number: int) -> tuple[bytes, list[int]]:
    """The address of an interface; frames and octets in, and out."""
    shown = member.do(f"show interfaces GigabitEthernet0/{number}")
    address = re.search(r"address is ([0-9a-f.]+)", shown)
    assert address is not None
    counted = re.findall(r"(\d+) packets (?:in|out)put, (\d+) bytes", shown)
    return bytes.fromhex(address[1].replace(".", "")), [int(number) for pair in counted for number in pair]


def group_counters(member: Router) -> list[int]:
    """Packets encrypted and decrypted: of the flow, of the SAs, of the group."""
    flow = re.findall(r"#pkts (?:encaps|decaps): (\d+)", member.do("show crypto ipsec sa"))
    rows = re.findall(r"IPsec +\S+ +(\d+) +(\d+)", member.do("show crypto engine connections active"))
    sas = [sum(int(row[column]) for row in rows) for column in (0, 1)]
    group = re.findall(r"#pkts (?:en|de)crypt +: (\d+)", member.do("show crypto gdoi gm dataplane counters"))
    return [*map(int, flow), *sas, *map(int, group)]


def test_counters_are_those_of_the_wire(way: Way) -> None:
    """Frames and octets of both interfaces, packets of the flow, the SAs and the group, while the fast path works."""
    member = way.routers["GM1"]
    ears = [way.wan, Sniffer(way.boxes.gm1, "lan")]
    time.sleep(0.5)
    before = [interface_counters(member, number)[1] for number in (0, 1)], group_counters(member)
    for sniffer in ears:
        sniffer.frames()
    run("ping", "-f", "-c", "800", HOST_B, namespace=way.boxes.host_a)
    run("ping", "-c", "5", "-i", "0.05", "-s", "3000", HOST_B, namespace=way.boxes.host_a)
    # Nothing more comes; what the thread of the fast path has counted is reported within a fraction of a second.
    time.sleep(0.5)
    frames = [sniffer.frames() for sniffer in ears]
    for number in (0, 1):
        address, after = interface_counters(member, number)
        heard = [[frame for frame in frames[number] if (frame[6:12] == address) is out] for out in (False, True)]
        counted = [now - then for now, then in zip(after, before[0][number], strict=True)]
        assert counted == [item for part in heard for item in (len(part), sum(map(len, part)))]
    address, _ = interface_counters(member, 0)
    esp = [frame for frame in frames[0] if frame[12:14] == IPV4 and frame[23] == ESP]
    out = sum(frame[6:12] == address for frame in esp)
    assert out > 800
    counted = [now - then for now, then in zip(group_counters(member), before[1], strict=True)]
    assert counted == [out, len(esp) - out] * 3


def test_packets_to_a_group(way: Way, tmp_path: Path) -> None:
    """The kernel of the far host joins; what the other sends to the group comes in ESP to the group, and once."""
    members = [way.routers[name] for name in ("GM1", "GM2")]
    for member in members:
        interfaces = [f"interface GigabitEthernet0/{number}\nip pim dense-mode" for number in (0, 1)]
        member.configure("\n".join(["ip multicast-routing", *interfaces]))
    received = [member.log.count("GM_RECV_REKEY") for member in members]
    way.routers["KS1"].configure(
        f"ip access-list extended GET-POLICY\npermit ip 10.1.0.0 0.0.255.255 {GROUP} 0.0.0.0\n"
    )
    way.routers["KS1"].do("crypto gdoi ks rekey replace-now")
    for member, count in zip(members, received, strict=True):
        member.wait_for_log("(?s)" + "GM_RECV_REKEY.*" * (count + 1))
    listener = socket_in(way.boxes.host_b, socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((GROUP, 5000))
    joined = socket.inet_aton(GROUP) + socket.inet_aton(HOST_B)
    listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
    listener.settimeout(0.3)
    members[1].wait_for("show ip igmp groups", GROUP)
    members[0].wait_for("show ip pim neighbor", "192.0.2.2")
    sender = socket_in(way.boxes.host_a, socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 16)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(HOST_A))
    way.listen()
    texts = [f"{number}".encode() for number in range(20)]
    for text in texts:
        sender.sendto(text, (GROUP, 5000))
    found = []
    with contextlib.suppress(TimeoutError):
        while True:
            found.append(listener.recv(100))
    assert found == texts
    sealed = [packet for packet in way.sealed() if str(packet.destination) == GROUP]
    assert len(sealed) == len(texts)
    assert {packet.ttl for packet in way.arrived() if str(packet.destination) == GROUP} == {14}
    sender.close()
    listener.close()

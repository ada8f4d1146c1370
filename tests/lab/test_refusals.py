"""Packets and messages that are replayed, forged, old, cut off or damaged: a router refuses them, counts them, says so
in its log, and nothing else changes."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from random import Random

import pytest

from iosemu.engines.gdoi import push
from iosemu.engines.gdoi.keys import Kek, Tek
from iosemu.engines.gdoi.tek_payloads import sa_teks, tek_packet
from iosemu.features.gdoi.members.membership import Membership
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.router.names import InterfaceName
from iosemu.wire.gdoi.key_download import KeyDownload
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.ipv4 import ESP, UDP, Packet
from iosemu.wire.isakmp import HEADER_LENGTH, ExchangeType, Header
from iosemu.wire.udp import UdpDatagram
from tests.engines.gdoi.network import signing_key
from tests.lab.driver import ROOT, boot, configure, do, log, packets, ping

WAN = InterfaceName("GigabitEthernet", "0/0")
SERVER, MEMBER = IPv4Address("192.0.2.1"), IPv4Address("198.51.100.2")
PULL, PUSH, ACK = ExchangeType.GROUPKEY_PULL, ExchangeType.GROUPKEY_PUSH, ExchangeType.GROUPKEY_PUSH_ACK


class Wiretap:
    """The smallest group, with somebody on the wires to the key server and to a member."""

    def __init__(self, folder: Path, name: str = "01-psk-single-ks") -> None:
        self._folder = folder
        self.lab = boot(ROOT / "running-configs" / name)
        self.lab.capture(folder)
        do(self.lab, "wait 60")

    def heard(self, node: str) -> list[Packet]:
        """What has been on a router's wide area link so far."""
        self.lab.flush()
        return packets(self._folder / f"{node}--PE.pcapng")

    def messages(self, source: IPv4Address, *exchanges: int) -> list[bytes]:
        """ISAKMP messages of some exchanges between GM1 and KS1, from an address."""
        sent = [item for item in self.heard("GM1") if item.protocol == UDP and item.source == source]
        found = [UdpDatagram.parse(item.payload, item.source, item.destination).payload for item in sent]
        return [item for item in found if Header.parse(item).exchange in exchanges]

    def inject(self, node: str, packet: bytes) -> None:
        """A packet from the wide area link."""
        router = self.lab.routers[node]
        interface = router.interfaces.get(WAN)
        assert interface is not None
        router.link.receive(interface.mac + bytes(6) + b"\x08\x00" + packet, interface)

    def say(self, node: str, message: bytes, source: IPv4Address | None = None) -> None:
        """A message of GDOI from the other end of the registration, or from somebody else."""
        peer, own = (SERVER, MEMBER) if node == "GM1" else (MEMBER, SERVER)
        peer = source or peer
        datagram = UdpDatagram(GDOI_PORT, GDOI_PORT, message).pack(peer, own)
        self.inject(node, Packet(peer, own, UDP, datagram).pack())

    def refused(self, node: str) -> dict[str, int]:
        """`show iosemu refused`."""
        rows = re.findall(r"^ *(\d+)  (.*)$", do(self.lab, f"{node}: show iosemu refused"), re.MULTILINE)
        return {cause: int(count) for count, cause in rows}

    @property
    def membership(self) -> Membership:
        """GM1's."""
        return next(iter(self.lab.routers["GM1"].service(MemberRole).memberships.values()))

    def state(self) -> object:
        """What of both ends must stay as it is."""
        server, member = self.lab.routers["KS1"].service(ServerRole).servers["GETVPN"], self.membership.member
        plane = self.membership.plane
        totals = plane.totals.decapsulated, plane.totals.encapsulated
        windows = [repr(sa.windows) for sa in plane.sas.values()]
        ends = (
            member.state,
            repr(member.kek),
            repr(member.teks),
            member.acl,
            member.rekeys.received,
            member.rekeys.acks_sent,
        )
        return *ends, totals, windows, repr(server.kek), repr(server.teks), repr(server.members), member.next_timer()


@pytest.fixture
def tap(tmp_path: Path) -> Wiretap:
    return Wiretap(tmp_path)


def test_packets_that_are_replayed_within_and_beyond_the_window(tap: Wiretap) -> None:
    assert ping(tap.lab, "H2", "10.1.1.10", 100) == 100
    sent = [item for item in tap.heard("GM1") if item.protocol == ESP and str(item.source) == "10.1.2.10"]
    assert len(sent) == 100
    numbers = [int.from_bytes(item.payload[4:8], "big") for item in sent]
    within = [item for item, number in zip(sent, numbers, strict=True) if number > numbers[-1] - 64]
    assert 0 < len(within) < len(sent)
    before = tap.state()
    for item in sent:
        tap.inject("GM1", item.pack())
    do(tap.lab, "wait 1")
    assert tap.state() == before
    screen = do(tap.lab, "GM1: show crypto ipsec sa detail")
    assert "##pkts replay failed (rcv): 100" in screen
    number = re.findall(r"conn id: (\d+)", screen)[0]
    text = f"decrypt: replay check failed connection id={number}, sequence number={numbers[0]}"
    assert f"%CRYPTO-4-PKT_REPLAY_ERR: {text}" in log(tap.lab, "GM1")
    assert "#pkts verify fail (rcv)  : 100" in do(tap.lab, "GM1: show crypto gdoi gm dataplane counters")
    # Hours of silence change nothing, nor does another registration.
    do(tap.lab, "wait 600", "GM1: clear crypto gdoi", "wait 30")
    for item in sent:
        tap.inject("GM1", item.pack())
    assert tap.membership.plane.totals.decapsulated == 100
    assert log(tap.lab, "GM1").count("PKT_REPLAY_ERR") == 2
    assert ping(tap.lab, "H2", "10.1.1.10") == 5


def test_packets_that_are_damaged(tap: Wiretap) -> None:
    assert ping(tap.lab, "H2", "10.1.1.10") == 5
    last = [item for item in tap.heard("GM1") if item.protocol == ESP and str(item.source) == "10.1.2.10"][-1]
    before, random = tap.state(), Random(1)
    number = int.from_bytes(last.payload[4:8], "big") + 1
    fresh = replace(last, payload=last.payload[:4] + number.to_bytes(4, "big") + last.payload[8:])
    count = 0
    for place in random.sample(range(4, len(fresh.payload)), 60):
        flipped = fresh.payload[:place] + bytes((fresh.payload[place] ^ 1,)) + fresh.payload[place + 1 :]
        for payload in (flipped, fresh.payload[:place]):
            tap.inject("GM1", replace(fresh, payload=payload).pack())
            count += 1
    assert tap.state() == before
    plane = tap.membership.plane
    assert sum(plane.drops.values()) == plane.totals.receive_errors == count
    assert "%CRYPTO-4-RECVD_PKT_MAC_ERR: decrypt: mac verify failed for connection id=" in log(tap.lab, "GM1")
    errors = re.findall(r"#pkts verify failed: (\d+)", do(tap.lab, "GM1: show crypto ipsec sa detail"))
    # Among the rest are too short ones, and numbers that had been there.
    assert int(errors[0]) > count // 3
    unknown = replace(last, payload=b"\x12\x34\x56\x78" + last.payload[4:])
    tap.inject("GM1", unknown.pack())
    assert "%CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has invalid spi" in log(tap.lab, "GM1")
    assert "#pkts invalid sa (rcv)   : 1" in do(tap.lab, "GM1: show crypto gdoi gm dataplane counters")
    assert tap.state() == before


def test_rekeys_that_are_replayed(tap: Wiretap) -> None:
    do(tap.lab, "KS1: crypto gdoi ks rekey", "wait 10", "KS1: crypto gdoi ks rekey", "wait 60")
    pushes = tap.messages(SERVER, PUSH)
    assert len(pushes) == 2
    before = tap.state()
    for _ in range(3):
        tap.say("GM1", pushes[0])
    assert tap.state() == before
    assert tap.refused("GM1") == {"rekey out of sequence": 3}
    line = (
        "%GDOI-3-GDOI_REKEY_SEQ_FAILURE: Failed to process rekey seq # 1 in seq payload for group GETVPN, last seq # 2"
    )
    assert log(tap.lab, "GM1").count(line) == 3


def forge(tap: Wiretap, kek: Kek, teks: list[Tek], good_key: bool) -> bytes:
    """The next push of the group."""
    server = tap.lab.routers["KS1"].service(ServerRole).servers["GETVPN"]
    now = tap.lab.clock.now()
    key = server.config.signing_key if good_key else signing_key()
    assert key is not None
    policy = GroupSa(None, None, tuple(item for tek in teks for item in sa_teks(tek, now)))
    return push.build(kek, key, kek.sequence + 1, [], policy, KeyDownload(tuple(map(tek_packet, teks))))


@pytest.mark.parametrize("forgery", ["signature", "key", "SPI"])
def test_rekeys_that_are_forged(tap: Wiretap, forgery: str) -> None:
    server = tap.lab.routers["KS1"].service(ServerRole).servers["GETVPN"]
    assert server.kek is not None
    kek = server.kek
    if forgery != "signature":
        kek = replace(kek, key=bytes(32)) if forgery == "key" else replace(kek, spi=bytes(range(16)))
    message = forge(tap, kek, server.teks, good_key=forgery != "signature")
    before = tap.state()
    tap.say("GM1", message)
    assert tap.state() == before
    assert tap.refused("GM1") == {"rekey that does not verify": 1}
    line = (
        "%GDOI-3-GDOI_REKEY_FAILURE: Processing of REKEY payloads failed on GM 198.51.100.2 in the group GETVPN, with"
    )
    assert f"{line} peer at 192.0.2.1" in log(tap.lab, "GM1")
    if forgery == "SPI":
        # From somebody who is no key server of ours it is a message of no SA at all.
        tap.say("GM1", message, source=IPv4Address("203.0.113.77"))
        assert "%CRYPTO-4-IKMP_NO_SA: IKE message from 203.0.113.77 has no SA" in log(tap.lab, "GM1")
        assert tap.refused("GM1")["message belongs to no SA"] == 1


def test_a_rekey_that_was_held_back_for_too_long(tmp_path: Path) -> None:
    tap = Wiretap(tmp_path, "07-tbar-recovery")
    server = next(iter(tap.lab.routers["KS1"].service(ServerRole).servers.values()))
    member = tap.membership.member
    assert server.kek is not None
    access = ("ip access-list extended HOLD", "deny udp any any eq 848", "permit ip any any", "exit")
    configure(tap.lab, "GM1", *access, "interface GigabitEthernet0/0", "ip access-group HOLD in")
    do(tap.lab, "KS1: crypto gdoi ks rekey", "wait 300")
    configure(tap.lab, "GM1", "interface GigabitEthernet0/0", "no ip access-group HOLD in")
    assert member.rekeys.received == 0
    held = server.pushes.rounds.last
    assert held is not None
    message = held.messages[True]
    kept = repr(member.kek), repr(member.teks), member.rekeys.received
    server_address, own = server.config.address, member.config.local
    assert server_address is not None
    datagram = UdpDatagram(GDOI_PORT, GDOI_PORT, message).pack(server_address, own)
    tap.inject("GM1", Packet(server_address, own, UDP, datagram).pack())
    assert (repr(member.kek), repr(member.teks), member.rekeys.received) == kept
    assert tap.refused("GM1")["rekey of a pseudotime long past"] == 1
    assert "%GDOI-3-PSEUDO_TIME_TOO_OLD: Rekey received in group TBAR-GRP is too old and fail PST check" in log(
        tap.lab, "GM1"
    )


def test_packets_of_a_pseudotime_long_past(tmp_path: Path) -> None:
    tap = Wiretap(tmp_path, "07-tbar-recovery")
    assert ping(tap.lab, "H2", "10.7.1.10") == 5
    sent = [item for item in tap.heard("GM1") if item.protocol == ESP and str(item.source) == "10.7.2.10"]
    do(tap.lab, "wait 10")
    plane = tap.membership.plane
    kept = plane.totals.decapsulated
    for item in sent:
        tap.inject("GM1", item.pack())
    assert plane.totals.decapsulated == kept
    assert "Input Error Packets      : 5" in do(tap.lab, "GM1: show crypto gdoi gm replay")
    assert "%GDOI-4-TIMEBASED_REPLAY_FAILED: An anti replay check has failed in group TBAR-GRP" in log(tap.lab, "GM1")


@pytest.mark.parametrize("node", ["KS1", "GM1"])
def test_messages_that_are_damaged_or_cut_off(tap: Wiretap, node: str) -> None:
    do(tap.lab, "KS1: crypto gdoi ks rekey", "wait 60")
    heard = tap.messages(MEMBER, PULL, ACK) if node == "KS1" else tap.messages(SERVER, PULL, PUSH)
    assert {Header.parse(item).exchange for item in heard} == ({PULL, ACK} if node == "KS1" else {PULL, PUSH})
    before, random, count = tap.state(), Random(7), 0
    router = tap.lab.routers[node]
    for message in heard:
        for place in sorted(random.sample(range(len(message)), 40)):
            flipped = message[:place] + bytes((message[place] ^ 1 << random.randrange(8),)) + message[place + 1 :]
            cut = message[: max(place, HEADER_LENGTH)]
            short = cut[:24] + len(cut).to_bytes(4, "big") + cut[28:]
            for forged in (flipped, message[:place], short):
                lines, counted = router.syslog.count, sum(tap.refused(node).values())
                tap.say(node, forged)
                assert router.syslog.count > lines, (place, forged == flipped, forged == short)
                assert sum(tap.refused(node).values()) == counted + 1
                count += 1
    assert tap.state() == before
    assert sum(tap.refused(node).values()) == count
    do(tap.lab, "wait 30")
    assert ping(tap.lab, "H1", "10.1.2.10") == 5

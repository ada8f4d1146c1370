"""What goes out in clear, encrypted or not at all, and what is let in."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from iosemu.crypto.esp_transforms import from_words
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.esp.sequence import MAXIMUM_SEQUENCE
from iosemu.engines.esp.tunnel import DfRule, overhead
from iosemu.engines.esp.verdict import DUMMY, NO_SA, NOT_IPSEC, UNKNOWN_SPI, WRONG_SELECTORS, Outcome, flow_of
from iosemu.engines.gdoi.direction import SaDirection
from iosemu.engines.gdoi.keys import Tek
from iosemu.wire.esp import add_trailer
from iosemu.wire.ipv4 import ESP, ICMP, PIM, TCP, UDP, Packet
from tests.engines.esp.planes import ACL, INSIDE, TRANSFORMS, plane, tek
from tests.engines.gdoi.network import AES, GCM, entry, udp_packet


def seal(sa_tek: Tek, plaintext: bytes, outer: Packet, sequence: int = 1) -> bytes:
    """An ESP packet by hand around a plaintext with its trailer."""
    sa = plane(sa_tek).sas[sa_tek.spi]
    header = sa_tek.spi + sequence.to_bytes(4, "big")
    body = sa.cipher.seal(header, bytes(sa_tek.transform.iv_size), plaintext)
    return Packet(outer.source, outer.destination, ESP, header + body).pack()


@pytest.mark.parametrize("words", TRANSFORMS, ids=" ".join)
def test_every_transform_there_and_back(words: tuple[str, ...]) -> None:
    transform = from_words(words)
    sender, receiver = plane(tek(transform)), plane(tek(transform), sid=6)
    for size in range(70):
        packet = udp_packet("10.1.0.1", "10.2.0.1", size=size, tos=0xB8, dont_fragment=size % 2 == 0)
        sent = sender.outbound(packet, 0.0)
        assert sent.outcome is Outcome.PROTECTED
        outer, inner = Packet.parse(sent.packet), Packet.parse(packet)
        assert (outer.source, outer.destination, outer.protocol) == (inner.source, inner.destination, ESP)
        assert (outer.tos, outer.dont_fragment) == (inner.tos, inner.dont_fragment)
        assert len(sent.packet) == len(packet) + overhead(sender.sas[tek().spi].transform, len(packet))
        assert receiver.inbound(sent.packet, 0.0).packet == packet
    assert sender.totals.encapsulated == receiver.totals.decapsulated == 70
    assert sender.totals.sent_octets == receiver.totals.received_octets > 0


def test_first_match_decides_and_the_local_list_is_first() -> None:
    bgp = Packet(IPv4Address("10.1.0.1"), IPv4Address("10.2.0.1"), TCP, bytes.fromhex("c00000b3") + bytes(16)).pack()
    assert plane(tek()).outbound(bgp, 0.0).outcome is Outcome.CLEAR
    assert plane(tek()).outbound(INSIDE, 0.0).outcome is Outcome.PROTECTED
    assert plane(tek()).outbound(udp_packet("10.1.0.1", "172.16.0.1"), 0.0).outcome is Outcome.CLEAR
    local = (entry(False, "10.1.0.1/32", "10.2.0.1/32"),)
    assert plane(tek(), local=local).outbound(INSIDE, 0.0).outcome is Outcome.CLEAR
    assert plane(tek(), local=local).inbound(udp_packet("10.2.0.1", "10.1.0.1"), 0.0).outcome is Outcome.CLEAR


def test_permit_without_sa_drops() -> None:
    data_plane = plane()
    verdict = data_plane.outbound(INSIDE, 0.0)
    assert (verdict.outcome, verdict.reason) == (Outcome.DROPPED, NO_SA)
    assert data_plane.drops == {NO_SA: 1}
    data_plane.update(GroupPolicy((), ACL, (tek(),)))
    assert data_plane.outbound(INSIDE, 0.0).outcome is Outcome.PROTECTED
    assert data_plane.outbound(INSIDE, 3600.0).reason == NO_SA


def test_packets_to_groups_match_as_they_were_sent() -> None:
    data_plane = plane()
    permit = entry(True, "0.0.0.0/0", "239.4.0.0/16")
    hello = entry(False, "0.0.0.0/0", "224.0.0.0/24", protocol=PIM)
    everything = entry(True, "0.0.0.0/0", "0.0.0.0/0")
    to_group = udp_packet("10.1.0.1", "239.4.1.1")
    data_plane.update(GroupPolicy((), (hello, permit), (tek(entries=(permit,)),)))
    assert data_plane.inbound(to_group, 0.0).reason == NOT_IPSEC
    assert data_plane.inbound(udp_packet("10.1.0.1", "239.5.1.1"), 0.0).outcome is Outcome.CLEAR
    sent = data_plane.outbound(to_group, 0.0)
    assert Packet.parse(sent.packet).destination == IPv4Address("239.4.1.1")
    assert data_plane.inbound(sent.packet, 0.0).packet == to_group
    # What is left out on the way out is so on the way in.
    pim = Packet(IPv4Address("10.1.0.1"), IPv4Address("224.0.0.13"), PIM, bytes(8)).pack()
    data_plane.update(GroupPolicy((), (hello, everything), (tek(entries=(everything,)),)))
    assert data_plane.inbound(pim, 0.0).outcome is Outcome.CLEAR
    assert data_plane.inbound(to_group, 0.0).reason == NOT_IPSEC
    data_plane.update(GroupPolicy((), (permit,), (tek(entries=(permit,)),), direction=SaDirection.INBOUND_OPTIONAL))
    assert data_plane.inbound(to_group, 0.0).outcome is Outcome.CLEAR


def test_clear_packet_of_protected_traffic_is_refused() -> None:
    data_plane = plane(tek())
    assert data_plane.inbound(INSIDE, 0.0).reason == NOT_IPSEC
    assert data_plane.inbound(udp_packet("192.0.2.1", "198.51.100.1", 848), 0.0).outcome is Outcome.CLEAR


def test_unknown_and_expired_spis() -> None:
    sent = plane(tek()).outbound(INSIDE, 0.0).packet
    assert plane(tek(spi=0x9999)).inbound(sent, 0.0).reason == UNKNOWN_SPI
    assert plane(tek()).inbound(sent, 3600.0).reason == UNKNOWN_SPI
    assert plane(tek()).inbound(sent, 3599.0).outcome is Outcome.PROTECTED


def test_every_changed_octet_is_noticed() -> None:
    for transform in (AES, GCM):
        sent = plane(tek(transform)).outbound(INSIDE, 0.0).packet
        receiver = plane(tek(transform))
        for index in range(24, len(sent)):
            changed = bytearray(sent)
            changed[index] ^= 1
            assert receiver.inbound(bytes(changed), 0.0).reason == "mac verify failed"
        for end in range(20, len(sent)):
            short = sent[:2] + end.to_bytes(2, "big") + sent[4:end]
            assert receiver.inbound(short, 0.0).outcome is Outcome.DROPPED
        assert receiver.totals.decapsulated == 0


@pytest.mark.parametrize(
    ("inner", "outer", "reason"),
    [
        (udp_packet("10.1.0.1", "10.2.0.1"), ("10.1.0.9", "10.2.0.1"), "inner and outer addresses differ"),
        (udp_packet("10.1.0.1", "11.2.0.1"), ("10.1.0.1", "11.2.0.1"), WRONG_SELECTORS),
        (b"\x60" + bytes(39), ("10.1.0.1", "10.2.0.1"), "IP version 6"),
        (b"", ("10.1.0.1", "10.2.0.1"), "IPv4 packet of 0 octets"),
    ],
)
def test_what_comes_out_must_fit(inner: bytes, outer: tuple[str, str], reason: str) -> None:
    around = Packet(IPv4Address(outer[0]), IPv4Address(outer[1]), ESP, b"")
    packet = seal(tek(), add_trailer(inner, 4, 16), around)
    receiver = plane(tek())
    assert receiver.inbound(packet, 0.0).reason == reason
    assert receiver.totals.receive_errors == 1


def test_trailers() -> None:
    around = Packet(IPv4Address("10.1.0.1"), IPv4Address("10.2.0.1"), ESP, b"")
    receiver = plane(tek())
    assert receiver.inbound(seal(tek(), add_trailer(b"", 59, 16), around), 0.0).reason == DUMMY
    assert receiver.inbound(seal(tek(), add_trailer(INSIDE, 41, 16), around), 0.0).reason == "next header 41"
    wrong_padding = add_trailer(INSIDE, 4, 16)[:-3] + b"\x77" + add_trailer(INSIDE, 4, 16)[-2:]
    assert receiver.inbound(seal(tek(), wrong_padding, around), 0.0).reason == "ESP padding"
    # Traffic flow confidentiality: octets behind the packet are cut off.
    assert receiver.inbound(seal(tek(), add_trailer(INSIDE + bytes(40), 4, 16), around), 0.0).packet == INSIDE


def test_rollover_sends_on_the_old_sa_until_its_last_seconds() -> None:
    data_plane = plane(tek(spi=0x1000, ends=600.0), tek(spi=0x2000, ends=1100.0, seed=2))

    def spi(now: float) -> int:
        return int.from_bytes(data_plane.outbound(INSIDE, now).packet[20:24], "big")

    assert [spi(now) for now in (0.0, 500.0, 569.9, 570.0, 599.0, 601.0, 1071.0, 1099.0)] == [0x1000] * 3 + [0x2000] * 5
    assert data_plane.outbound(INSIDE, 1100.0).reason == NO_SA


def test_the_only_sa_is_used_to_its_end() -> None:
    data_plane = plane(tek(ends=600.0))
    assert data_plane.outbound(INSIDE, 599.9).outcome is Outcome.PROTECTED


def test_shortened_life_counts_after_an_update() -> None:
    old, new = tek(spi=0x1000, ends=600.0), tek(spi=0x2000, ends=1100.0, seed=2)
    data_plane = plane(old, new)
    assert data_plane.outbound(INSIDE, 0.0).packet[22:24] == b"\x10\x00"
    old.expires_at = 20.0
    data_plane.update(GroupPolicy((), ACL, (old, new)))
    assert data_plane.outbound(INSIDE, 0.0).packet[22:24] == b"\x20\x00"


def test_nonces_of_counter_modes_carry_the_sender_id_and_never_repeat() -> None:
    data_plane = plane(tek(GCM), sid=0x123456)
    seen = set()
    for _ in range(50):
        packet = data_plane.outbound(INSIDE, 0.0).packet
        seen.add(packet[28:36])
        # Downloads of the same key must not start the counter again, whatever sender ID they bring.
        data_plane.update(GroupPolicy((), ACL, (tek(GCM),), (7,), 24))
    assert len(seen) == 50
    assert {nonce[:3] for nonce in seen} == {b"\x12\x34\x56"}


def test_another_key_under_the_same_spi_starts_afresh() -> None:
    data_plane = plane(tek())
    data_plane.outbound(INSIDE, 0.0)
    data_plane.update(GroupPolicy((), ACL, (tek(seed=2),)))
    assert data_plane.sas[tek().spi].sequence == 0
    assert plane(tek(seed=2)).inbound(data_plane.outbound(INSIDE, 0.0).packet, 0.0).packet == INSIDE


def test_no_sender_id_and_used_up_counters_stop_sending() -> None:
    nobody = plane(tek(GCM), sid=None)
    assert nobody.outbound(INSIDE, 0.0).outcome is Outcome.DROPPED
    assert nobody.totals.send_errors == 1
    nobody.update(GroupPolicy((), ACL, (tek(GCM),), (3,), 24))
    assert nobody.outbound(INSIDE, 0.0).outcome is Outcome.PROTECTED
    wide = GroupDataPlane(bytes)
    wide.update(GroupPolicy((), ACL, (tek(GCM),), (1,), 56))
    assert [wide.outbound(INSIDE, 0.0).outcome for _ in range(256)][-2:] == [Outcome.PROTECTED, Outcome.DROPPED]
    last = plane(tek())
    last.sas[tek().spi].numbers.leap(MAXIMUM_SEQUENCE - 1)
    assert last.outbound(INSIDE, 0.0).outcome is Outcome.PROTECTED
    assert last.outbound(INSIDE, 0.0).outcome is Outcome.DROPPED


def test_initialization_vectors_of_cbc_differ() -> None:
    data_plane = plane(tek())
    assert len({data_plane.outbound(INSIDE, 0.0).packet[28:44] for _ in range(100)}) == 100


def test_flows() -> None:
    fragment = udp_packet("10.1.0.1", "10.2.0.1", fragment_offset=80)
    icmp = Packet(IPv4Address("10.1.0.1"), IPv4Address("10.2.0.1"), ICMP, bytes(8)).pack()
    options = Packet(
        IPv4Address("10.1.0.1"), IPv4Address("10.2.0.1"), UDP, bytes.fromhex("0035003500080000"), options=bytes(4)
    ).pack()
    assert flow_of(INSIDE) == (UDP, 0x0A010001, 5000, 0x0A020001, 5000)
    assert flow_of(fragment) == (UDP, 0x0A010001, -1, 0x0A020001, -1)
    assert flow_of(icmp)[2::2] == (-1, -1)
    assert flow_of(options)[2::2] == (53, 53)
    assert flow_of(Packet(IPv4Address(1), IPv4Address(2), TCP, b"\0").pack()) == (TCP, 1, -1, 2, -1)


def test_entries_mirror_and_match() -> None:
    web = entry(True, "10.0.0.0/8", "10.2.0.0/16", protocol=TCP, destination_port=80)
    flow = (TCP, 0x0A010001, 4000, 0x0A020001, 80)
    back = (TCP, 0x0A020001, 80, 0x0A010001, 4000)
    assert web.matches(*flow)
    assert not web.matches(*back)
    assert web.mirrored().matches(*back)
    assert not web.matches(TCP, 0x0A010001, -1, 0x0A020001, -1)
    assert web.mirrored().mirrored() == web


@pytest.mark.parametrize("rule", list(DfRule))
@pytest.mark.parametrize("forbidden", [False, True])
def test_df_bit_follows_the_rule(rule: DfRule, forbidden: bool) -> None:
    """A packet that may not be fragmented is, where the rule takes the bit away; else its source is told what fits."""
    sender, receiver = plane(tek()), plane(tek())
    sender.df_rule = rule
    source, destination = IPv4Address("10.1.0.1"), IPv4Address("10.2.0.1")
    for length in (100, 1480):
        packet = Packet(source, destination, UDP, bytes(length), dont_fragment=forbidden)
        verdict = sender.outbound(packet.pack(), 0.0, 1500)
        if length == 1480 and forbidden and rule is not DfRule.CLEAR:
            assert (verdict.outcome, verdict.mtu) == (Outcome.TOO_BIG, 1438)
            continue
        found = [Packet.parse(item) for item in verdict.packets]
        assert {item.dont_fragment for item in found} == {rule is DfRule.SET or (rule is DfRule.COPY and forbidden)}
        assert len(found) == (2 if length == 1480 else 1)
        opened = [Packet.parse(receiver.inbound(item.pack(), 0.0).packet) for item in found]
        assert sum(len(item.payload) for item in opened) == length


def test_what_fits_fits_to_the_octet() -> None:
    source, destination = IPv4Address("10.1.0.1"), IPv4Address("10.2.0.1")
    sender = plane(tek())
    for length, outcome in ((1438, Outcome.PROTECTED), (1439, Outcome.TOO_BIG)):
        packet = Packet(source, destination, UDP, bytes(length - 20), dont_fragment=True).pack()
        assert sender.outbound(packet, 0.0, 1500).outcome is outcome


def test_fragments_behind_encryption_are_for_the_path_to_make() -> None:
    sender = plane(tek())
    sender.fragment_first = False
    packet = Packet(IPv4Address("10.1.0.1"), IPv4Address("10.2.0.1"), UDP, bytes(1480)).pack()
    (sealed,) = sender.outbound(packet, 0.0, 1500).packets
    assert len(sealed) > 1500
    assert not Packet.parse(sealed).dont_fragment

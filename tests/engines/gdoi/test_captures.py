"""What another implementation's key server and member said to each other, said again to our member and our server."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from random import Random
from typing import Any

import pytest

from iosemu.crypto.ike_keys import Phase1Keys
from iosemu.engines.acl import AclEntry
from iosemu.engines.common import Datagram, Endpoint
from iosemu.engines.gdoi.authentication import PullMessages
from iosemu.engines.gdoi.config import GroupIdentity, KekPolicy, MemberConfig, TekPolicy
from iosemu.engines.gdoi.download import Download, read_download
from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.member import GroupMember
from iosemu.engines.gdoi.member_events import PolicyRejected, RekeyOutOfSequence, RekeyRefused
from iosemu.engines.gdoi.pull_server import PullServer
from iosemu.engines.gdoi.server_events import MemberRegistered
from iosemu.engines.gdoi.states import MemberState
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.sa import IsakmpSa
from iosemu.wire.gdoi.key_download import KeyDownload
from iosemu.wire.gdoi.numbers import KeyType, TekAttribute
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.gdoi.profile import GDOID_2005, GDOID_LITTLE_ENDIAN, Profile
from iosemu.wire.isakmp import Header, PayloadType, find_payload
from tests.engines.gdoi.network import of_type, server_config

FOLDER = Path(__file__).parents[2] / "vectors" / "gdoid"
CAPTURES: dict[str, dict[str, Any]] = {path.name[:2]: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
CIPHERS = {"AES": "aes", "3DES": "3des"}
# What a GET VPN does not use.
REFUSED = {"s4": "only ESP is served", "s5": "only tunnel mode is served"}


def of_exchange(capture: dict[str, Any], exchange: int) -> list[dict[str, Any]]:
    return [message for message in capture["messages"] if message["hdr"]["exchange"] == exchange]


def endpoint(text: str) -> Endpoint:
    address, _, port = text.partition(":")
    return Endpoint(IPv4Address(address), int(port))


def profile_of(capture: dict[str, Any]) -> Profile:
    return GDOID_LITTLE_ENDIAN if "1.5iec" in capture["description"] else GDOID_2005


def number_of(capture: dict[str, Any]) -> int:
    wire = bytes.fromhex(capture["group_id"]["wire"])
    return int.from_bytes(wire, "little" if profile_of(capture).host_order_group else "big")


def phase1(capture: dict[str, Any], initiator: bool) -> IsakmpSa:
    fields, first = capture["phase1"], of_exchange(capture, 32)[0]
    ends = endpoint(first["src"]), endpoint(first["dst"])
    local, remote = ends if initiator else ends[::-1]
    cookies = bytes.fromhex(fields["icookie"]), bytes.fromhex(fields["rcookie"])
    suite = IkePolicy(1, CIPHERS[fields["encryption"]], fields.get("key_bits") or 0, fields["hash"], 1, 2)
    if suite.encryption != "aes":
        suite = IkePolicy(1, suite.encryption, 0, fields["hash"], 1, 2)
    sa = IsakmpSa(1001, initiator, local, remote, *cookies, suite=suite, established_at=0.0)
    secrets = (bytes.fromhex(fields[name]) for name in ("skeyid", "skeyid_d", "skeyid_a", "skeyid_e"))
    sa.set_keys(Phase1Keys(*secrets), bytes.fromhex(fields["initial_iv"]))
    sa.last_block = bytes.fromhex(fields["last_phase1_ciphertext_block"])
    return sa


class Script:
    """Random octets as the capture has them, then others."""

    def __init__(self, *octets: str) -> None:
        self._octets = [bytes.fromhex(item) for item in octets]
        self._rest = Random(1).randbytes

    def __call__(self, count: int) -> bytes:
        return self._octets.pop(0) if self._octets else self._rest(count)


def selectors(entry: AclEntry) -> tuple[str, int, str, int]:
    """An entry as the descriptions write it."""

    def network(address: int, wildcard: int) -> str:
        return f"{IPv4Address(address)}/{IPv4Address(0xFFFFFFFF - wildcard)}" if wildcard else str(IPv4Address(address))

    source = network(entry.source, entry.source_wildcard)
    destination = network(entry.destination, entry.destination_wildcard)
    return source, entry.source_port, destination, entry.destination_port


def protected(capture: dict[str, Any]) -> list[tuple[str, int, str, int]]:
    """What the data SAs are for, as the run was configured; that of 2005 is known by its messages alone."""
    if "scenario" in capture:
        return [(*tek["src"], *tek["dst"]) for tek in capture["scenario"]["teks"]]
    parts = [item for message in capture["messages"] for item in message["payloads"] if item["name"] == "SA"]
    teks = [part for sa in parts for part in sa.get("sub", ()) if part["name"] == "SAT"]
    return [(*side(tek["src"]), *side(tek["dst"])) for tek in teks]


def side(end: dict[str, Any]) -> tuple[str, int]:
    return str(IPv4Address(bytes.fromhex(end["data"]))), end["port_be"]


def register(capture: dict[str, Any]) -> GroupMember:
    """A member of ours that takes the captured messages of the key server."""
    messages, pull = of_exchange(capture, 32), capture["pull"]
    sa = phase1(capture, initiator=True)
    config = MemberConfig(
        "G", GroupIdentity(number_of(capture)), sa.local.address, (sa.remote.address,), profile=profile_of(capture)
    )
    member = GroupMember(config, Script(pull["message_id"], pull["nonce_i"]))
    member.start(0.0)
    member.registration.phase1_ready(sa, 0.0)
    sent = [item.data for item in member.take_datagrams()]
    assert sent == [bytes.fromhex(messages[0]["udp_payload"])]
    for message in (messages[1], messages[3]):
        data = bytes.fromhex(message["udp_payload"])
        if member.registration.serves(sa, Header.parse(data).message_id):
            member.receive_pull(Header.parse(data), data, 0.0)
        if member.registration._pull is not None:
            # The captured member may have asked for more sender IDs; the answer is chained to what it said.
            member.registration._pull.messages._cipher.accept(bytes.fromhex(messages[2]["udp_payload"]))
    return member


@pytest.mark.parametrize("name", sorted(CAPTURES.keys() - REFUSED.keys()))
def test_our_member_reaches_the_same_keys(name: str) -> None:
    capture = CAPTURES[name]
    member = register(capture)
    assert member.state is MemberState.REGISTERED
    assert len(member.teks) == len(capture["pull"]["teks"])
    for expected in capture["pull"]["teks"]:
        tek = next(item for item in member.teks if item.spi.hex() == expected["spi"])
        attributes = {kind: value for kind, _, value in expected["sa_attrs"]}
        assert tek.transform.transform_id == expected["transform_id"]
        assert tek.transform.authentication_algorithm == attributes.get(TekAttribute.AUTHENTICATION_ALGORITHM)
        # That implementation counts the salt as key.
        salted = attributes.get(TekAttribute.KEY_LENGTH, 0) - len(tek.salt) * 8
        assert tek.transform.key_bits == max(0, salted)
        assert tek.lifetime == attributes[TekAttribute.LIFE_DURATION]
        assert (tek.encryption_key + tek.salt).hex() == expected["secrecy_key"]
        assert tek.integrity_key.hex() == (expected.get("integrity_key") or "")
    assert member.acl == tuple(dict.fromkeys(entry for tek in member.teks for entry in tek.entries))
    assert [str(entry) for entry in map(selectors, member.acl)] == [str(item) for item in protected(capture)]
    ids = [value for kind, form, value in capture["pull"].get("sid", ()) if form == "TLV"]
    assert [sid.to_bytes(4, "little").hex() for sid in member.held.sids] == ids
    kek = capture["pull"].get("kek")
    if kek is None:
        assert member.kek is None
        return
    assert member.kek is not None
    assert (member.kek.spi.hex(), member.kek.iv.hex(), member.kek.key.hex()) == (
        kek["spi_in_sa_kek"],
        kek["iv"],
        kek["key"],
    )
    assert member.kek.public_key.hex() == kek["signature_key_spki"]
    assert (member.kek.encryption, member.kek.sig_hash) == (CIPHERS[kek["algorithm"]], kek["sig_hash"])
    assert member.kek.lifetime == capture["scenario"]["kek"]["kperiod"]
    assert member.kek.sequence == capture["pull"]["seq"]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_ah_and_transport_mode_are_turned_down(name: str) -> None:
    member = register(CAPTURES[name])
    events = of_type(member.take_events(), PolicyRejected)
    assert [event.reason for event in events] == [REFUSED[name]]
    assert (member.teks, member.state) == ([], MemberState.WAITING)


def key_packets(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [packet for payload in message["payloads"] if payload["name"] == "KD" for packet in payload["packets"]]


def octets_of(tek: Tek) -> dict[int, str]:
    """The attributes of a TEK's key packet."""
    keys = {1: (tek.encryption_key + tek.salt).hex(), 2: tek.integrity_key.hex()}
    return {kind: value for kind, value in keys.items() if value}


def spis(delete: dict[str, Any]) -> list[str]:
    return [delete["spis"][start : start + 8] for start in range(0, len(delete["spis"]), 8)]


@pytest.mark.parametrize("name", ["p1", "p5", "s2"])
def test_our_member_takes_the_pushes_once_and_none_that_was_touched(name: str) -> None:
    capture = CAPTURES[name]
    member = register(capture)
    known = {tek.spi for tek in member.teks}
    random = Random(5)
    for message in of_exchange(capture, 33):
        data = bytes.fromhex(message["udp_payload"])
        ends = endpoint(message["src"]), endpoint(message["dst"])
        before = member.kek, member.rekeys.received, {tek.spi for tek in member.teks}
        for _ in range(25):
            place = random.randrange(28, len(data))
            forged = data[:place] + bytes((data[place] ^ 1 << random.randrange(8),)) + data[place + 1 :]
            member.receive_push(Header.parse(forged), Datagram(forged, *ends), 1.0)
        assert (member.kek, member.rekeys.received, {tek.spi for tek in member.teks}) == before
        refused = of_type(member.take_events(), RekeyRefused)
        assert len(refused) == 25
        member.receive_push(Header.parse(data), Datagram(data, *ends), 1.0)
        assert member.rekeys.received == before[1] + 1
        for packet in key_packets(message):
            if packet["kd_type"] == KeyType.TEK:
                tek = next(item for item in member.teks if item.spi.hex() == packet["spi"])
                assert {kind: value for kind, _, value in packet["attrs"]} == octets_of(tek)
        removed = {spi for payload in message["payloads"] if payload["name"] == "D" for spi in spis(payload)}
        assert not removed & {tek.spi.hex() for tek in member.teks}
    assert {tek.spi for tek in member.teks} != known or member.held.old_kek is not None
    first = bytes.fromhex(of_exchange(capture, 33)[0]["udp_payload"])
    if member.owns(first[:16]) and member.rekeys.received > 1:
        member.receive_push(Header.parse(first), Datagram(first, *ends), 2.0)
        assert of_type(member.take_events(), RekeyOutOfSequence) or member.held.old_kek is not None


def key_server(capture: dict[str, Any], member: GroupMember | None) -> KeyServer:
    """A key server of ours with the keys and the policy that a member has got; one of its own without a member."""
    config = server_config(identity=GroupIdentity(number_of(capture)), profile=profile_of(capture), sid_bits=16)
    if member is None:
        return KeyServer(config, Random(1).randbytes)
    kek, octets = member.kek, []
    if kek is not None:
        octets = [kek.spi, kek.iv, kek.key]
        config = replace(config, kek=KekPolicy(kek.encryption, kek.key_bits, kek.lifetime, kek.sig_hash))
    else:
        config = replace(config, signing_key=None)
    for tek in member.teks:
        octets += [tek.spi, tek.encryption_key, tek.integrity_key, tek.salt]
    policies = [TekPolicy(number, tek.transform, tek.lifetime, tek.entries) for number, tek in enumerate(member.teks)]
    return KeyServer(replace(config, teks=tuple(policies)), Script(*(item.hex() for item in octets)))


@pytest.mark.parametrize("name", sorted(CAPTURES))
def test_our_server_takes_the_member(name: str) -> None:
    capture = CAPTURES[name]
    messages, pull = of_exchange(capture, 32), capture["pull"]
    said = [bytes.fromhex(message["udp_payload"]) for message in messages]
    theirs = None if name in REFUSED else register(capture)
    server = key_server(capture, theirs)
    config = server.config
    pulls = PullServer(
        lambda identity: server if config.identity.matches(identity, config.profile) else None,
        Script(pull["nonce_r"]),
    )
    sa = phase1(capture, initiator=False)
    policy = pulls.receive(sa, Header.parse(said[0]), said[0], 0.0)
    assert policy is not None
    assert policy.message
    # The member chained its next message to the captured answer.
    exchange = next(iter(pulls._exchanges.values()))
    exchange.messages._cipher.accept(said[1])
    for place in (30, len(said[2]) - 1):
        forged = said[2][:place] + bytes((said[2][place] ^ 1,)) + said[2][place + 1 :]
        assert pulls.receive(sa, Header.parse(forged), forged, 0.0) is None
    assert server.members == {}
    keys = pulls.receive(sa, Header.parse(said[2]), said[2], 0.0)
    assert keys is not None
    assert keys.message
    assert of_type(server.take_events(), MemberRegistered) == [MemberRegistered("GETVPN", sa.remote.address)]
    # What the captured member would have got from us is what it did get.
    if theirs is not None:
        ours = downloaded(capture, said, policy.message, keys.message)
        assert [without_time(tek) for tek in ours.teks] == [without_time(tek) for tek in theirs.teks]
        assert (ours.sids, ours.sid_bits) == (theirs.held.sids, theirs.held.sid_bits)
        assert (ours.kek is None) == (theirs.kek is None)
        for name in ("spi", "encryption", "key_bits", "iv", "key", "sig_hash", "lifetime"):
            assert getattr(ours.kek, name, None) == getattr(theirs.kek, name, None)


def without_time(tek: Tek) -> Tek:
    return replace(tek, activates_at=None)


def downloaded(capture: dict[str, Any], said: list[bytes], policy: bytes, keys: bytes) -> Download:
    """What the captured member makes of a policy and keys; their HASHes verify."""
    sa, profile = phase1(capture, initiator=True), profile_of(capture)
    messages = PullMessages(sa, Header.parse(said[0]).message_id)
    messages._cipher.accept(said[0])
    messages.nonces = bytes.fromhex(capture["pull"]["nonce_i"])
    second = messages.open(Header.parse(policy), policy)
    messages.nonces += find_payload(second, PayloadType.NONCE)
    messages._cipher.accept(said[2])
    fourth = messages.open(Header.parse(keys), keys)
    group_sa = GroupSa.parse(find_payload(second, PayloadType.SA), profile)
    return read_download(group_sa, KeyDownload.parse(find_payload(fourth, PayloadType.KD)), 0.0, profile=profile)

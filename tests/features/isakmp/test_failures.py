"""Failures of phase 1 as somebody at the console meets them: the state that shows, the log, and nothing left behind."""

from __future__ import annotations

from random import Random

import pytest

from iosemu.engines.common import Endpoint
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.interfaces import Interface
from iosemu.router.names import parse_name
from iosemu.router.udp_host import UdpMessage
from iosemu.wire.ethernet import IPV4
from tests.features.isakmp.peers import LEFT, RIGHT, established, initiate, pair
from tests.features.typist import Typist

KEYS = ("crypto isakmp key joint address 10.0.0.2\n", "crypto isakmp key joint address 10.0.0.1\n")
FAILED = "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Main mode failed with peer at 10.0.0.1"


def states(typist: Typist) -> list[str]:
    return [sa.shown_state for sa in typist.router.service(IsakmpService).engine.sas]


def assert_nothing_is_left(*ends: Typist) -> None:
    ends[0].wait(120)
    assert [states(end) for end in ends] == [[] for _ in ends]


def test_another_key_sticks_in_the_key_exchange() -> None:
    left, right = pair(KEYS[0], "crypto isakmp key other address 10.0.0.1\n")
    initiate(left)
    assert states(left) == states(right) == ["MM_KEY_EXCH"]
    assert "10.0.0.2        10.0.0.1        MM_KEY_EXCH" in left.type("show crypto isakmp sa")
    text = "%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from 10.0.0.1 failed its sanity check or is malformed"
    assert text in right.log()
    assert_nothing_is_left(left, right)


@pytest.mark.parametrize("line", ["encr 3des", "hash sha256", "group 14", "authentication rsa-sig"])
def test_policies_that_differ_do_not_leave_the_first_state(line: str) -> None:
    left, right = pair(*KEYS)
    right.configure(f"crypto isakmp policy 10\n{line}")
    initiate(left)
    assert (states(left), states(right)) == (["MM_NO_STATE"], [])
    assert FAILED in right.log()
    assert_nothing_is_left(left, right)


def test_a_peer_that_cannot_be_reached_leaves_the_first_state_until_it_is_given_up() -> None:
    left, right = pair(*KEYS)
    right.configure("interface GigabitEthernet0/0\nshutdown")
    initiate(left, 30.0)
    assert states(left) == ["MM_NO_STATE"]
    assert_nothing_is_left(left)


def test_a_peer_with_isakmp_off_answers_nothing() -> None:
    left, right = pair(*KEYS)
    right.configure("no crypto isakmp enable")
    initiate(left)
    assert (states(left), states(right)) == (["MM_NO_STATE"], [])
    assert "%CRYPTO-6-ISAKMP_ON_OFF: ISAKMP is OFF" in right.log()
    assert_nothing_is_left(left)


def test_a_peer_without_a_key_for_us_refuses() -> None:
    left, right = pair(KEYS[0], "")
    initiate(left)
    assert states(right) == []
    assert FAILED in right.log()


def test_a_message_of_no_sa_is_told() -> None:
    left, right = pair(*KEYS)
    initiate(left)
    right.type("clear crypto isakmp")
    service = left.router.service(IsakmpService)
    for sa in established(left):
        service.engine.notify(sa, 40000)
    stale = service.engine.take_datagrams()
    left.wait(1)
    for datagram in stale:
        left.router.ip.udp.send(datagram.data, datagram.source, datagram.destination)
    left.wait(1)
    assert "%CRYPTO-4-IKMP_NO_SA: IKE message from 10.0.0.1 has no SA and is not an initialization offer" in right.log()


@pytest.mark.parametrize("seed", range(5))
def test_loss_duplicates_and_disorder_end_in_one_usable_sa(seed: int) -> None:
    """A fifth of the messages is lost, a fifth comes twice and late."""
    left, right = pair(*KEYS)
    random = Random(seed)
    for end in (left, right):
        _spoil(end, random)
    for _ in range(5):
        initiate(left, 80.0)
        if established(left):
            break
    keys = [sa.key_record() for sa in established(right)]
    assert established(left)[-1].key_record() in keys
    left.wait(120)
    assert all(sa.established for end in (left, right) for sa in end.router.service(IsakmpService).engine.sas)


def _spoil(end: Typist, random: Random) -> None:
    receivers = end.router.link.receivers
    deliver = receivers[IPV4]

    def receive(data: bytes, interface: Interface) -> None:
        chance = random.random()
        if chance < 0.2:
            return
        if chance < 0.4:
            end.clock.call_later(random.uniform(0.1, 15.0), lambda: deliver(data, interface))
        deliver(data, interface)

    receivers[IPV4] = receive


def test_a_flood_leaves_the_established_peer_at_work_and_memory_bounded() -> None:
    left, right = pair(*KEYS)
    initiate(left)
    service = right.router.service(IsakmpService)
    attacker, _ = pair(*KEYS)
    engine = attacker.router.service(IsakmpService).engine
    engine.initiate(Endpoint(LEFT, 500), Endpoint(RIGHT, 500), 0.0)
    offer = engine.take_datagrams()[0].data
    name = parse_name("GigabitEthernet0/0")
    assert name is not None
    interface = right.router.interfaces.get(name)
    assert interface is not None
    for number in range(10_000):
        cookie = b"\x01" + number.to_bytes(7, "big")
        message = UdpMessage(cookie + offer[8:], Endpoint(LEFT, 1024 + number), Endpoint(RIGHT, 500), interface)
        service._receive(message)
    assert len(service.engine.sas) <= 1001
    service.engine.notify(established(right)[0], 36136, b"\0\0\0\1")
    service.pump()
    left.wait(200)
    assert len(established(left)) == len(established(right)) == 1
    assert states(right) == ["QM_IDLE"]

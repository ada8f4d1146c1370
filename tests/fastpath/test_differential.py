"""Both engines, whatever comes: a gateway with the one does to the octet what a gateway with the other does.

tests/fastpath/test_sanitizers.py runs this file with a module in C that watches its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any

import pytest

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.esp_transforms import EspTransform, from_words
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.time_replay import STAMP_OCTETS
from iosemu.engines.esp.tunnel import DfRule, plaintext_mtu
from iosemu.engines.gdoi.replay import NO_REPLAY, Replay, ReplayMethod
from iosemu.fastpath.native import Native, native_module
from iosemu.fastpath.pure import Engine, Pure
from iosemu.ports.offload import HEADER, PLAIN
from iosemu.wire.checksum import internet_checksum
from tests.fastpath.room import Gateway, datagram, stream
from tests.requirements import require

REPLAYS = {
    "none": NO_REPLAY,
    "time": Replay(ReplayMethod.TIME, 5),
    "counter": Replay(ReplayMethod.COUNTER, 64),
}
ROUNDS = 6
NOW = 100.0


def transforms() -> list[EspTransform]:
    """All that a transform set may have."""
    found = []
    for cipher in ("esp-des", "esp-3des", "esp-null", "esp-aes", "esp-gcm", "esp-gmac"):
        for bits in ((), ("128",), ("192",), ("256",)):
            for digest in ("", "md5-", "sha-", "sha256-", "sha384-", "sha512-"):
                words = (cipher, *bits, *((f"esp-{digest}hmac",) if digest else ()))
                try:
                    found.append(from_words(words))
                except CryptoError:
                    continue
    return list(dict.fromkeys(found))


def module() -> Any:
    require("module:iosemu.fastpath._native")
    return native_module()


@cache
def samples() -> tuple[bytes, ...]:
    """Good frames of four flows."""
    plain = [datagram(size, size, tos=size & 0xFC, flags="DF" * (size % 3 == 0)) for size in (28, 29, 61, 200, 1399)]
    many = [stream(*sizes) for sizes in ((1, 1), (12, 13), (5000, 999), (2000, 1000, "PA"), (3000, 777, "PAEC"))]
    alone = [PLAIN + stream(length, 2000, sequence=first)[10:] for length, first in ((500, 1), (500, 501), (9, 1001))]
    return *plain, *many, *alone, datagram(70, dst="10.2.0.2"), datagram(71, src="10.1.0.7")


def strange(random: Random, frame: bytes) -> bytes:
    """A frame whose offload header, headers or length are not what they were; most have a good IP checksum."""
    octets = bytearray(frame)
    kind = random.randrange(6)
    if kind == 0:
        octets[random.randrange(10)] = random.choice((0, 1, 3, 5, 0x81, 255, random.randrange(256)))
    elif kind == 1:
        odd = (0, 1, 2, 19, 20, 21, 40, 1000, len(frame) - 12, len(frame) - 11, 65535)
        octets[:10] = HEADER.pack(random.randrange(4), random.choice((0, 1, 0x81, 4, 5)), *random.choices(odd, k=4))
    elif kind == 2:
        octets[random.randrange(10, min(len(octets), 64))] = random.randrange(256)
    elif kind == 3 and len(octets) > 50:
        octets[42] = random.randrange(256)
    elif kind == 4:
        del octets[random.randrange(len(octets)) :]
    else:
        octets += bytes(random.randrange(1, 30))
    if len(octets) >= 30 and random.randrange(4):
        if kind != 5 and random.randrange(4):
            octets[12:14] = (len(octets) - 10 & 0xFFFF).to_bytes(2, "big")
        octets[20:22] = bytes(2)
        octets[20:22] = internet_checksum(bytes(octets[10:30])).to_bytes(2, "big")
    return bytes(octets)


def batch(random: Random, largest: Sequence[bytes]) -> list[bytes]:
    frames = [random.choice((*samples(), *largest)) for _ in range(random.randrange(1, 12))]
    return [strange(random, frame) if random.randrange(3) == 0 else frame for frame in frames]


def from_hosts(gateway: Gateway, frames: list[bytes]) -> list[bytes]:
    """What a gateway sends when its LAN brings frames whose offload headers may be anything."""
    inside = []
    for frame in frames:
        if len(frame) >= HEADER.size:
            flags, kind, header, size, start, offset = HEADER.unpack_from(frame)
            moved = HEADER.pack(flags, kind, header, size, min(start + 14, 0xFFFF), offset)
            frame = moved + gateway.lan.mac + bytes(6) + b"\x08\0" + frame[HEADER.size :]
        inside.append(frame)
    gateway.forwarder.take(gateway.lan.outer, inside, NOW)
    return gateway.to_wan.take()


def on_the_way(random: Random, frames: list[bytes]) -> list[bytes]:
    """What may become of ESP packets in a network."""
    found: list[bytes] = []
    for frame in frames:
        kind = random.randrange(16)
        octets = bytearray(frame)
        if kind == 0:
            octets[random.randrange(44, len(octets))] ^= 1 << random.randrange(8)
        elif kind == 1:
            octets = octets[: random.randrange(60)]
        elif kind == 2:
            octets += bytes(random.randrange(1, 40))
        elif kind == 3:
            found.insert(random.randrange(len(found) + 1), frame)
        found.append(bytes(octets))
    return found


def by_a_member(random: Random, sa: EspSa, number: int) -> bytes:
    """A frame with good protection whose content only a member can have made up."""
    packet = bytearray(random.choice(samples())[10:])
    for _ in range(random.randrange(3)):
        packet[random.randrange(min(len(packet), 54))] = random.randrange(256)
    inside = bytes(packet[: random.choice((len(packet), len(packet), 0, 1, 19, 20, 25))])
    if random.randrange(3):
        inside += b"PsTm" + random.choice((100_000, 104_999, 105_000, 95_001, 1 << 63)).to_bytes(8, "big")
    padding = -(len(inside) + 2) % sa.block + sa.block * random.choice((0, 0, 0, 1, 253 // sa.block - 1))
    trailer = bytearray(bytes(range(1, padding + 1)) + bytes((padding, random.choice((4, 4, 4, 4, 41, 59)))))
    if random.randrange(4) == 0:
        trailer[random.randrange(len(trailer))] = random.choice((0, 1, 255))
    header = sa.tek.spi + number.to_bytes(4, "big")
    iv = random.randbytes(sa.transform.iv_size)
    outer = bytearray(samples()[0][10:30])
    esp = header + sa.cipher.seal(header, iv, inside + bytes(trailer))
    outer[2:4], outer[9], outer[10:12] = (20 + len(esp)).to_bytes(2, "big"), 50, bytes(2)
    outer[10:12] = internet_checksum(bytes(outer)).to_bytes(2, "big")
    return PLAIN + bytes(12) + b"\x08\0" + bytes(outer) + esp


def state(gateway: Gateway) -> tuple[object, ...]:
    """All that a batch has left behind."""
    handover = gateway.handover
    punts = handover.take()
    handover.done(len(punts))
    work, repeats, gone = gateway.flows.take_work()
    return punts, handover.reasons, gateway.lan.passed, gateway.wan.passed, work[id(gateway.leader)], repeats, gone


@pytest.mark.parametrize("replay", REPLAYS)
@pytest.mark.parametrize("transform", transforms(), ids=EspTransform.display)
def test_a_gateway_does_the_same_with_both(transform: EspTransform, replay: str) -> None:
    makings: tuple[Callable[[], Engine], ...] = (Pure, lambda: Native(module()))
    senders, receivers = ([Gateway(make(), transform, REPLAYS[replay], sid) for make in makings] for sid in (5, 6))
    random = Random(f"{transform.display()} {replay}")
    mtu = random.randrange(1430, 1501)
    for gateway in (*senders, *receivers):
        gateway.follower.random = Random(1).randbytes
        for frame in (samples()[2], samples()[6], *samples()[-2:]):
            gateway.taught(frame[10:], mtu)
    limit = plaintext_mtu(transform, mtu, STAMP_OCTETS if replay == "time" else 0)
    largest = datagram(limit), datagram(limit + 1), stream(3000, limit - 52), stream(3000, limit - 51)
    member = EspSa(senders[0].key, 9, 24)
    for number in range(ROUNDS):
        frames, rule, late = batch(random, largest), random.choice(list(DfRule)), random.choice((0.0, 0.0, 4.999, 5.0))
        for gateway in senders:
            gateway.follower.df_rule = rule
        expected, sealed = (from_hosts(gateway, frames) for gateway in senders)
        assert sealed == expected
        assert state(senders[1]) == state(senders[0])
        made_up = [by_a_member(random, member, 1_000_000 + 40 * number + other) for other in range(6)]
        arrived = on_the_way(random, [*expected, *made_up])
        wanted, delivered = (gateway.from_wan(*arrived, now=NOW + late) for gateway in receivers)
        assert delivered == wanted
        assert state(receivers[1]) == state(receivers[0])

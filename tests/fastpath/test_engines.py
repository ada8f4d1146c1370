"""Both engines give the same octets for the same packets, whatever they are."""

from __future__ import annotations

from random import Random

import pytest

from iosemu.crypto.esp_transforms import EspTransform, from_words
from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.tunnel import DfRule
from iosemu.engines.gdoi.replay import NO_REPLAY, Replay, ReplayMethod
from iosemu.fastpath.native import Native, best_engine, native_module
from iosemu.fastpath.pure import Engine, Pure, Sealing, cut
from iosemu.ports.offload import HEADER, NEEDS_CHECKSUM
from tests.engines.esp.planes import TRANSFORMS, tek
from tests.fastpath.room import datagram, stream
from tests.requirements import require

BY_TIME = Replay(ReplayMethod.TIME, 5)
STAMP = b"PsTm" + (7000).to_bytes(8, "big")


def engines() -> tuple[Engine, Engine]:
    require("module:iosemu.fastpath._native")
    module = native_module()
    assert module is not None
    return Pure(), Native(module)


def sa(transform: EspTransform, replay: Replay = NO_REPLAY) -> EspSa:
    key = tek(transform)
    key.replay = replay
    return EspSa(key, 5, 24)


def unsummed(size: int) -> bytes:
    """A datagram whose checksum the host has left open: the field has the sum of the pseudo header."""
    return HEADER.pack(NEEDS_CHECKSUM, 0, 0, 0, 20, 6) + datagram(size)[10:]


def frames(random: Random) -> list[bytes]:
    found = []
    for _ in range(random.randrange(1, 8)):
        size, kind = random.randrange(60, 1400), random.randrange(4)
        if kind == 0:
            found.append(
                datagram(size, random.randrange(65536), tos=random.randrange(256), flags=random.choice(("", "DF")))
            )
        elif kind == 1:
            found.append(unsummed(size))
        else:
            flags, sequence = random.choice(("A", "PA", "PAEC")), random.randrange(1 << 32)
            found.append(stream(random.randrange(1, 6000), size, flags, sequence, random.randrange(2, 255)))
    return found


def sealed(engine: Engine, own: EspSa, given: list[bytes], number: int, rule: DfRule) -> list[bytes]:
    stamp = STAMP if own.by_time else b""
    random = Random(number).randbytes
    return engine.seal(Sealing(given, len(cut(given)), 1460, own, stamp, rule, number & 0xFFFF, b"front", random))


def damaged(random: Random, expected: list[bytes]) -> list[bytes]:
    """Some out of order, twice, with a bit that is wrong, or cut."""
    arrived = [random.choice(expected) if random.randrange(6) == 0 else frame for frame in expected]
    for at in range(len(arrived)):
        if random.randrange(8) == 0:
            octets = bytearray(arrived[at])
            octets[random.randrange(17, len(octets))] ^= 1 << random.randrange(8)
            arrived[at] = bytes(octets[: random.choice((len(octets), random.randrange(26, len(octets))))])
    return arrived


@pytest.mark.parametrize("replay", [NO_REPLAY, BY_TIME], ids=["plain", "stamped"])
@pytest.mark.parametrize("words", TRANSFORMS, ids=" ".join)
def test_same_octets(words: tuple[str, ...], replay: Replay) -> None:
    pure, native = engines()
    own = [sa(from_words(words), replay) for _ in range(4)]
    random = Random(str(words))
    for number in range(65525, 65545):
        given = frames(random)
        rule = random.choice(list(DfRule))
        expected = sealed(pure, own[0], given, number, rule)
        assert sealed(native, own[1], given, number, rule) == expected
        arrived = damaged(random, expected)
        clock = random.choice((7.0, 3.5, 12.0, 2.0))
        assert native.open(arrived, 25, own[3], clock) == pure.open(arrived, 25, own[2], clock)


def test_same_judgement_of_what_an_authentic_sender_may_put_inside() -> None:
    pure, native = engines()
    random = Random(8)
    own = [sa(from_words(("esp-gcm", "128"))) for _ in range(3)]
    good = cut([stream(3000, 1000)])
    packets = []
    for number in range(1, 3000):
        packet = bytearray(random.choice(good))
        for _ in range(random.randrange(3)):
            packet[random.choice((random.randrange(54), -1))] = random.randrange(256)
        plaintext = bytes(packet[: random.choice((len(packet), 25, len(packet)))])
        padding = -(len(plaintext) + 2) % 4
        plaintext += bytes(range(1, padding + 1)) + bytes((padding, random.choice((4, 4, 4, 4, 59, 41))))
        if random.randrange(10) == 0:
            plaintext = plaintext[:-4] + random.randbytes(random.randrange(4)) + bytes((random.randrange(256), 4))
        header = own[0].tek.spi + number.to_bytes(4, "big")
        packets.append(good[0][:20] + header + own[0].cipher.seal(header, number.to_bytes(8, "big"), plaintext))
    for first in range(0, len(packets), 40):
        part = packets[first : first + 40]
        assert native.open(part, 20, own[1], None) == pure.open(part, 20, own[2], None)


def test_frames_that_do_not_fit_are_refused() -> None:
    _, native = engines()
    own = sa(from_words(("esp-gcm", "128")))
    many, random = stream(5000, 1000), Random(1).randbytes
    odd = (many[:25], b"", many[:4] + b"\0\0" + many[6:], HEADER.pack(1, 0, 0, 0, 20, 60000) + many[10:], many)
    for frame in odd:
        with pytest.raises(ValueError, match="do not fit"):
            native.seal(Sealing([frame], 3, 1460, own, b"", DfRule.COPY, 1, b"", random))
    with pytest.raises(ValueError, match="do not fit"):
        native.seal(Sealing([many], 5, 100, own, b"", DfRule.COPY, 1, b"", random))
    with pytest.raises(TypeError):
        native.seal(Sealing(["text"], 1, 100, own, b"", DfRule.COPY, 1, b"", random))  # type: ignore[list-item]


def test_joined_frames_stay_within_what_an_ip_header_can_say() -> None:
    pure, native = engines()
    own = [sa(from_words(("esp-gcm", "128"))) for _ in range(3)]
    given = [stream(64000, 1000), stream(64000, 1000, sequence=64001)]
    frames = sealed(pure, own[0], given, 1, DfRule.COPY)
    found = native.open(frames, 25, own[1], None)
    assert found == pure.open(frames, 25, own[2], None)
    assert [len(numbers) for _, numbers, _ in found[0]] == [64, 64]


def test_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOSEMU_NATIVE", "0")
    assert best_engine().name == "Python"
    monkeypatch.delenv("IOSEMU_NATIVE")
    assert best_engine().name == ("native" if native_module() is not None else "Python")

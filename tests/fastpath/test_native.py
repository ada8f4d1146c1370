"""The module in C takes any arguments: it refuses what does not fit, and never leaves its memory."""

from __future__ import annotations

import socket
from random import Random
from typing import Any

import pytest

from iosemu.fastpath.native import native_module
from iosemu.ports.offload import HEADER, PLAIN
from tests.fastpath.room import datagram, stream
from tests.requirements import require

REFUSALS = (TypeError, ValueError, OverflowError, OSError)
CIPHERS = ("", "aes-128-cbc", "des-ede3-cbc", "aes-128-gcm", "aes-128-ctr", "aes-128-ecb", "aes-128-ccm", "none such")
HASHES = ("", "MD5", "SHA512", "SHAKE256", "none such")
SIZES = (-1, 0, 1, 4, 8, 12, 16, 17, 63, 64, 65, 255, 256, 1 << 40)
NUMBERS = (-1, 0, 1, 2, 3, 20, 64, 300, 65535, 65536, 1 << 32, 1 << 63)


@pytest.fixture(scope="module")
def native() -> Any:
    require("module:iosemu.fastpath._native")
    return native_module()


def keys(native: Any, random: Random, wanted: int) -> list[Any]:
    """Those that the module makes of sizes, ciphers and hashes that seldom go together."""
    found: list[Any] = []
    tries = 0
    while len(found) < wanted:
        tries += 1
        kind, cipher, digest = random.choice(("cbc", "gcm", "gmac", "x")), random.choice(CIPHERS), random.choice(HASHES)
        secret, salt = bytes(random.choice((0, 16, 24))), bytes(random.choice((0, 4, 5)))
        try:
            found.append(native.key(kind, cipher, secret, salt, digest, b"secret", *random.choices(SIZES[1:9], k=3)))
        except REFUSALS:
            continue
    assert tries > wanted
    return found


def frames(random: Random) -> list[bytes]:
    found = [datagram(random.choice((28, 99, 1400))), stream(random.choice((1, 3000)), random.choice((1, 500)))]
    header = HEADER.pack(random.randrange(4), random.randrange(3), *random.choices(NUMBERS[1:9], k=4))
    found += [header + found[0][10:], header + found[1][10:], b"", PLAIN, bytes(random.randrange(100))]
    # A TCP header of 60 octets that is not there.
    found.append(found[1][:42] + b"\xf0" + found[1][43 : random.randrange(50, 90)])
    return random.choices(found, k=random.randrange(5))


@pytest.mark.parametrize("size", SIZES)
def test_sizes_of_keys(native: Any, size: int) -> None:
    """Those that a cipher or hash does not have, each apart from the others."""
    for sizes in ((size, 12, 16), (16, size, 16), (16, 12, size)):
        if sizes != (16, 12, 16) and not (sizes[0] == sizes[2] == 16 and 0 <= size <= 20):
            with pytest.raises(REFUSALS):
                native.key("cbc", "aes-128-cbc", bytes(16), b"", "SHA1", b"secret", *sizes)
    for sizes in ((size, 16, 4), (8, size, 4), (8, 16, size)):
        if size not in (4, 8, 16) and sizes[2] != 12:
            with pytest.raises(REFUSALS):
                native.key("gcm", "aes-128-gcm", bytes(16), b"salt", "", b"", *sizes)


def test_any_arguments(native: Any) -> None:
    random = Random(4)
    done = 0
    for key in keys(native, random, 200):
        for _ in range(10):
            given: list[Any] = frames(random)
            if random.randrange(10) == 0:
                given.append(random.choice((None, "text", bytearray(60), 7)))
            number, count, longest, df, own = random.choices(NUMBERS, k=5)
            blobs = [random.choice((b"", bytes(12), bytes(64), bytes(65), bytes(4096))) for _ in range(3)]
            try:
                if random.randrange(2):
                    native.seal(key, 1, number, count % 400, longest, 0, blobs[0], blobs[1], df, own, blobs[2], given)
                else:
                    start = random.choice((-1, 0, 19, 20, 24, 34, 60, 1 << 62))
                    native.open(key, start, random.randrange(2), random.choice((0.0, float("nan"))), 5.0, given)
                done += 1
            except REFUSALS:
                continue
    assert done > 100


def test_no_key(native: Any) -> None:
    for key in (None, 7, b"key"):
        with pytest.raises(REFUSALS):
            native.open(key, 20, False, 0.0, 5.0, [])


def test_device(native: Any) -> None:
    with pytest.raises(ValueError, match="too small"):
        native.receive(0, True, bytearray(native.BATCH_OCTETS - 1))
    for memory in (bytes(native.BATCH_OCTETS), "text"):
        with pytest.raises(TypeError):
            native.receive(0, True, memory)
    with pytest.raises(OSError, match="Bad file descriptor"):
        native.receive(-1, False, bytearray(native.BATCH_OCTETS))
    assert native.send(-1, False, [b"a"] * 200) == list(range(200))
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with left, right:
        assert native.send(left.fileno(), True, iter([b"", b"a", bytes(60000)])) == []
        received = native.receive(right.fileno(), True, bytearray(native.BATCH_OCTETS + 1))
        assert list(map(len, received)) == [0, 1, 60000]

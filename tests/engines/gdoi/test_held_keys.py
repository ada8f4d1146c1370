"""What a member makes of downloads."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.crypto.esp_transforms import from_numbers
from iosemu.engines.gdoi.download import Download
from iosemu.engines.gdoi.held_keys import HeldKeys
from iosemu.engines.gdoi.keys import Tek
from iosemu.engines.gdoi.replay import ReplayPolicy

KS = IPv4Address("192.0.2.1")
GCM = from_numbers(20, 256, 0)


def download(*teks: Tek, sids: tuple[int, ...] = ()) -> Download:
    return Download(None, teks, (), False, 12 if sids else 0, sids, None, ReplayPolicy({}, None, 0))


def tek(spi: bytes, ends: float) -> Tek:
    assert GCM is not None
    return Tek(spi, GCM, (), 100, ends, bytes(32), b"", bytes(4))


def spis(held: HeldKeys) -> set[bytes]:
    return {item.spi for item in held.teks}


def test_no_push_brings_a_data_sa_back_that_has_ended() -> None:
    """It would begin with the first nonce again, under the same key and sender ID."""
    held = HeldKeys("G")
    held.register(download(tek(b"AAAA", 100.0), sids=(33,)), KS, 0.0)
    held.add(download(tek(b"AAAA", 100.4), tek(b"BBBB", 500.0)), KS, 100.2)
    assert spis(held) == {b"BBBB"}
    held.expire(100.3)
    held.add(download(tek(b"AAAA", 100.4)), KS, 100.35)
    assert spis(held) == {b"BBBB"}
    # With a new sender ID they are others.
    held.register(download(tek(b"AAAA", 100.5), sids=(34,)), KS, 100.4)
    assert spis(held) == {b"AAAA", b"BBBB"}


def test_sender_ids_are_not_used_with_data_sas_that_came_before_any() -> None:
    """A push brought a counter mode; before the member could fetch sender IDs for it, it registered for other keys."""
    held = HeldKeys("G")
    held.register(download(), KS, 0.0)
    held.add(download(tek(b"AAAA", 100.0)), KS, 1.0)
    assert held.lacks_sender_ids
    held.register(download(tek(b"BBBB", 100.0), sids=(33,)), KS, 2.0)
    assert spis(held) == {b"BBBB"}
    again = replace(download(tek(b"CCCC", 100.0)), sids=(34,))
    held.register(again, KS, 3.0)
    assert spis(held) == {b"BBBB", b"CCCC"}

"""Keys, lists and data planes for tests of ESP."""

from __future__ import annotations

from random import Random

from iosemu.crypto.esp_transforms import EspTransform
from iosemu.engines.acl import AclEntry
from iosemu.engines.esp.data_plane import GroupDataPlane
from iosemu.engines.esp.rules import GroupPolicy
from iosemu.engines.gdoi.keys import Tek
from iosemu.wire.ipv4 import TCP
from tests.engines.gdoi.network import AES, entry, udp_packet

PERMIT = entry(True, "10.0.0.0/8", "10.0.0.0/8")
ACL = (entry(False, protocol=TCP, destination_port=179), PERMIT)
INSIDE = udp_packet("10.1.0.1", "10.2.0.1")
TRANSFORMS = [
    ("esp-aes", "esp-sha-hmac"),
    ("esp-aes", "192", "esp-sha384-hmac"),
    ("esp-aes", "256", "esp-sha256-hmac"),
    ("esp-3des", "esp-md5-hmac"),
    ("esp-des", "esp-sha512-hmac"),
    ("esp-null", "esp-sha-hmac"),
    ("esp-gcm", "128"),
    ("esp-gcm", "256"),
    ("esp-gmac", "192"),
]


def tek(
    transform: EspTransform = AES,
    spi: int = 0x1234,
    ends: float = 3600.0,
    entries: tuple[AclEntry, ...] = (PERMIT,),
    seed: int = 1,
) -> Tek:
    """A key that lives until `ends`; the same seed gives the same key."""
    random = Random(seed).randbytes
    return Tek(
        spi.to_bytes(4, "big"),
        transform,
        entries,
        3600,
        ends,
        random(transform.encryption_key_size),
        random(transform.integrity_key_size),
        random(transform.salt_size),
    )


def plane(*teks: Tek, local: tuple[AclEntry, ...] = (), sid: int | None = 5, seed: int = 9) -> GroupDataPlane:
    """A data plane with ACL and some keys."""
    made = GroupDataPlane(Random(seed).randbytes)
    made.update(GroupPolicy(local, ACL, teks, () if sid is None else (sid,), 24))
    return made

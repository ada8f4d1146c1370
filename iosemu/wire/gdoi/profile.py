"""How foreign implementations of GDOI depart from RFC 6407."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """How a peer departs from RFC 6407 on the wire.

    `kek_reserved` is the size of the zeros behind the KEK SPI; `reversed_addresses` tells that SA TEK addresses come in
    little-endian order; `host_order_group` the same of the group number. `bare_signatures` are over a hash without
    DigestInfo, and over a header whose length leaves the padding out.
    """

    name: str
    kek_reserved: int = 4
    reversed_addresses: bool = False
    host_order_group: bool = False
    bare_signatures: bool = False


RFC6407 = Profile("rfc6407")
GDOID_LITTLE_ENDIAN = Profile("gdoid-1.5iec", 6, True, True, True)
GDOID_2005 = Profile("gdoid-2005", bare_signatures=True)
PROFILES = {item.name: item for item in (RFC6407, GDOID_LITTLE_ENDIAN, GDOID_2005)}


def group_identity(number: int, profile: Profile = RFC6407) -> bytes:
    """The four octets of a group number in an ID payload of type ID_KEY_ID."""
    return number.to_bytes(4, "little" if profile.host_order_group else "big")

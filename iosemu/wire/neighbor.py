"""Neighbour discovery (RFC 4861): what is inside its ICMPv6 messages."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from iosemu.wire.buffer import Reader
from iosemu.wire.errors import WireError
from iosemu.wire.icmpv6 import (
    NEIGHBOR_ADVERTISEMENT,
    NEIGHBOR_SOLICITATION,
    REDIRECT,
    ROUTER_ADVERTISEMENT,
    ROUTER_SOLICITATION,
    Icmp6Message,
)
from iosemu.wire.ipv6 import ICMPV6, upper_layer

# What a message that never left its link has (RFC 4861 section 11.2).
HOP_LIMIT = 255
SOURCE_LINK_ADDRESS, TARGET_LINK_ADDRESS, PREFIX_INFORMATION, REDIRECTED_HEADER, MTU = 1, 2, 3, 4, 5
ALL_NODES, ALL_ROUTERS = IPv6Address("ff02::1"), IPv6Address("ff02::2")
# The types of its messages, as they stand in front of one.
_KINDS = frozenset(bytes((kind,)) for kind in range(ROUTER_SOLICITATION, REDIRECT + 1))
_LINK_LOCAL = 0xFE80 << 112
_SOLICITED_NODE = int(IPv6Address("ff02::1:ff00:0"))
_ROUTER, _SOLICITED, _OVERRIDE = 1 << 31, 1 << 30, 1 << 29


def solicited_node(address: IPv6Address) -> IPv6Address:
    """The group that whoever has the address listens to (RFC 4291 section 2.7.1)."""
    return IPv6Address(_SOLICITED_NODE | int(address) & 0xFFFFFF)


def is_discovery(packet: bytes) -> bool:
    """Whether a checked packet is neighbour discovery on its own link, where a hop limit of 255 proves that it is."""
    if packet[7] != HOP_LIMIT:
        return False
    try:
        protocol, offset, begins = upper_layer(packet)
    except WireError:
        return False
    return protocol == ICMPV6 and begins and packet[offset : offset + 1] in _KINDS


def multicast_mac(group: IPv6Address) -> bytes:
    """The Ethernet address of a group (RFC 2464 section 7)."""
    return b"\x33\x33" + group.packed[12:]


def interface_identifier(mac: bytes) -> int:
    """The lower 64 bits of an address that is made of a MAC address: modified EUI-64 (RFC 4291 appendix A)."""
    return int.from_bytes(bytes((mac[0] ^ 2,)) + mac[1:3] + b"\xff\xfe" + mac[3:], "big")


def link_local(mac: bytes) -> IPv6Address:
    """The address of the link that is made of a MAC address (RFC 4291 section 2.5.6)."""
    return IPv6Address(_LINK_LOCAL | interface_identifier(mac))


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix option; lifetimes in seconds."""

    network: IPv6Network
    on_link: bool = True
    autonomous: bool = True
    valid: int = 2592000
    preferred: int = 604800

    def pack(self) -> bytes:
        """The 32 octets of the option."""
        flags = self.on_link << 7 | self.autonomous << 6
        head = bytes((PREFIX_INFORMATION, 4, self.network.prefixlen, flags))
        times = self.valid.to_bytes(4, "big") + self.preferred.to_bytes(4, "big") + bytes(4)
        return head + times + self.network.network_address.packed

    @classmethod
    def parse(cls, body: bytes) -> Prefix:
        """Read what follows type and length."""
        if len(body) != 30 or body[0] > 128:
            raise WireError("prefix option")
        network = IPv6Network((body[14:], body[0]), strict=False)
        times = int.from_bytes(body[2:6], "big"), int.from_bytes(body[6:10], "big")
        return cls(network, bool(body[1] & 0x80), bool(body[1] & 0x40), *times)


@dataclass(frozen=True, slots=True)
class NeighborMessage:
    """A solicitation or an advertisement; `link_address` is that of its sender (solicitation) or of the target."""

    target: IPv6Address
    link_address: bytes | None = None
    advertisement: bool = False
    router: bool = False
    solicited: bool = False
    override: bool = False

    @classmethod
    def parse(cls, message: Icmp6Message) -> NeighborMessage:
        """Read a message of one of the two kinds; raises WireError where RFC 4861 sections 7.1.1 and 7.1.2 want it
        dropped."""
        if message.code or len(message.payload) < 16:
            raise WireError("neighbour discovery message")
        target = IPv6Address(message.payload[:16])
        if target.is_multicast:
            raise WireError("neighbour discovery about a group")
        advertisement = message.kind == NEIGHBOR_ADVERTISEMENT
        wanted = TARGET_LINK_ADDRESS if advertisement else SOURCE_LINK_ADDRESS
        found = [body for kind, body in _options(message.payload[16:]) if kind == wanted]
        flags = message.rest if advertisement else 0
        rest = bool(flags & _ROUTER), bool(flags & _SOLICITED), bool(flags & _OVERRIDE)
        return cls(target, _mac(found[0]) if found else None, advertisement, *rest)

    def message(self) -> Icmp6Message:
        """The ICMPv6 message."""
        flags = self.router * _ROUTER | self.solicited * _SOLICITED | self.override * _OVERRIDE
        kind, option = NEIGHBOR_SOLICITATION, SOURCE_LINK_ADDRESS
        if self.advertisement:
            kind, option = NEIGHBOR_ADVERTISEMENT, TARGET_LINK_ADDRESS
        return Icmp6Message(kind, 0, flags, self.target.packed + _link_option(option, self.link_address))


@dataclass(frozen=True, slots=True)
class RouterSolicitation:
    """Who is there that forwards?"""

    link_address: bytes | None = None

    @classmethod
    def parse(cls, message: Icmp6Message) -> RouterSolicitation:
        """Read a message of this kind."""
        if message.code:
            raise WireError("router solicitation")
        found = [body for kind, body in _options(message.payload) if kind == SOURCE_LINK_ADDRESS]
        return cls(_mac(found[0]) if found else None)

    def message(self) -> Icmp6Message:
        """The ICMPv6 message."""
        return Icmp6Message(ROUTER_SOLICITATION, 0, 0, _link_option(SOURCE_LINK_ADDRESS, self.link_address))


@dataclass(frozen=True, slots=True)
class RouterAdvertisement:
    """What a router says of itself and its link. Lifetime in seconds, 0 for a router that is no default router; the two
    timers in milliseconds, 0 where they are left open."""

    hop_limit: int = 64
    managed: bool = False
    other: bool = False
    preference: int = 0
    lifetime: int = 1800
    reachable_time: int = 0
    retransmit_timer: int = 0
    link_address: bytes | None = None
    mtu: int | None = None
    prefixes: tuple[Prefix, ...] = ()

    @classmethod
    def parse(cls, message: Icmp6Message) -> RouterAdvertisement:
        """Read a message of this kind; raises WireError where RFC 4861 section 6.1.2 wants it dropped."""
        if message.code or len(message.payload) < 8:
            raise WireError("router advertisement")
        link_address, mtu, prefixes = None, None, []
        for kind, body in _options(message.payload[8:]):
            if kind == SOURCE_LINK_ADDRESS:
                link_address = _mac(body)
            elif kind == PREFIX_INFORMATION:
                prefixes.append(Prefix.parse(body))
            elif kind == MTU:
                if len(body) != 6:
                    raise WireError("MTU option")
                mtu = int.from_bytes(body[2:], "big")
        rest, times = message.rest, message.payload
        return cls(
            rest >> 24,
            bool(rest & 1 << 23),
            bool(rest & 1 << 22),
            rest >> 19 & 3,
            rest & 0xFFFF,
            int.from_bytes(times[:4], "big"),
            int.from_bytes(times[4:8], "big"),
            link_address,
            mtu,
            tuple(prefixes),
        )

    def message(self) -> Icmp6Message:
        """The ICMPv6 message."""
        rest = self.hop_limit << 24 | self.managed << 23 | self.other << 22 | self.preference << 19 | self.lifetime
        body = self.reachable_time.to_bytes(4, "big") + self.retransmit_timer.to_bytes(4, "big")
        body += _link_option(SOURCE_LINK_ADDRESS, self.link_address)
        if self.mtu is not None:
            body += bytes((MTU, 1, 0, 0)) + self.mtu.to_bytes(4, "big")
        body += b"".join(prefix.pack() for prefix in self.prefixes)
        return Icmp6Message(ROUTER_ADVERTISEMENT, 0, rest, body)


def _options(data: bytes) -> list[tuple[int, bytes]]:
    """Type and body of each option; one without length makes the message invalid (RFC 4861 section 4.6)."""
    reader = Reader(data)
    found = []
    while reader.remaining:
        kind, length = reader.u8(), reader.u8()
        if not length:
            raise WireError("neighbour discovery option without length")
        found.append((kind, reader.take(length * 8 - 2)))
    return found


def _link_option(kind: int, mac: bytes | None) -> bytes:
    return bytes((kind, 1)) + mac if mac is not None else b""


def _mac(body: bytes) -> bytes:
    if len(body) != 6:
        raise WireError("link-layer address that is not Ethernet's")
    return body

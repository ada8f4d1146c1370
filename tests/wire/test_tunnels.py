"""GRE judged by scapy, and what GRE and NHRP parsers refuse."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from iosemu.wire.checksum import internet_checksum
from iosemu.wire.errors import WireError
from iosemu.wire.gre import PROTOCOL_IPV4, GrePacket, overhead
from iosemu.wire.nhrp import NhrpPacket, Operation
from iosemu.wire.nhrp_parts import ClientEntry, Extension, ExtensionType, authentication

A, B, C = IPv4Address("203.0.113.2"), IPv4Address("10.13.0.2"), IPv4Address("10.13.0.1")
OPTIONS = [(None, None, False), (13, None, False), (None, 7, False), (0xFFFFFFFF, 1, True), (None, None, True)]


@pytest.mark.parametrize(("key", "sequence", "checksum"), OPTIONS)
def test_scapy_makes_the_same_packets(key: int | None, sequence: int | None, checksum: bool) -> None:
    layer = pytest.importorskip("scapy.layers.l2").GRE
    raw = pytest.importorskip("scapy.packet").Raw(b"some payload!")
    words = {"proto": PROTOCOL_IPV4, "chksum_present": int(checksum)}
    words |= {"key_present": 1, "key": key} if key is not None else {}
    words |= {"seqnum_present": 1, "seqence_number": sequence, "sequence_number": sequence} if sequence else {}
    words = {name: value for name, value in words.items() if name in {item.name for item in layer.fields_desc}}
    ours = GrePacket(PROTOCOL_IPV4, b"some payload!", key, sequence, checksum)
    assert ours.pack() == bytes(layer(**words) / raw)
    assert GrePacket.parse(ours.pack()) == ours
    size = overhead(key is not None, sequence is not None, checksum)
    assert len(ours.pack()) == size + 13


@pytest.mark.parametrize("octets", ["", "000008", "40000800", "00010800", "20000800", "80000800ffff0000", "08000800"])
def test_what_gre_refuses(octets: str) -> None:
    with pytest.raises(WireError):
        GrePacket.parse(bytes.fromhex(octets))


def registration() -> NhrpPacket:
    """A registration as a spoke sends it."""
    empty = tuple(Extension(kind) for kind in (ExtensionType.RESPONDER_ADDRESS, ExtensionType.FORWARD_TRANSIT))
    entry = ClientEntry(prefix=255, mtu=17912, holding=7200)
    more = (*empty, authentication("GETDM13"))
    return NhrpPacket(Operation.REGISTRATION_REQUEST, A, B, C, 7, 0x8002, (entry,), more)


def test_the_octets_of_a_registration() -> None:
    octets = registration().pack()
    assert octets[:12].hex() == "0001080000000000" + "00ff" + f"{len(octets):04x}"
    assert octets[14:20].hex() == "0034" + "01030400"
    assert octets[20:40].hex() == "0404800200000007" + A.packed.hex() + B.packed.hex() + C.packed.hex()
    assert octets[40:52].hex() == "00ff000045f81c2000000000"
    assert octets[52:].hex() == "8003000080040000" + "8007000b00000001" + b"GETDM13".hex() + "80000000"


def altered(at: int, value: int) -> bytes:
    """The registration with another octet and its checksum put right."""
    octets = bytearray(registration().pack())
    octets[at] = value
    octets[12:14] = bytes(2)
    octets[12:14] = internet_checksum(bytes(octets)).to_bytes(2, "big")
    return bytes(octets)


# Family, protocol, SNAP, size, extensions, version, type, address lengths, an entry's lengths, an extension's length.
DAMAGE = [(1, 2), (2, 9), (4, 1), (11, 9), (15, 5), (15, 255), (16, 2), (17, 0), (17, 9), (18, 6), (19, 1), (20, 16)]
DAMAGE += [(48, 3), (49, 1), (50, 7), (55, 40), (63, 9)]


@pytest.mark.parametrize(("at", "value"), DAMAGE)
def test_what_nhrp_refuses(at: int, value: int) -> None:
    with pytest.raises(WireError):
        NhrpPacket.parse(altered(at, value))


def test_a_wrong_checksum_is_refused() -> None:
    octets = bytearray(registration().pack())
    octets[30] ^= 1
    with pytest.raises(WireError, match="checksum"):
        NhrpPacket.parse(bytes(octets))

"""Diffie-Hellman by IKE group number: MODP (RFC 2409, 3526, 5114) and ECP (RFC 5903)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.modp import MODP_GROUPS
from iosemu.crypto.randomness import RandomBytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

try:
    from gmpy2 import powmod_sec as _powmod
except ImportError:  # slower, and not in constant time
    _powmod = pow

# Twice the security strength of the strongest MODP group offered (RFC 3526 section 8).
EXPONENT_OCTETS = 32
_CURVES = {19: ("SECP256R1", 32), 20: ("SECP384R1", 48), 21: ("SECP521R1", 66)}
GROUP_NUMBERS = (*sorted(MODP_GROUPS), *_CURVES)


@dataclass(frozen=True, slots=True)
class DhKeyPair:
    """A private value and the body of the KE payload that goes with it."""

    group: int
    public: bytes
    _private: int = field(repr=False)

    def shared(self, peer_public: bytes) -> bytes:
        """g^xy at the group's full length; raises CryptoError for a public value that must be refused."""
        if self.group in _CURVES:
            return _ecp_shared(self.group, self._private, peer_public)
        prime, _, size = _modp(self.group)
        value = int.from_bytes(peer_public, "big")
        if len(peer_public) != size or not 1 < value < prime - 1:
            raise CryptoError(f"public value is not in group {self.group}")
        return int(_powmod(value, self._private, prime)).to_bytes(size, "big")


def generate(group: int, random: RandomBytes) -> DhKeyPair:
    """A fresh key pair of a group."""
    if group in _CURVES:
        size = _CURVES[group][1]
        # Eight octets more than the order needs, reduced: no measurable bias (FIPS 186-4 B.4.1).
        return key_pair(group, int.from_bytes(random(size + 8), "big") % (_ecp_order(group) - 1) + 1)
    _modp(group)
    return key_pair(group, int.from_bytes(random(EXPONENT_OCTETS), "big") | 1 << (EXPONENT_OCTETS * 8 - 1))


def key_pair(group: int, private: int) -> DhKeyPair:
    """The key pair of a known private value."""
    if group in _CURVES:
        return DhKeyPair(group, _ecp_public(group, private), private)
    prime, generator, size = _modp(group)
    return DhKeyPair(group, int(_powmod(generator, private, prime)).to_bytes(size, "big"), private)


@cache
def _modp(group: int) -> tuple[int, int, int]:
    if group not in MODP_GROUPS:
        raise CryptoError(f"Diffie-Hellman group {group} is not known")
    prime, generator = (int(text, 16) for text in MODP_GROUPS[group])
    return prime, generator, (prime.bit_length() + 7) // 8


def _curve(group: int) -> ec.EllipticCurve:
    from cryptography.hazmat.primitives.asymmetric import ec

    curve: ec.EllipticCurve = getattr(ec, _CURVES[group][0])()
    return curve


def _ecp_order(group: int) -> int:
    orders = {
        19: 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        20: 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        21: (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
    }
    return orders[group]


def _ecp_public(group: int, private: int) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec

    size = _CURVES[group][1]
    numbers = ec.derive_private_key(private, _curve(group)).public_key().public_numbers()
    return numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")


def _ecp_shared(group: int, private: int, peer_public: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec

    size = _CURVES[group][1]
    if len(peer_public) != 2 * size:
        raise CryptoError(f"public value has {len(peer_public)} octets in group {group}")
    try:
        peer = ec.EllipticCurvePublicKey.from_encoded_point(_curve(group), b"\x04" + peer_public)
    except ValueError as error:
        raise CryptoError(f"public value is not on the curve of group {group}") from error
    return ec.derive_private_key(private, _curve(group)).exchange(ec.ECDH(), peer)

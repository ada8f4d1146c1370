"""The sums of Internet checksums (RFC 1071), fast enough for each octet of a packet.

A number is the sum of its 16-bit words modulo 0xffff. Large ones are slow in Python, so the sum of many words is taken
by GMP, which is there for arithmetic anyway: it has a function for remainders by 2**48 - 1, a multiple of 0xffff.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

# Shorter data is summed as fast by Python itself.
WORTH_IT = 64


def value(data: bytes | bytearray) -> int:
    """A number that is the one's complement sum of the 16-bit words of `data`, modulo 0xffff."""
    length = len(data)
    if length < WORTH_IT:
        return int.from_bytes(data, "big") << 8 * (length & 1)
    limbs = length >> 3
    # Eight octets are read with the first one last; a factor of 256 swaps the octets of each word.
    return remainder()(bytes(data), limbs) * 256 + (int.from_bytes(data[limbs << 3 :], "big") << 8 * (length & 1))


def folded(total: int) -> int:
    """The one's complement sum in 16 bits; 0 only where all words are 0."""
    return total % 0xFFFF or (0xFFFF if total else 0)


def _by_python(data: bytes, limbs: int) -> int:
    return int.from_bytes(data[: limbs << 3], "little")


@cache
def remainder() -> Callable[[bytes, int], int]:
    """A function of octets and of how many times eight of them count: a number that equals, modulo 0xffff, the sum of
    their words read with the first octet last. It is 0 only where all of them are."""
    try:
        import cffi
        import gmpy2

        ffi = cffi.FFI()
        ffi.cdef("unsigned long __gmpn_mod_34lsub1(const void *, long);")
        library: Any = ffi.dlopen(gmpy2.gmpy2.__file__)
        found: Callable[[bytes, int], int] = library.__gmpn_mod_34lsub1
    except (ImportError, AttributeError, OSError):
        return _by_python
    probe = bytes(range(40, 136))
    right = ffi.sizeof("unsigned long") == 8 and (found(probe, 12) - _by_python(probe, 12)) % 0xFFFF == 0
    return found if right else _by_python

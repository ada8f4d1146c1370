"""Key derivation of IKEv1 (RFC 2409 section 5 and appendix B)."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.crypto.suites import BlockCipher, HashAlgorithm


@dataclass(frozen=True, slots=True)
class Phase1Keys:
    """The secrets of a phase 1 SA."""

    skeyid: bytes = field(repr=False)
    skeyid_d: bytes = field(repr=False)
    skeyid_a: bytes = field(repr=False)
    skeyid_e: bytes = field(repr=False)


def skeyid_from_psk(algorithm: HashAlgorithm, psk: bytes, nonce_i: bytes, nonce_r: bytes) -> bytes:
    """SKEYID for pre-shared keys."""
    return algorithm.hmac(psk, nonce_i + nonce_r)


def skeyid_from_signatures(algorithm: HashAlgorithm, nonce_i: bytes, nonce_r: bytes, shared: bytes) -> bytes:
    """SKEYID for signature authentication."""
    return algorithm.hmac(nonce_i + nonce_r, shared)


def derive_keys(algorithm: HashAlgorithm, skeyid: bytes, shared: bytes, cookies: bytes) -> Phase1Keys:
    """SKEYID_d, _a and _e; `shared` is g^xy at its full length, `cookies` CKY-I | CKY-R."""
    skeyid_d = algorithm.hmac(skeyid, shared + cookies + b"\x00")
    skeyid_a = algorithm.hmac(skeyid, skeyid_d + shared + cookies + b"\x01")
    skeyid_e = algorithm.hmac(skeyid, skeyid_a + shared + cookies + b"\x02")
    return Phase1Keys(skeyid, skeyid_d, skeyid_a, skeyid_e)


def encryption_key(algorithm: HashAlgorithm, skeyid_e: bytes, size: int) -> bytes:
    """The cipher key: SKEYID_e itself when it is long enough, else expanded (appendix B)."""
    if len(skeyid_e) >= size:
        return skeyid_e[:size]
    block = algorithm.hmac(skeyid_e, b"\x00")
    material = block
    while len(material) < size:
        block = algorithm.hmac(skeyid_e, block)
        material += block
    return material[:size]


def phase1_iv(algorithm: HashAlgorithm, cipher: BlockCipher, public_i: bytes, public_r: bytes) -> bytes:
    """The IV of the first encrypted message of phase 1."""
    return algorithm.digest(public_i + public_r)[: cipher.block_size]


def phase2_iv(algorithm: HashAlgorithm, cipher: BlockCipher, last_block: bytes, message_id: int) -> bytes:
    """The first IV of a later exchange; `last_block` ends the last message of phase 1."""
    return algorithm.digest(last_block + message_id.to_bytes(4, "big"))[: cipher.block_size]


def keymat(algorithm: HashAlgorithm, skeyid_d: bytes, seed: bytes, size: int) -> bytes:
    """KEYMAT of quick mode; `seed` is [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b (RFC 2409 section 5.5)."""
    material = block = b""
    while len(material) < size:
        block = algorithm.hmac(skeyid_d, block + seed)
        material += block
    return material[:size]

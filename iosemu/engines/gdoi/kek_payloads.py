"""A KEK in the SA KEK payload and in its key packet (RFC 6407 sections 5.3 and 5.6.2)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import parse_public_key
from iosemu.crypto.suites import BlockCipher, block_cipher
from iosemu.engines.common import Endpoint
from iosemu.engines.gdoi.config import KekPolicy
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.gdoi.signatures import IMPLIED_HASHES, algorithm_of, read_public_key
from iosemu.engines.gdoi.values import DEFAULT_LIFETIME, limited, octets
from iosemu.wire.attributes import Attribute, duration, number
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyPacket
from iosemu.wire.gdoi.numbers import (
    AckRequested,
    KekAlgorithm,
    KekAttribute,
    KekKey,
    KeyType,
    Management,
    SigAlgorithm,
    SigHash,
)
from iosemu.wire.gdoi.policy import SaKek, Selector
from iosemu.wire.isakmp_payloads import IdType

# Private KEK attribute: acknowledge as RFC 8263 says although the standard attribute is absent.
PRIVATE_ACK_STYLE = 128
ALGORITHMS = {"des": KekAlgorithm.DES, "3des": KekAlgorithm.TRIPLE_DES, "aes": KekAlgorithm.AES}
SIG_HASHES = {
    "md5": SigHash.MD5,
    "sha1": SigHash.SHA1,
    "sha256": SigHash.SHA256,
    "sha384": SigHash.SHA384,
    "sha512": SigHash.SHA512,
}


def sa_kek(kek: Kek, policy: KekPolicy, source: Endpoint, destination: Endpoint, now: float, private: bool) -> SaKek:
    """The SA KEK payload with the time that is left; `private` when the receiver knows our own attributes."""
    attributes = [Attribute(KekAttribute.MANAGEMENT_ALGORITHM, Management.LKH)] if kek.lkh else []
    attributes.append(Attribute(KekAttribute.ALGORITHM, ALGORITHMS[kek.encryption]))
    if kek.key_bits:
        attributes.append(Attribute(KekAttribute.KEY_LENGTH, kek.key_bits))
    attributes.append(Attribute(KekAttribute.KEY_LIFETIME, duration(kek.remaining(now))))
    algorithm = algorithm_of(parse_public_key(kek.public_key))
    if algorithm not in IMPLIED_HASHES:
        attributes.append(Attribute(KekAttribute.SIG_HASH_ALGORITHM, SIG_HASHES[kek.sig_hash]))
    attributes.append(Attribute(KekAttribute.SIG_ALGORITHM, algorithm))
    # Among routers nobody acknowledges what goes to a group; whoever asks for the ways of the RFC gets them.
    if policy.acknowledgement == "cisco" and private and kek.destination is None:
        attributes.append(Attribute(PRIVATE_ACK_STYLE, 1))
    elif policy.acknowledgement != "cisco":
        attributes.append(Attribute(KekAttribute.ACK_REQUESTED, AckRequested.KEK_SHA256))
    return SaKek(_endpoint(source), _endpoint(destination), kek.spi, tuple(attributes))


def _endpoint(endpoint: Endpoint) -> Selector:
    return Selector(IdType.IPV4_ADDR, endpoint.port, endpoint.address.packed)


def kek_packet(kek: Kek) -> KeyPacket:
    """The KEK's key packet."""
    attributes = [Attribute(KekKey.ALGORITHM_KEY, kek.material)]
    if kek.public_key:
        attributes.append(Attribute(KekKey.SIG_ALGORITHM_KEY, kek.public_key))
    return KeyPacket(KeyType.KEK, kek.spi, tuple(attributes))


def kek_algorithms(sa: SaKek) -> tuple[BlockCipher, str, SigAlgorithm]:
    """Cipher, signature hash and signature algorithm of a rekey SA; raises WireError for what this member cannot do."""
    encryption = next(
        (name for name, value in ALGORITHMS.items() if value == _kek_number(sa, KekAttribute.ALGORITHM)), None
    )
    if encryption is None:
        raise WireError("KEK algorithm is not known")
    if number(sa.attributes, KekAttribute.MANAGEMENT_ALGORITHM, 0) not in (0, Management.LKH):
        raise WireError("group management algorithm is not known")
    key_bits = number(sa.attributes, KekAttribute.KEY_LENGTH, 128) if encryption == "aes" else 0
    try:
        return block_cipher(encryption, key_bits), *_signature_algorithms(sa)
    except CryptoError as error:
        raise WireError(str(error)) from error


def _signature_algorithms(sa: SaKek) -> tuple[str, SigAlgorithm]:
    algorithm = _kek_number(sa, KekAttribute.SIG_ALGORITHM)
    if algorithm in IMPLIED_HASHES:
        return IMPLIED_HASHES[SigAlgorithm(algorithm)], SigAlgorithm(algorithm)
    if algorithm != SigAlgorithm.RSA:
        raise WireError("signature algorithm is not known")
    wanted = number(sa.attributes, KekAttribute.SIG_HASH_ALGORITHM, SigHash.SHA1)
    sig_hash = next((name for name, value in SIG_HASHES.items() if value == wanted), None)
    if sig_hash is None:
        raise WireError("KEK algorithm is not known")
    return sig_hash, SigAlgorithm.RSA


def read_kek(sa: SaKek, packet: KeyPacket, now: float) -> Kek:
    """The rekey SA of a download; raises WireError for what this member cannot do."""
    cipher, _, _ = kek_algorithms(sa)
    material = octets(packet, KekKey.ALGORITHM_KEY, cipher.block_size + cipher.key_size)
    public = next((item.as_bytes() for item in packet.attributes if item.kind == KekKey.SIG_ALGORITHM_KEY), b"")
    return make_kek(sa, material, public, now)


def make_kek(sa: SaKek, material: bytes, public: bytes, now: float) -> Kek:
    """The rekey SA of a policy with this IV and key; `public` is empty where the key of the last one still holds."""
    cipher, sig_hash, algorithm = kek_algorithms(sa)
    if public:
        read_public_key(public, algorithm)
    lifetime = limited(number(sa.attributes, KekAttribute.KEY_LIFETIME, DEFAULT_LIFETIME))
    acknowledged = number(sa.attributes, PRIVATE_ACK_STYLE, 0) == 1
    acknowledged |= number(sa.attributes, KekAttribute.ACK_REQUESTED, 0) == AckRequested.KEK_SHA256
    return Kek(
        sa.spi,
        cipher.name,
        cipher.key_bits,
        material[: cipher.block_size],
        material[cipher.block_size :],
        sig_hash,
        lifetime,
        now + lifetime,
        public,
        acknowledged,
        IPv4Address(sa.destination.data) if sa.destination.kind == IdType.IPV4_ADDR else None,
        lkh=number(sa.attributes, KekAttribute.MANAGEMENT_ALGORITHM, 0) == Management.LKH,
    )


def _kek_number(sa: SaKek, kind: KekAttribute) -> int:
    return number(sa.attributes, kind)

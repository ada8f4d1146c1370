"""Keys of the hierarchy in key packets, and what a member makes of them (RFC 6407 sections 5.6.3 and 5.6.3.2).

The RFC does not say how the key data of an update array are encrypted. Here it is CBC mode with the algorithm of the
KEK, under the key in front and the IV that came with that key, and zeros up to a whole block (docs/private-formats.md).
"""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.suites import BlockCipher
from iosemu.engines.gdoi.kek_payloads import ALGORITHMS
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.gdoi.lkh_tree import Node, Update
from iosemu.wire.attributes import Attribute
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyPacket
from iosemu.wire.gdoi.lkh import DownloadArray, LkhKey, UpdateArray
from iosemu.wire.gdoi.numbers import KeyType, LkhAttribute

# A member's keys by the number of their node.
Path = dict[int, LkhKey]


def download_packet(kek: Kek, path: Iterable[Node]) -> KeyPacket:
    """All keys of one member; the last one is the KEK."""
    array = DownloadArray(tuple(_key(kek, node, node.data) for node in path))
    return _packet(kek, [Attribute(LkhAttribute.DOWNLOAD_ARRAY, array.pack())])


def update_packet(kek: Kek, updates: Iterable[Update]) -> KeyPacket:
    """The new keys of all members; those of the root are the KEK."""
    arrays = []
    for update in updates:
        keys, under = [], update.under
        for node in update.keys:
            keys.append(_key(kek, node, seal(kek.cipher, under.data, node.data)))
            under = node
        array = UpdateArray(update.under.number, update.under.handle, tuple(keys))
        arrays.append(Attribute(LkhAttribute.UPDATE_ARRAY, array.pack()))
    return _packet(kek, arrays)


def read_packet(cipher: BlockCipher, packet: KeyPacket, path: Path) -> tuple[bytes, Path]:
    """IV and key of the KEK, and the member's keys, after a download or an update of `path`.

    Raises WireError for what is malformed, and for an update that has nothing for who holds `path`.
    """
    size = cipher.block_size + cipher.key_size
    for attribute in packet.attributes:
        if attribute.kind == LkhAttribute.DOWNLOAD_ARRAY:
            keys = DownloadArray.parse(attribute.as_bytes(), size).keys
            return keys[-1].data, {key.node: key for key in keys}
    for attribute in packet.attributes:
        if attribute.kind == LkhAttribute.UPDATE_ARRAY:
            array = UpdateArray.parse(attribute.as_bytes(), len(cipher.pad(bytes(size))))
            held = path.get(array.node)
            if held is not None and held.handle == array.handle:
                return _follow(cipher, array, held, path)
    raise WireError("the key hierarchy has no key for this member")


def _follow(cipher: BlockCipher, array: UpdateArray, held: LkhKey, path: Path) -> tuple[bytes, Path]:
    renewed, data = dict(path), held.data
    for key in array.keys:
        data = unseal(cipher, data, key.data)
        renewed[key.node] = LkhKey(key.node, key.handle, key.algorithm, data, key.created, key.expires)
    return data, renewed


def seal(cipher: BlockCipher, under: bytes, data: bytes) -> bytes:
    """Encrypt IV and key with another IV and key."""
    return cipher.encrypt(under[cipher.block_size :], under[: cipher.block_size], cipher.pad(data))


def unseal(cipher: BlockCipher, under: bytes, data: bytes) -> bytes:
    """The reverse of `seal`; raises WireError."""
    try:
        opened = cipher.decrypt(under[cipher.block_size :], under[: cipher.block_size], data)
    except CryptoError as error:
        raise WireError(str(error)) from error
    return opened[: cipher.block_size + cipher.key_size]


def _key(kek: Kek, node: Node, data: bytes) -> LkhKey:
    return LkhKey(node.number, node.handle, ALGORITHMS[kek.encryption], data)


def _packet(kek: Kek, attributes: list[Attribute]) -> KeyPacket:
    signature = Attribute(LkhAttribute.SIG_ALGORITHM_KEY, kek.public_key)
    return KeyPacket(KeyType.LKH, kek.spi, (*attributes, signature))

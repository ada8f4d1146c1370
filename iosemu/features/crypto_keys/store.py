"""The key pairs of a router, in its private store."""

from __future__ import annotations

import re
from functools import lru_cache

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.rsa import RsaKey
from iosemu.router.nvram import PRIVATE, Nvram

_SUFFIX = ".rsa"
LABEL = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@lru_cache(maxsize=64)
def _parse(pem: bytes) -> RsaKey:
    return RsaKey.from_pem(pem)


def labels(nvram: Nvram) -> list[str]:
    """The labels of all key pairs."""
    return [name.removesuffix(_SUFFIX) for name in nvram.names(PRIVATE) if name.endswith(_SUFFIX)]


def load(nvram: Nvram, label: str) -> RsaKey | None:
    """The key pair of a label; None when there is none, or the file holds none."""
    pem = nvram.read(f"{PRIVATE}/{label}{_SUFFIX}") if LABEL.fullmatch(label) else None
    try:
        return _parse(pem) if pem is not None else None
    except CryptoError:
        return None


def save(nvram: Nvram, label: str, key: RsaKey) -> None:
    """Keep a key pair, in the place of one with the same label. Raises OSError."""
    nvram.write(f"{PRIVATE}/{label}{_SUFFIX}", key.to_pem())


def remove(nvram: Nvram, label: str) -> None:
    """Destroy a key pair."""
    nvram.delete(f"{PRIVATE}/{label}{_SUFFIX}")

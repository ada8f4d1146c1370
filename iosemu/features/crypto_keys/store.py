"""The key pairs of a router, in its private store: each in a file with what is known of it in front of the key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Protocol, runtime_checkable

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import Kind, SigningKey, parse_private_key
from iosemu.crypto.rsa import RsaKey
from iosemu.router.nvram import PRIVATE, Nvram

LABEL = re.compile(r"[A-Za-z0-9_.#-]{1,64}")
KINDS: tuple[Kind, ...] = ("rsa", "ec")
DEFAULT_STORAGE = "private-config"
_ENCRYPTION_SUFFIX = "-encryption"


class Usage(Enum):
    """What a pair is for, in the words of IOS."""

    GENERAL = "General Purpose Key"
    SIGNATURE = "Signature Key"
    ENCRYPTION = "Encryption Key"

    @property
    def short(self) -> str:
        """Without the last word."""
        return self.value.removesuffix(" Key")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A pair with its attributes; usage keys are two pairs with one label. `generated` is in UTC."""

    label: str
    key: SigningKey = field(repr=False)
    usage: Usage = Usage.GENERAL
    exportable: bool = False
    generated: datetime | None = None
    redundancy: bool = False
    storage: str = DEFAULT_STORAGE

    def file_text(self) -> bytes:
        """The file of the private store: attributes, then the key."""
        rows = [f"Usage: {self.usage.value}", f"Exportable: {'yes' if self.exportable else 'no'}"]
        rows += [f"Generated: {self.generated.isoformat()}"] if self.generated else []
        rows += ["Redundancy: yes"] if self.redundancy else []
        rows += [f"Storage: {self.storage}"] if self.storage != DEFAULT_STORAGE else []
        return "".join(f"{row}\n" for row in rows).encode() + self.key.to_pem()


@runtime_checkable
class KeyUser(Protocol):
    """A block of another feature that has something for key pairs, such as certificates."""

    def forget_key(self, spki: bytes) -> None:
        """The pair with this public key was destroyed."""


def _file(label: str, kind: Kind, encryption: bool) -> str:
    return f"{PRIVATE}/{label}.{kind}{_ENCRYPTION_SUFFIX if encryption else ''}"


@lru_cache(maxsize=64)
def _parse(label: str, text: bytes) -> KeyPair:
    """Raises CryptoError. A file without attributes holds a general-purpose pair that must not be exported."""
    rows = text.partition(b"-----BEGIN")[0].decode(errors="replace").splitlines()
    known = dict(row.split(": ", 1) for row in rows if ": " in row)
    generated = known.get("Generated")
    return KeyPair(
        label,
        parse_private_key(text),
        Usage(known.get("Usage", Usage.GENERAL.value)),
        known.get("Exportable") == "yes",
        datetime.fromisoformat(generated) if generated else None,
        known.get("Redundancy") == "yes",
        known.get("Storage", DEFAULT_STORAGE),
    )


def _read(nvram: Nvram, label: str, kind: Kind, encryption: bool) -> KeyPair | None:
    text = nvram.read(_file(label, kind, encryption)) if LABEL.fullmatch(label) else None
    try:
        found = _parse(label, text) if text is not None else None
    except (CryptoError, ValueError):
        return None
    return found if found is not None and found.key.kind == kind else None


def labels(nvram: Nvram, kind: Kind = "rsa") -> list[str]:
    """The labels of all key pairs of a kind."""
    names = [name.removesuffix(_ENCRYPTION_SUFFIX) for name in nvram.names(PRIVATE)]
    return sorted({name.removesuffix(f".{kind}") for name in names if name.endswith(f".{kind}")})


def pair(nvram: Nvram, label: str, kind: Kind = "rsa") -> KeyPair | None:
    """The pair that signs; None when there is none, or the file holds none."""
    return _read(nvram, label, kind, False)


def pairs(nvram: Nvram, kinds: tuple[Kind, ...] = KINDS, label: str | None = None) -> list[KeyPair]:
    """All pairs of some kinds, or those of one label."""
    found = []
    for kind in kinds:
        for own in labels(nvram, kind) if label is None else [label]:
            found += [_read(nvram, own, kind, encryption) for encryption in (False, True)]
    return [item for item in found if item is not None]


def load(nvram: Nvram, label: str) -> RsaKey | None:
    """The RSA key of a label that signs; None when there is none, or the file holds none."""
    found = pair(nvram, label)
    return found.key if found is not None and isinstance(found.key, RsaKey) else None


def save(nvram: Nvram, item: KeyPair) -> None:
    """Keep a pair, in the place of one with the same label and usage. Raises OSError."""
    nvram.write(_file(item.label, item.key.kind, item.usage is Usage.ENCRYPTION), item.file_text())


def remove(nvram: Nvram, label: str, kind: Kind = "rsa") -> None:
    """Destroy what a label names."""
    for encryption in (False, True):
        nvram.delete(_file(label, kind, encryption))

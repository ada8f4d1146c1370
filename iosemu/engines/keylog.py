"""The records of a key log: what a capture's reader needs to decrypt and verify it (docs/keys-format.md)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class IsakmpKeys:
    """A phase 1 SA. `iv` is the IV of its first encrypted message; cookies and keys are octets."""

    initiator_cookie: bytes
    responder_cookie: bytes
    encryption: str
    key_bits: int
    hash: str
    encryption_key: bytes = field(repr=False)
    skeyid_a: bytes = field(repr=False)
    skeyid: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    kind: str = "isakmp"


@dataclass(frozen=True, slots=True)
class KekKeys:
    """A rekey SA; `public_key` is a DER SubjectPublicKeyInfo."""

    spi: bytes
    encryption: str
    key_bits: int
    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    sig_hash: str = "sha1"
    public_key: bytes = b""
    kind: str = "kek"


@dataclass(frozen=True, slots=True)
class TekKeys:
    """A data SA."""

    spi: bytes
    encryption: str
    key_bits: int
    integrity: str | None
    encryption_key: bytes = field(repr=False)
    integrity_key: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    kind: str = "tek"


KeyRecord = IsakmpKeys | KekKeys | TekKeys
_KINDS: dict[str, type[IsakmpKeys] | type[KekKeys] | type[TekKeys]] = {
    "isakmp": IsakmpKeys,
    "kek": KekKeys,
    "tek": TekKeys,
}


def to_json(record: KeyRecord) -> dict[str, Any]:
    """A record as a JSON object; octets become hexadecimal digits."""
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in asdict(record).items()}


def from_json(fields: dict[str, Any]) -> KeyRecord:
    """The record of a JSON object; raises ValueError when it is none."""
    kind = _KINDS.get(str(fields.get("kind")))
    if kind is None:
        raise ValueError(f"a key record of unknown kind {fields.get('kind')!r}")
    octets = {name for name, annotation in kind.__annotations__.items() if annotation == "bytes"}
    values: dict[str, Any] = {k: bytes.fromhex(v) if k in octets else v for k, v in fields.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"a {fields['kind']} key record has wrong fields: {error}") from error

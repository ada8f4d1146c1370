"""Reading key files: JSON lines, or the JSON document that describes a captured GDOI run (docs/keys-format.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iosemu.engines.keylog import IsakmpKeys, KekKeys, KeyRecord, TekKeys, from_json
from iosemu.wire.gdoi.profile import GDOID_2005, GDOID_LITTLE_ENDIAN, RFC6407, Profile


class KeyFileError(Exception):
    """A key file cannot be read."""


@dataclass(slots=True)
class Keys:
    """All keys known, by cookies or SPI, and how the peers write GDOI payloads."""

    isakmp: dict[bytes, IsakmpKeys] = field(default_factory=dict)
    keks: dict[bytes, KekKeys] = field(default_factory=dict)
    teks: dict[bytes, TekKeys] = field(default_factory=dict)
    profile: Profile = RFC6407

    def add(self, record: KeyRecord) -> None:
        """Take one more."""
        if isinstance(record, IsakmpKeys):
            self.isakmp[record.initiator_cookie + record.responder_cookie] = record
        elif isinstance(record, KekKeys):
            self.keks[record.spi] = record
        else:
            self.teks[record.spi] = record


def load_keys(path: Path) -> Keys:
    """Read a key file; raises KeyFileError."""
    try:
        text = path.read_text()
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise KeyFileError(f"{path}: this is not a text file") from error
    keys = Keys()
    try:
        document = _document(text)
        if document is not None:
            _read_document(document, keys)
            return keys
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    keys.add(from_json(json.loads(line)))
                except (ValueError, AttributeError) as error:
                    raise KeyFileError(f"{path}:{number}: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise KeyFileError(f"{path}: {error}") from error
    return keys


def _document(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) and "phase1" in document else None


def _read_document(document: dict[str, Any], keys: Keys) -> None:
    """Only phase 1 is taken from the document: all other keys are inside the exchanges that it opens."""
    phase1 = document["phase1"]
    encryption = str(phase1["encryption"]).lower()
    keys.add(
        IsakmpKeys(
            bytes.fromhex(phase1["icookie"]),
            bytes.fromhex(phase1["rcookie"]),
            encryption,
            int(phase1["key_bits"]) if encryption == "aes" else 0,
            str(phase1["hash"]),
            bytes.fromhex(phase1["enc_key"]),
            bytes.fromhex(phase1["skeyid_a"]),
            bytes.fromhex(phase1["skeyid"]),
            bytes.fromhex(phase1["initial_iv"]),
        )
    )
    keys.profile = GDOID_LITTLE_ENDIAN if "1.5iec" in document["description"] else GDOID_2005

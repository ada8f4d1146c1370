"""`iosemu decode`."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TextIO

from iosemu.decode.decoder import Decoder
from iosemu.decode.keys import KeyFileError, Keys, load_keys
from iosemu.decode.record import Record
from iosemu.ports.pcapng import CaptureError, read_capture

EXIT_OK, EXIT_FAILED, EXIT_UNREADABLE = 0, 1, 2


def run(capture: Path, keys_file: Path | None, as_json: bool, out: TextIO, err: TextIO) -> int:
    """Explain a capture on `out`; the exit status is 1 where a verification failed, 2 for unreadable files."""
    try:
        records = decode_capture(capture, load_keys(keys_file) if keys_file else Keys())
    except (CaptureError, KeyFileError) as error:
        print(f"iosemu: {error}", file=err)
        return EXIT_UNREADABLE
    for record in records:
        out.write(_json(record) if as_json else _text(record))
    failed = sum(not good for record in records for good in record.checks.values())
    verified = sum(good for record in records for good in record.checks.values())
    if not as_json:
        out.write(f"{len(records)} packets explained, {verified} checks passed, {failed} failed\n")
    return EXIT_FAILED if failed else EXIT_OK


def decode_capture(capture: Path, keys: Keys) -> list[Record]:
    """The records of a capture; raises CaptureError."""
    decoder = Decoder(keys)
    found = (decoder.decode(number, frame) for number, frame in enumerate(read_capture(capture), start=1))
    return [record for record in found if record is not None]


def _text(record: Record) -> str:
    time = datetime.fromtimestamp(record.timestamp, timezone.utc)
    head = f"#{record.number} {time:%H:%M:%S.%f} {record.source} -> {record.destination} {record.title}"
    checks = [f"  {name}: {'verified' if good else 'FAILED'}" for name, good in record.checks.items()]
    return "\n".join([head, *(f"  {line}" for line in record.lines), *checks, "", ""])


def _json(record: Record) -> str:
    fields = {
        "number": record.number,
        "time": record.timestamp,
        "source": record.source,
        "destination": record.destination,
        "title": record.title,
        "lines": record.lines,
        "checks": record.checks,
    }
    return json.dumps(fields) + "\n"

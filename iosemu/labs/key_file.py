"""The key log as a file (docs/keys-format.md)."""

from __future__ import annotations

import json
from pathlib import Path

from iosemu.engines.keylog import KeyRecord, to_json
from iosemu.features.isakmp.service import IsakmpService
from iosemu.router.router import Router


class KeyFile:
    """Keys of one run, each of them once; its owner alone can read them. Raises OSError when it cannot be made;
    `failure` tells why it ends too early."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text("")
        self._path = path
        self._known: set[str] = set()
        self.failure: str | None = None

    def follow(self, router: Router) -> None:
        """Take down the keys of a router from now on."""
        router.service(IsakmpService).key_listeners.append(self._write)

    def _write(self, record: KeyRecord) -> None:
        line = json.dumps(to_json(record), sort_keys=True)
        if line in self._known or self.failure is not None:
            return
        self._known.add(line)
        try:
            with self._path.open("a") as file:
                file.write(f"{line}\n")
        except OSError as error:
            self.failure = f"{self._path}: {error.strerror}; later keys are missing"

"""What survives a reload: startup-config, and the private store of keys beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

STARTUP_CONFIG = "startup-config"
PRIVATE = "private"


class Nvram(Protocol):
    """Named texts; private ones are secrets."""

    def read(self, name: str) -> bytes | None:
        """The content, None when there is none."""

    def write(self, name: str, data: bytes) -> None:
        """Replace the content as a whole; raises OSError and then keeps the old one."""

    def delete(self, name: str) -> None:
        """Remove it; an absent one is no error."""

    def names(self, folder: str) -> list[str]:
        """The names under a folder, sorted."""


class MemoryNvram:
    """Lasts as long as the process."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        return self._files.get(name)

    def write(self, name: str, data: bytes) -> None:
        self._files[name] = data

    def delete(self, name: str) -> None:
        self._files.pop(name, None)

    def names(self, folder: str) -> list[str]:
        return sorted(name.removeprefix(f"{folder}/") for name in self._files if name.startswith(f"{folder}/"))


class DirectoryNvram:
    """A directory of the host. A kill at any moment leaves the old content or the new one, never a mixture."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)
        private = root / PRIVATE
        private.mkdir(mode=0o700, exist_ok=True)
        private.chmod(0o700)

    def read(self, name: str) -> bytes | None:
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        path = self._root / name
        temporary = path.with_name(f".{path.name}.new")
        # The mode is set at creation: a secret is never readable for others, not even for a moment.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        self._sync(path.parent)

    def delete(self, name: str) -> None:
        (self._root / name).unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self._root / folder).iterdir() if not path.name.startswith("."))

    @staticmethod
    def _sync(folder: Path) -> None:
        """The new name must reach the disk too."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

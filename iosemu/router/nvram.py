"""What survives a reload: startup-config, the files of flash:, and the private store of keys beside them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Protocol

STARTUP_CONFIG = "startup-config"
PRIVATE = "private"


# Name, whether it is a folder, size in octets, time of the last change.
TreeEntry = tuple[str, bool, int, datetime]
EPOCH = datetime(1993, 3, 1, tzinfo=timezone.utc)


class Nvram(Protocol):
    """Named texts; private ones are secrets."""

    def read(self, name: str) -> bytes | None:
        """The content, None when there is none."""

    def write(self, name: str, data: bytes, modified: datetime | None = None) -> None:
        """Replace the content as a whole; raises OSError and then keeps the old one. `modified` is the time of the
        change as the router sees it."""

    def delete(self, name: str) -> None:
        """Remove it; an absent one is no error."""

    def names(self, folder: str) -> list[str]:
        """The names under a folder, sorted."""

    def tree(self, folder: str) -> list[TreeEntry]:
        """Everything under a folder, at any depth; names are relative to it."""

    def make_folder(self, name: str, modified: datetime | None = None) -> None:
        """Make a folder; raises OSError."""

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder; raises OSError."""


class MemoryNvram:
    """Lasts as long as the process."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._modified: dict[str, datetime] = {}
        self._folders: dict[str, datetime] = {}

    def read(self, name: str) -> bytes | None:
        return self._files.get(name)

    def write(self, name: str, data: bytes, modified: datetime | None = None) -> None:
        self._files[name] = data
        self._modified[name] = modified or EPOCH

    def delete(self, name: str) -> None:
        self._files.pop(name, None)

    def names(self, folder: str) -> list[str]:
        return sorted(name.removeprefix(f"{folder}/") for name in self._files if name.startswith(f"{folder}/"))

    def tree(self, folder: str) -> list[TreeEntry]:
        prefix = f"{folder}/"
        folders = [
            (name.removeprefix(prefix), True, 0, modified)
            for name, modified in self._folders.items()
            if name.startswith(prefix)
        ]
        return folders + [
            (name.removeprefix(prefix), False, len(data), self._modified[name])
            for name, data in self._files.items()
            if name.startswith(prefix)
        ]

    def make_folder(self, name: str, modified: datetime | None = None) -> None:
        self._folders[name] = modified or EPOCH

    def remove_folder(self, name: str) -> None:
        self._folders.pop(name, None)


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

    def write(self, name: str, data: bytes, modified: datetime | None = None) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.new")
        # The mode is set at creation: a secret is never readable for others, not even for a moment.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if modified is not None:
            os.utime(temporary, (modified.timestamp(), modified.timestamp()))
        with _keeping_time(path.parent):
            temporary.replace(path)
        self._sync(path.parent)

    def delete(self, name: str) -> None:
        path = self._root / name
        with _keeping_time(path.parent):
            path.unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self._root / folder).iterdir() if not path.name.startswith("."))

    def tree(self, folder: str) -> list[TreeEntry]:
        root = self._root / folder
        found = []
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            name = path.relative_to(root)
            facts = path.lstat()
            is_folder = stat.S_ISDIR(facts.st_mode)
            # A link might lead out of the folder.
            if (is_folder or stat.S_ISREG(facts.st_mode)) and not any(part.startswith(".") for part in name.parts):
                modified = datetime.fromtimestamp(facts.st_mtime, timezone.utc)
                found.append((name.as_posix(), is_folder, 0 if is_folder else facts.st_size, modified))
        return found

    def make_folder(self, name: str, modified: datetime | None = None) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with _keeping_time(path.parent):
            path.mkdir()
        if modified is not None:
            os.utime(path, (modified.timestamp(), modified.timestamp()))

    def remove_folder(self, name: str) -> None:
        path = self._root / name
        with _keeping_time(path.parent):
            path.rmdir()

    @staticmethod
    def _sync(folder: Path) -> None:
        """The new name must reach the disk too."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _keeping_time(folder: Path) -> Iterator[None]:
    """A folder keeps the time of its making: the host's clock is not the router's."""
    before = folder.stat() if folder.is_dir() else None
    yield
    if before is not None:
        os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))

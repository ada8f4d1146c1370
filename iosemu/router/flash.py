"""The flash: file system: files and folders under `flash/` of the NVRAM."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from iosemu.router.nvram import Nvram

ROOT = "flash"
TOTAL = 268435456
# No name that a host's file system would read differently, and none that begins with a dot.
_PART = re.compile(r"[A-Za-z0-9_+@=,%#~!$&()\[\]-][A-Za-z0-9_.+@=,%#~!$&()\[\]-]{0,126}")


class FlashError(Exception):
    """A file cannot be used so; the text is what IOS prints in parentheses."""


@dataclass(frozen=True, slots=True)
class FlashEntry:
    """A file or folder; `path` has no leading slash, `size` is in octets."""

    path: str
    is_folder: bool
    size: int
    modified: datetime

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class Flash:
    """Every method takes paths such as `x` or `/dir/x` and raises FlashError."""

    def __init__(self, nvram: Nvram, wall: Callable[[], datetime]) -> None:
        self._nvram = nvram
        self._wall = wall

    def clean(self, path: str) -> str:
        """A path without needless slashes; raises FlashError for one that is not safe."""
        parts = [part for part in path.split("/") if part]
        if not all(_PART.fullmatch(part) for part in parts):
            raise FlashError("Invalid filename")
        return "/".join(parts)

    def entries(self, folder: str = "", recursive: bool = False) -> list[FlashEntry]:
        """What is in a folder, by path."""
        where = self.clean(folder)
        prefix = f"{where}/" if where else ""
        found = [
            FlashEntry(name, is_folder, size, modified)
            for name, is_folder, size, modified in self._nvram.tree(ROOT)
            if name.startswith(prefix)
        ]
        return sorted(
            (item for item in found if recursive or "/" not in item.path[len(prefix) :]), key=lambda item: item.path
        )

    def find(self, path: str) -> FlashEntry | None:
        """A file or folder, None when there is none."""
        wanted = self.clean(path)
        return next((item for item in self.entries(recursive=True) if item.path == wanted), None)

    def read(self, path: str) -> bytes:
        """The content of a file."""
        found = self.find(path)
        if found is None:
            raise FlashError("No such file or directory")
        if found.is_folder:
            raise FlashError("Is a directory")
        try:
            return self._nvram.read(f"{ROOT}/{found.path}") or b""
        except OSError as error:
            raise FlashError(error.strerror or "I/O error") from error

    def write(self, path: str, data: bytes) -> None:
        """Make a file or replace its content."""
        name = self.clean(path)
        found = self.find(name)
        if not name or (found is not None and found.is_folder):
            raise FlashError("Is a directory")
        self._parent_must_exist(name)
        if len(data) > self.free + (found.size if found else 0):
            raise FlashError("No space left on device")
        self._attempt(lambda: self._nvram.write(f"{ROOT}/{name}", data, self._wall()))

    def delete(self, path: str) -> None:
        """Remove a file."""
        found = self._existing(path)
        if found.is_folder:
            raise FlashError("Is a directory")
        self._attempt(lambda: self._nvram.delete(f"{ROOT}/{found.path}"))

    def make_folder(self, path: str) -> None:
        """Make a folder."""
        name = self.clean(path)
        if not name or self.find(name) is not None:
            raise FlashError("File exists")
        self._parent_must_exist(name)
        self._attempt(lambda: self._nvram.make_folder(f"{ROOT}/{name}", self._wall()))

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        found = self._existing(path)
        if not found.is_folder:
            raise FlashError("Not a directory")
        if self.entries(found.path):
            raise FlashError("Directory not empty")
        self._attempt(lambda: self._nvram.remove_folder(f"{ROOT}/{found.path}"))

    def rename(self, source: str, destination: str) -> None:
        """Give a file another name."""
        if self.find(destination) is not None:
            raise FlashError("File exists")
        data = self.read(source)
        self.write(destination, data)
        self.delete(source)

    @property
    def free(self) -> int:
        """Octets that are left."""
        return TOTAL - sum(item.size for item in self.entries(recursive=True))

    def _existing(self, path: str) -> FlashEntry:
        found = self.find(path)
        if found is None:
            raise FlashError("No such file or directory")
        return found

    def _parent_must_exist(self, name: str) -> None:
        parent = name.rpartition("/")[0]
        if parent:
            found = self.find(parent)
            if found is None or not found.is_folder:
                raise FlashError("No such file or directory")

    @staticmethod
    def _attempt(action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            raise FlashError(error.strerror or "I/O error") from error

"""The files of flash: for SCP and SFTP clients."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncssh

from iosemu.features.files.url import FLASH
from iosemu.router.flash import Flash, FlashEntry, FlashError


@dataclass(slots=True)
class _Open:
    """A file that is open; what was written reaches the flash when it is closed."""

    path: str
    data: bytearray
    written: bool = False


class FlashServer(asyncssh.SFTPServer):
    """`enabled` is `ip scp server enable`; a user without the highest privilege is refused too."""

    def __init__(
        self, channel: asyncssh.SSHServerChannel[bytes], flash: Flash, enabled: bool, privileged: bool
    ) -> None:
        super().__init__(channel)
        self._flash = flash
        self._refusal = (
            "" if enabled and privileged else "Privilege denied." if enabled else "Administratively disabled."
        )

    def _path(self, path: bytes) -> str:
        if self._refusal:
            raise asyncssh.SFTPPermissionDenied(self._refusal)
        text = path.decode(errors="replace").lstrip("/")
        scheme, colon, rest = text.partition(":")
        return rest.strip("/") if colon and f"{scheme.lower()}:" in FLASH else text.strip("/")

    def _found(self, path: bytes) -> FlashEntry | None:
        """The entry of a path, None for the root; raises SFTPNoSuchFile."""
        name = self._path(path)
        if name in ("", "."):
            return None
        try:
            found = self._flash.find(name)
        except FlashError as error:
            raise asyncssh.SFTPFailure(str(error)) from error
        if found is None:
            raise asyncssh.SFTPNoSuchFile("No such file or directory")
        return found

    # What asyncssh asks

    def realpath(self, path: bytes) -> bytes:
        return b"/" + self._path(path).encode()

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return _attributes(self._found(path))

    lstat = stat

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        self._path(path)

    lsetstat = setstat

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """A file has neither owner nor permissions here."""

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        name = self._path(path)
        writing = bool(pflags & asyncssh.FXF_WRITE)
        try:
            if pflags & asyncssh.FXF_TRUNC or (writing and self._flash.find(name) is None):
                # At once, so that a name that cannot be is refused before anything is sent.
                self._flash.write(name, b"")
            return _Open(name, bytearray(self._flash.read(name)))
        except FlashError as error:
            missing = "No such file" in str(error)
            raise (asyncssh.SFTPNoSuchFile if missing else asyncssh.SFTPFailure)(str(error)) from error

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        assert isinstance(file_obj, _Open)
        return bytes(file_obj.data[offset : offset + size])

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        assert isinstance(file_obj, _Open)
        if offset + len(data) > self._flash.free:
            raise asyncssh.SFTPFailure("No space left on device")
        file_obj.data[offset : offset + len(data)] = data
        file_obj.written = True
        return len(data)

    def close(self, file_obj: object) -> None:
        assert isinstance(file_obj, _Open)
        if file_obj.written:
            self._do(lambda: self._flash.write(file_obj.path, bytes(file_obj.data)))

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        assert isinstance(file_obj, _Open)
        return asyncssh.SFTPAttrs(size=len(file_obj.data), permissions=stat.S_IFREG | 0o644)

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        folder = self._path(path)
        yield asyncssh.SFTPName(b".", attrs=_attributes(None))
        yield asyncssh.SFTPName(b"..", attrs=_attributes(None))
        for entry in self._flash.entries(folder):
            yield asyncssh.SFTPName(entry.name.encode(), attrs=_attributes(entry))

    def remove(self, path: bytes) -> None:
        self._do(lambda: self._flash.delete(self._path(path)))

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        self._do(lambda: self._flash.make_folder(self._path(path)))

    def rmdir(self, path: bytes) -> None:
        self._do(lambda: self._flash.remove_folder(self._path(path)))

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._do(lambda: self._flash.rename(self._path(oldpath), self._path(newpath)))

    @staticmethod
    def _do(action: object) -> None:
        assert callable(action)
        try:
            action()
        except FlashError as error:
            raise asyncssh.SFTPFailure(str(error)) from error


def _attributes(entry: FlashEntry | None) -> asyncssh.SFTPAttrs:
    if entry is None:
        return asyncssh.SFTPAttrs(size=0, permissions=stat.S_IFDIR | 0o755)
    kind = stat.S_IFDIR | 0o755 if entry.is_folder else stat.S_IFREG | 0o644
    seconds = int(entry.modified.timestamp())
    return asyncssh.SFTPAttrs(size=entry.size, permissions=kind, atime=seconds, mtime=seconds)

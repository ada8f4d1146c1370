"""The files of flash: for SCP and SFTP clients."""

from __future__ import annotations

import io
import posixpath
import stat
from collections.abc import AsyncIterator

import asyncssh

from iosemu.features.files.url import FLASH
from iosemu.router.flash import Flash, FlashEntry, FlashError


class _Open(io.BytesIO):
    """A file that is open; what was written reaches the flash when it is closed."""

    def __init__(self, path: str, data: bytes) -> None:
        super().__init__(data)
        self.path = path
        self.written = False


class FlashServer(asyncssh.SFTPServer):
    """flash: as a client of SCP or SFTP sees it. `enabled` is `ip scp server enable`; a user without the highest
    privilege is refused too."""

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
        name = rest if colon and f"{scheme.lower()}:" in FLASH else text
        return posixpath.normpath(f"/{name}").lstrip("/")

    def _found(self, path: bytes) -> FlashEntry | None:
        """The entry of a path, None for the root; raises SFTPNoSuchFile."""
        name = self._path(path)
        if not name:
            return None
        try:
            found = self._flash.find(name)
        except FlashError as error:
            raise asyncssh.SFTPFailure(str(error)) from error
        if found is None:
            raise asyncssh.SFTPNoSuchFile("No such file or directory")
        return found

    # What asyncssh asks

    def exit(self) -> None:
        # Clients take a channel that ends without a status for a failure.
        if self.channel.get_subsystem() == "sftp":
            self.channel.exit(0)

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
            return _Open(name, self._flash.read(name))
        except FlashError as error:
            missing = "No such file" in str(error)
            raise (asyncssh.SFTPNoSuchFile if missing else asyncssh.SFTPFailure)(str(error)) from error

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        assert isinstance(file_obj, _Open)
        file_obj.seek(offset)
        return file_obj.read(size)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        assert isinstance(file_obj, _Open)
        if offset + len(data) > self._flash.free:
            raise asyncssh.SFTPFailure("No space left on device")
        file_obj.seek(offset)
        file_obj.written = True
        return file_obj.write(data)

    def close(self, file_obj: object) -> None:
        assert isinstance(file_obj, _Open)
        if file_obj.written:
            self._do(lambda: self._flash.write(file_obj.path, file_obj.getvalue()))

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        assert isinstance(file_obj, _Open)
        return _regular(len(file_obj.getvalue()))

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
    if entry is None or entry.is_folder:
        return asyncssh.SFTPAttrs(type=asyncssh.FILEXFER_TYPE_DIRECTORY, size=0, permissions=stat.S_IFDIR | 0o755)
    seconds = int(entry.modified.timestamp())
    return _regular(entry.size, atime=seconds, mtime=seconds)


def _regular(size: int, **times: int) -> asyncssh.SFTPAttrs:
    permissions = stat.S_IFREG | 0o644
    return asyncssh.SFTPAttrs(type=asyncssh.FILEXFER_TYPE_REGULAR, size=size, permissions=permissions, **times)

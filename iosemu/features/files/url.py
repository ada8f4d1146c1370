"""The names of files as commands take them: `flash:x`, `nvram:startup-config`, `running-config`, `tftp://...`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from iosemu.cli import CommandError, Session
from iosemu.router.flash import FlashError
from iosemu.router.nvram import STARTUP_CONFIG
from iosemu.router.router import Router
from iosemu.router.running_config import print_running_config

RUNNING_CONFIG = "running-config"
FLASH = ("flash:", "flash0:", "bootflash:", "disk0:", "slot0:")
REMOTE = ("tftp:", "ftp:", "scp:", "sftp:", "http:", "https:", "rcp:")
LOCAL = (*FLASH, "nvram:", "system:", "null:")


# The files of nvram: beside the startup-config, below the root of the NVRAM.
NVRAM_FILES = "nvram"
_NVRAM_NAME = re.compile(r"[A-Za-z0-9_#-][A-Za-z0-9_.#-]{0,62}")


@dataclass(frozen=True, slots=True)
class Url:
    """Where a file is. `scheme` ends with a colon; `path` has no leading slash."""

    scheme: str
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}/{self.path}" if self.scheme in FLASH else f"{self.scheme}{self.path}"

    @property
    def is_flash(self) -> bool:
        """Whether it is on the one flash that there is."""
        return self.scheme in FLASH

    @property
    def is_remote(self) -> bool:
        """Whether it is on another machine."""
        return self.scheme in REMOTE

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def parse_url(session: Session, text: str) -> Url:
    """Read a name; one without a scheme is relative to the current directory. Raises CommandError."""
    if text in (RUNNING_CONFIG, STARTUP_CONFIG):
        return Url("system:" if text == RUNNING_CONFIG else "nvram:", text)
    scheme, colon, path = text.partition(":")
    scheme = f"{scheme.lower()}:"
    if not colon:
        base = "" if text.startswith("/") else session.directory
        return Url("flash:", "/".join(part for part in (base, text.strip("/")) if part))
    if scheme in REMOTE:
        return Url(scheme, path)
    if scheme not in LOCAL:
        raise CommandError(at=text)
    return Url(scheme, path.strip("/"))


def read(router: Router, url: Url) -> bytes:
    """The content of a local file; raises CommandError."""
    if url == Url("system:", RUNNING_CONFIG):
        return print_running_config(router).encode()
    if url.scheme == "null:":
        return b""
    try:
        if url.is_flash:
            return router.flash.read(url.path)
    except FlashError as error:
        raise CommandError(f"%Error opening {url} ({error})") from error
    data = router.nvram.read(_nvram_name(url)) if url.scheme == "nvram:" else None
    if data is None:
        raise CommandError(f"%Error opening {url} (No such file or directory)")
    return data


def write(router: Router, url: Url, data: bytes) -> None:
    """Replace the content of a local file; raises CommandError."""
    try:
        if url.is_flash:
            router.flash.write(url.path, data)
        elif url.scheme == "nvram:":
            router.nvram.write(_nvram_name(url), data, router.calendar.utc())
        elif url.scheme != "null:":
            raise CommandError(f"%Error opening {url} (Permission denied)")
    except FlashError as error:
        raise CommandError(f"%Error opening {url} ({error})") from error
    except OSError as error:
        raise CommandError(f"%Error opening {url} ({error.strerror})") from error


def remove(router: Router, url: Url) -> None:
    """Delete a local file; an absent one is no error. Raises CommandError."""
    try:
        if url.is_flash and router.flash.find(url.path) is not None:
            router.flash.delete(url.path)
        elif url.scheme == "nvram:":
            router.nvram.delete(_nvram_name(url))
    except FlashError as error:
        raise CommandError(f"%Error deleting {url} ({error})") from error
    except OSError as error:
        raise CommandError(f"%Error deleting {url} ({error.strerror})") from error


def _nvram_name(url: Url) -> str:
    """Where a file of nvram: lies; raises CommandError for a name that is not safe."""
    if url.path == STARTUP_CONFIG:
        return STARTUP_CONFIG
    if not _NVRAM_NAME.fullmatch(url.path):
        raise CommandError(f"%Error opening {url} (Permission denied)")
    return f"{NVRAM_FILES}/{url.path}"


def exists(router: Router, url: Url) -> bool:
    """Whether a local file is there."""
    try:
        return url.is_flash and router.flash.find(url.path) is not None
    except FlashError as error:
        raise CommandError(f"%Error opening {url} ({error})") from error

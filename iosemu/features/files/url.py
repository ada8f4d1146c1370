"""The names of files as commands take them: `flash:x`, `nvram:startup-config`, `running-config`, `tftp://...`."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Url:
    """`scheme` ends with a colon; `path` has no leading slash."""

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
    data = router.nvram.read(STARTUP_CONFIG) if url == Url("nvram:", STARTUP_CONFIG) else None
    if data is None:
        raise CommandError(f"%Error opening {url} (No such file or directory)")
    return data


def write(router: Router, url: Url, data: bytes) -> None:
    """Replace the content of a local file; raises CommandError."""
    try:
        if url.is_flash:
            router.flash.write(url.path, data)
        elif url == Url("nvram:", STARTUP_CONFIG):
            router.nvram.write(STARTUP_CONFIG, data)
        elif url.scheme != "null:":
            raise CommandError(f"%Error opening {url} (Permission denied)")
    except FlashError as error:
        raise CommandError(f"%Error opening {url} ({error})") from error
    except OSError as error:
        raise CommandError(f"%Error opening {url} ({error.strerror})") from error


def exists(router: Router, url: Url) -> bool:
    """Whether a local file is there."""
    try:
        return url.is_flash and router.flash.find(url.path) is not None
    except FlashError as error:
        raise CommandError(f"%Error opening {url} ({error})") from error

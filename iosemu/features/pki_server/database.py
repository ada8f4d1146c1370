"""The files of a certificate server: what it must remember, and what it keeps for others to read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from iosemu.cli import CommandError
from iosemu.crypto.certificate import Certificate
from iosemu.crypto.crl import Crl
from iosemu.crypto.errors import CryptoError
from iosemu.features.files.url import FLASH, Url, read, remove, write
from iosemu.features.pki_server.config import COMPLETE, DEFAULT_STORAGE, MINIMUM, CertificateServer, Location
from iosemu.router.router import Router

_SERIAL = re.compile(rb"last_serial = 0x([0-9A-Fa-f]{1,40})")
_WRITABLE = (*FLASH, "nvram:")


class StorageError(Exception):
    """A place of files cannot be used; the text is its URL."""


class Database:
    """Files by name, each kind in its place. Methods raise StorageError."""

    def __init__(self, router: Router, server: CertificateServer) -> None:
        self._router = router
        self._server = server

    @property
    def main(self) -> str:
        """The URL of the main place."""
        return self._location("").url

    def write(self, kind: str, name: str, data: bytes) -> None:
        """Write a file of a kind; one that is published lies in the main place too."""
        location = self._location(kind)
        for place in dict.fromkeys((location.url, self.main if location.published else location.url)):
            url = self._url(place, name)
            try:
                write(self._router, url, data)
            except CommandError as error:
                raise StorageError(place) from error

    def read(self, kind: str, name: str) -> bytes | None:
        """The content of a file, None when there is none."""
        location = self._location(kind)
        try:
            return read(self._router, self._url(self.main if location.published else location.url, name))
        except (CommandError, StorageError):
            return None

    def save_serial(self, serial: int) -> None:
        """Remember the last serial number."""
        self.write("ser", f"{self._server.name}.ser", f"db_version = 1\nlast_serial = 0x{serial:X}\n".encode())

    def load_serial(self) -> int | None:
        """The last serial number, None when nothing is remembered."""
        match = _SERIAL.search(self.read("ser", f"{self._server.name}.ser") or b"")
        return int(match[1], 16) if match is not None else None

    def save_crl(self, crl: Crl) -> None:
        """Keep the last CRL: it tells what was revoked."""
        self.write("crl", f"{self._server.name}.crl", crl.der)

    def load_crl(self) -> Crl | None:
        """The last CRL, None when there is none."""
        try:
            return Crl.parse(self.read("crl", f"{self._server.name}.crl") or b"")
        except CryptoError:
            return None

    def save_certificate(self, certificate: Certificate, when: str) -> None:
        """Keep the name of an issued certificate and when it ends, in the words of `when`, and itself where that is
        configured."""
        if self._server.level == MINIMUM:
            return
        text = f"subjectname_str = {certificate.subject}\nexpiration = {when}\n"
        self.write("cnm", f"{certificate.serial:X}.cnm", text.encode())
        if self._server.level == COMPLETE:
            self.write("crt", f"{certificate.serial:X}.cer", certificate.der)

    def load_certificate(self, serial: int) -> Certificate | None:
        """An issued certificate, None where it was not kept."""
        try:
            return Certificate.parse(self.read("crt", f"{serial:X}.cer") or b"")
        except CryptoError:
            return None

    def forget(self) -> None:
        """Remove what another CA of the name would take for its own."""
        for kind in ("ser", "crl"):
            for place in dict.fromkeys((self._location(kind).url, self.main)):
                try:
                    remove(self._router, self._url(place, f"{self._server.name}.{kind}"))
                except CommandError as error:
                    raise StorageError(place) from error

    def _location(self, kind: str) -> Location:
        locations = self._server.locations
        return locations.get(kind) or locations.get("") or Location(DEFAULT_STORAGE)

    @staticmethod
    def _url(place: str, name: str) -> Url:
        scheme, colon, path = place.partition(":")
        if f"{scheme.lower()}:" not in _WRITABLE or not colon:
            raise StorageError(place)
        return Url(f"{scheme.lower()}:", "/".join(part for part in (path.strip("/"), name) if part))


def clock_words(router: Router, when: datetime) -> str:
    """A point in time as shows have it: `12:58:34 UTC Jan 4 2025`, in the router's zone."""
    name, minutes = router.calendar.zone
    local = when + timedelta(minutes=minutes)
    return f"{local:%H:%M:%S} {name} {local:%b} {local.day} {local.year}"

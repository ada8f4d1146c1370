"""What the server answers where no feature has registered anything: who may see it, a home page, and files of flash."""

from __future__ import annotations

import base64
from binascii import Error as Base64Error
from html import escape
from mimetypes import guess_type

from iosemu.features.accounts.config import Accounts, check_user
from iosemu.features.http.config import HttpConfig
from iosemu.features.http.messages import Request, Response, plain
from iosemu.router.flash import FlashError
from iosemu.router.router import Router

LEVEL = 15
CHALLENGE = ("WWW-Authenticate", f'Basic realm="level_{LEVEL}_access"')


class Pages:
    """The pages of a router."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def answer(self, request: Request) -> Response:
        """The answer to a request for anything."""
        if not self._may_read(request.header("authorization") or ""):
            return plain(401, (CHALLENGE,))
        if request.method == "POST":
            return plain(404)
        if request.path == "/":
            return Response(body=self._home().encode())
        return self._file(request.path)

    def _may_read(self, credentials: str) -> bool:
        """Whether the name and password of Basic authentication (RFC 7617) are those of somebody who may configure. The
        enable password needs no name."""
        scheme, _, encoded = credentials.partition(" ")
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (Base64Error, ValueError):
            return False
        if scheme.lower() != "basic":
            return False
        model = self._router.model
        if model.block(HttpConfig).authentication.startswith("enable"):
            accounts = model.block(Accounts)
            stored = accounts.enable_secret or accounts.enable_password
            return stored is not None and stored.verify(password)
        user = check_user(model, name, password)
        return user is not None and user.privilege >= LEVEL

    def _home(self) -> str:
        name = escape(self._router.hostname)
        return (
            f"<HTML><HEAD><TITLE>{name} Home Page</TITLE></HEAD>\n"
            f"<BODY><H1>{name}</H1>\n<P>This router is emulated by iosemu; its commands are those of the console.</P>\n"
            "</BODY></HTML>\n"
        )

    def _file(self, path: str) -> Response:
        base = self._router.model.block(HttpConfig).path
        scheme, colon, folder = base.partition(":")
        if not colon or scheme not in ("flash", "flash0", "bootflash", "disk0"):
            return plain(404)
        try:
            data = self._router.flash.read(f"{folder}/{path}")
        except FlashError:
            return plain(404)
        return Response(body=data, content_type=guess_type(path)[0] or "application/octet-stream")

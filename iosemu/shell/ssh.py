"""Vty lines over SSH, with asyncssh."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import asyncssh

from iosemu.cli import Interaction, Session
from iosemu.features.aaa.guard import LoginGuard
from iosemu.features.aaa.login import banner, enter, verify
from iosemu.features.aaa.methods import granted
from iosemu.features.banner.config import Banners
from iosemu.features.line.service import line_of
from iosemu.features.ssh.config import SshConfig
from iosemu.features.ssh.service import SshService, Transport
from iosemu.router.nvram import PRIVATE
from iosemu.router.router import Router
from iosemu.shell.flash_server import FlashServer
from iosemu.shell.terminal import Terminal
from iosemu.shell.tty import Tty
from iosemu.shell.vty import Lines

SSH_PORT = 22
VERSION = "Cisco-1.25"
OWN_KEY = "ecdsa-sha2-nistp256"
OWN_KEY_FILE = f"{PRIVATE}/ssh-host-key"


class SshServer:
    """Serves connections on the lines of a node."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def serve(self, connection: socket.socket) -> None:
        """One connection, from its first octet to its last."""
        router = self._lines.router()
        login = _Login(self._lines, str(connection.getpeername()[0]))
        if router is None or not login.seat():
            connection.close()
            return
        router.service(SshService).served = True
        try:
            served = await asyncssh.run_server(
                connection,
                server_factory=lambda: login,
                server_host_keys=[_host_key(router)],
                server_version=VERSION,
                process_factory=login.process,
                sftp_factory=login.files,
                allow_scp=True,
                line_editor=False,
                login_timeout=router.model.block(SshConfig).timeout,
                encoding="utf-8",
                errors="replace",
                agent_forwarding=False,
                x11_forwarding=False,
            )
            await served.wait_closed()
        except (asyncssh.Error, OSError):
            # The client went away, or never spoke SSH.
            connection.close()
        finally:
            login.stand_up()


def _host_key(router: Router) -> asyncssh.SSHKey:
    """The RSA key of the router, else one of our own that lies in the private store: clients know it again."""
    configured = router.service(SshService).key()
    pem = configured.to_pem() if configured is not None else router.nvram.read(OWN_KEY_FILE)
    if pem is not None:
        with contextlib.suppress(asyncssh.KeyImportError):
            return asyncssh.import_private_key(pem)
    key = asyncssh.generate_private_key(OWN_KEY)
    # A store that cannot be written to costs no more than a key that lasts.
    with contextlib.suppress(OSError):
        router.nvram.write(OWN_KEY_FILE, key.export_private_key())
    return key


class _Login(asyncssh.SSHServer):
    """One connection: who it is, and the line that it has."""

    def __init__(self, lines: Lines, address: str) -> None:
        self._lines = lines
        self._address = address
        self._first: Session | None = None
        self._name = ""
        self._failures = 0
        self._connection: asyncssh.SSHServerConnection | None = None

    def seat(self) -> bool:
        """Take a line; False where none is free."""
        self._first = self._lines.take("ssh", self._address)
        return self._first is not None

    def stand_up(self) -> None:
        """Give the line back."""
        if self._first is not None:
            self._lines.free(self._first)

    @property
    def _session(self) -> Session:
        assert self._first is not None
        return self._first

    @property
    def _router(self) -> Router:
        return self._session.router

    # What asyncssh asks

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        self._name = username
        if self._connection is not None and "login" in self._router.model.block(Banners).texts:
            self._connection.send_auth_banner(banner(self._session, "login").replace("\n", "\r\n"))
        return True

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        right = verify(self._session, username, password, SSH_PORT)
        delay = 0.0 if right else self._router.service(LoginGuard).delay
        await asyncio.sleep(self._lines.clock.real_seconds(delay) or 0)
        return self._checked(right)

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        right = len(responses) == 1 and verify(self._session, username, responses[0], SSH_PORT)
        return self._checked(right)

    def public_key_auth_supported(self) -> bool:
        return bool(self._router.model.block(SshConfig).fingerprints(self._name))

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        print_ = key.get_fingerprint("md5").partition(":")[2].replace(":", "").upper()
        return print_ in self._router.model.block(SshConfig).fingerprints(username)

    def _checked(self, right: bool) -> bool:
        if not right:
            self._failures += 1
            if self._failures >= max(self._router.model.block(SshConfig).retries, 1) and self._connection is not None:
                self._connection.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many failures")
        return right

    # Channels

    def files(self, channel: asyncssh.SSHServerChannel[bytes]) -> FlashServer:
        """The files of flash:, for a user who may have them."""
        allowed = self._router.model.block(SshConfig).copies
        return FlashServer(channel, self._router.flash, allowed, (granted(self._session, self._name) or 0) >= 15)

    async def process(self, process: asyncssh.SSHServerProcess[str]) -> None:
        """A shell, or one command."""
        session, extra = self._session, False
        if session in self._router.service(SshService).connections:
            taken = self._lines.take("ssh", self._address)
            if taken is None:
                process.exit(1)
                return
            session, extra = taken, True
        elif session.closed:
            # An earlier channel of this connection has used the line.
            session = self._first = self._lines.renewed(session)
        service = self._router.service(SshService)
        info = process.get_extra_info
        service.connections[session] = Transport(str(info("recv_cipher")), str(info("recv_mac")))
        try:
            await self._attend(process, session)
        finally:
            service.connections.pop(session, None)
            if extra:
                self._lines.free(session)
            with contextlib.suppress(OSError, asyncssh.Error):
                process.exit(0)

    async def _attend(self, process: asyncssh.SSHServerProcess[str], session: Session) -> None:
        terminal = Terminal(lambda text: _write(process, text), sent=process.stdout.drain)
        _resize(session, *process.term_size[:2])
        keys = asyncio.ensure_future(_read(process, session, terminal))
        try:
            if process.command is None:
                await self._lines.serve(session, terminal, self._greeting(session))
            else:
                session.terminal_length = 0
                await Tty(session, self._lines.clock, terminal).run(self._only(session, process.command))
        finally:
            keys.cancel()

    def _greeting(self, session: Session) -> Interaction:
        yield banner(session, "motd")
        width, length = session.terminal_width, session.terminal_length
        yield from enter(session, self._name)
        line = line_of(session)
        session.terminal_width = width if line.setting("width") is None else session.terminal_width
        session.terminal_length = length if line.setting("length") is None else session.terminal_length

    def _only(self, session: Session, command: str) -> Interaction:
        """One command, and the session is over."""
        yield from enter(session, self._name)
        session.terminal_length = 0
        if not session.closed:
            yield "\n"
            yield from session.execute(command)
        session.closed = True


def _write(process: asyncssh.SSHServerProcess[str], text: str) -> None:
    # A client that is gone is noticed by the reader.
    with contextlib.suppress(OSError, asyncssh.Error):
        process.stdout.write(text)


def _resize(session: Session, columns: int, rows: int) -> None:
    """The size of the client's window is that of the terminal, unless the line says otherwise."""
    line = line_of(session)
    if columns and line.setting("width") is None:
        session.terminal_width = min(columns, 512)
    if rows and line.setting("length") is None:
        session.terminal_length = min(rows, 512)


async def _read(process: asyncssh.SSHServerProcess[str], session: Session, terminal: Terminal) -> None:
    while True:
        try:
            data = await process.stdin.read(4096)
        except asyncssh.TerminalSizeChanged as change:
            _resize(session, change.width, change.height)
            continue
        except asyncssh.BreakReceived:
            terminal.feed("\x03")
            continue
        except (OSError, asyncssh.Error):
            break
        if not data:
            break
        terminal.feed(data)
        await terminal.room()
    terminal.hang_up()

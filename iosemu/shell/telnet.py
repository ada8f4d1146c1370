"""Vty lines over telnet (RFC 854, 857, 858, 1073)."""

from __future__ import annotations

import asyncio
import socket

from iosemu.features.aaa.login import arrive
from iosemu.shell.terminal import Terminal
from iosemu.shell.vty import Lines

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
ECHO, SUPPRESS_GO_AHEAD, WINDOW_SIZE = 1, 3, 31
BREAK, INTERRUPT = 243, 244
OFFERS = bytes([IAC, WILL, ECHO, IAC, WILL, SUPPRESS_GO_AHEAD, IAC, DO, WINDOW_SIZE])
REFUSED = "\r\nConnection refused\r\n"


class Decoder:
    """Takes the commands out of what a client sends. `size` is its window, columns and rows; `replies` is what it must
    be answered."""

    def __init__(self) -> None:
        self._waiting = b""
        self.size: tuple[int, int] | None = None
        self.replies = b""

    def feed(self, data: bytes) -> bytes:
        """The data without commands; an unfinished command waits for its rest."""
        data = self._waiting + data
        text = bytearray()
        at = 0
        while at < len(data):
            if data[at] != IAC:
                end = data.find(IAC, at)
                end = len(data) if end < 0 else end
                text += data[at:end]
                at = end
                continue
            length = self._command(data, at, text)
            if length == 0:
                break
            at += length
        self._waiting = data[at:]
        return bytes(text)

    def _command(self, data: bytes, at: int, text: bytearray) -> int:
        """Act on the command at a place; its length, 0 where it is not complete."""
        if len(data) < at + 2:
            return 0
        code = data[at + 1]
        if code == IAC:
            text.append(IAC)
        elif code in (BREAK, INTERRUPT):
            text.append(3)
        elif code in (DO, DONT, WILL, WONT):
            if len(data) < at + 3:
                return 0
            self._negotiate(code, data[at + 2])
            return 3
        elif code == SB:
            end = data.find(bytes([IAC, SE]), at)
            if end < 0:
                # A client that never ends its answer does not fill the memory.
                return len(data) - at if len(data) - at > 256 else 0
            self._answer(data[at + 2 : end].replace(b"\xff\xff", b"\xff"))
            return end + 2 - at
        return 2

    def _negotiate(self, code: int, option: int) -> None:
        """Refuse what was not offered; what was is settled."""
        if code == DO and option not in (ECHO, SUPPRESS_GO_AHEAD):
            self.replies += bytes([IAC, WONT, option])
        elif code == WILL and option == SUPPRESS_GO_AHEAD:
            self.replies += bytes([IAC, DO, option])
        elif code == WILL and option != WINDOW_SIZE:
            self.replies += bytes([IAC, DONT, option])

    def _answer(self, body: bytes) -> None:
        if len(body) == 5 and body[0] == WINDOW_SIZE:
            self.size = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")


class TelnetServer:
    """Serves connections on the lines of a node."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def serve(self, connection: socket.socket) -> None:
        """One connection, from its first octet to its last."""
        reader, writer = await asyncio.open_connection(sock=connection)
        session = self._lines.take("telnet", str(connection.getpeername()[0]))
        try:
            if session is None:
                writer.write(REFUSED.encode())
                return

            def send(text: str) -> None:
                # Who is gone gets nothing more; asyncio would complain of each word.
                if not writer.is_closing():
                    writer.write(text.encode().replace(b"\xff", b"\xff\xff"))

            terminal = Terminal(send, sent=writer.drain)
            writer.write(OFFERS)
            keys = asyncio.ensure_future(self._read(reader, writer, terminal))
            try:
                await self._lines.serve(session, terminal, arrive(session))
            finally:
                keys.cancel()
        finally:
            if session is not None:
                self._lines.free(session)
            writer.close()

    @staticmethod
    async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, terminal: Terminal) -> None:
        decoder = Decoder()
        try:
            while data := await reader.read(4096):
                terminal.feed(decoder.feed(data).decode(errors="replace"))
                if decoder.replies:
                    writer.write(decoder.replies)
                    decoder.replies = b""
                await terminal.room()
        except OSError:
            pass
        terminal.hang_up()

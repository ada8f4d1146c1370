"""One terminal: the keys that came and were not read yet, and where the cursor stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

# How many keys are acted upon before others have their turn, and how many wait before no more are taken.
AT_ONCE = 1024
FULL = 16384


class HungUp(Exception):
    """Nobody is at the terminal any more."""


class Idle(Exception):
    """Nobody has typed for the time that was given."""


class Terminal:
    """A terminal with somebody at it: keys come in, text goes out. `send` gets text for the wire, with the line ends
    that a terminal wants; `sent` waits until the wire takes more.

    Who types or prints more than can be dealt with waits; others do not notice.
    """

    def __init__(
        self, send: Callable[[str], None], sent: Callable[[], Coroutine[None, None, None]] | None = None
    ) -> None:
        self._send = send
        self._sent = sent
        self._sending: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._keys = ""
        self._after_return = False
        self._waiter: asyncio.Future[None] | None = None
        self.hung_up = False
        self.column = 0

    def feed(self, keys: str) -> None:
        """Keys have come. A carriage return, a line feed, and both together each are one Enter; NUL is nothing."""
        if "\n" in keys or "\x00" in keys:
            before = "\r" if self._after_return else ""
            keys = (before + keys.replace("\x00", "")).replace("\r\n", "\r")[len(before) :]
        if keys:
            self._after_return = keys.endswith("\r")
            self._keys += keys
        self._wake()

    async def room(self) -> None:
        """Wait until more keys may be fed."""
        while len(self._keys) > FULL and not self.hung_up:
            self._room.clear()
            await self._room.wait()

    def hang_up(self) -> None:
        """No more keys will come."""
        self.hung_up = True
        self._room.set()
        if self._sending is not None:
            self._sending.cancel()
        self._wake()

    async def read(self, seconds: float | None = None) -> str:
        """Keys that have come, at least one. Raises Idle after some real seconds without any, HungUp when there will
        be none."""
        await self._settle()
        if not self._keys:
            await self._more(seconds)
        keys, self._keys = self._keys[:AT_ONCE], self._keys[AT_ONCE:]
        self._room.set()
        return keys

    async def key(self, seconds: float | None = None) -> str:
        """One key; raises as `read` does."""
        keys = await self.read(seconds)
        self.unread(keys[1:])
        return keys[0]

    def unread(self, keys: str) -> None:
        """Keep keys for the next reader."""
        self._keys = keys + self._keys

    def take(self) -> str:
        """All keys that have come and nobody has read."""
        keys, self._keys = self._keys, ""
        return keys

    def aborted(self, keys: str) -> bool:
        """Whether one of some keys has come; it and all before it are forgotten."""
        at = max(self._keys.rfind(key) for key in keys)
        self._keys = self._keys[at + 1 :]
        return at >= 0

    def write(self, text: str) -> None:
        """Print text; each line feed begins a new row."""
        if not text:
            return
        self.draw(text.replace("\n", "\r\n") if "\n" in text else text)

    def draw(self, text: str) -> None:
        """Print text that has its carriage returns already."""
        if not text:
            return
        start = max(text.rfind("\r"), text.rfind("\n"))
        tail = text[start + 1 :]
        self.column = max((self.column if start < 0 else 0) + len(tail) - 2 * tail.count("\b") - tail.count("\a"), 0)
        self._send(text)

    def new_row(self) -> None:
        """Go to the start of a row, unless the cursor is there."""
        if self.column:
            self.write("\n")

    async def _settle(self) -> None:
        """Let others run, and wait until what was printed is on its way."""
        if self._sent is None:
            await asyncio.sleep(0)
            return
        sending = self._sending = asyncio.ensure_future(self._sent())
        try:
            await asyncio.wait([sending])
        finally:
            sending.cancel()
            self._sending = None
        # Who is gone, or whose line was cleared meanwhile, takes nothing any more.
        if sending.cancelled() or sending.exception() is not None:
            raise HungUp

    async def _more(self, seconds: float | None) -> None:
        while not self._keys:
            if self.hung_up:
                raise HungUp
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait_for(self._waiter, seconds)
            except asyncio.TimeoutError:
                raise Idle from None
            finally:
                self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

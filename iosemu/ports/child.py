"""Another process of this program, and the pipe to it."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from iosemu.ports.pipes import Pipe

# How long it may take to end, or to answer somebody who waits for it (seconds).
PATIENCE = 5.0
# The C library is to keep what was freed (mallopt(3)): who works on batches of frames would otherwise give its memory
# back to the kernel after each, and fetch it again.
_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(64 << 20), "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}


class Child:
    """A module that runs as a process of its own, with the descriptor of its end of the pipe as argument. What it sends
    is received by the event loop that runs now. It has a session of its own, so that the terminal's signals are not for
    it; it is to end where its pipe does."""

    def __init__(self, module: str, receive: Callable[[Any], None], ended: Callable[[str], None]) -> None:
        """`ended` is told how it ended, unless it was made to. Raises OSError."""
        self._receive, self._ended = receive, ended
        self._loop = asyncio.get_running_loop()
        self._open, self._ending = True, False
        self._pipe, theirs = Pipe.pair()
        number = theirs.fileno()
        # What this process can import, and nothing that lies about where it was started.
        path = os.pathsep.join(filter(None, sys.path))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(number)],
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, **_MEMORY, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
            )
        except OSError:
            self._pipe.close()
            raise
        finally:
            theirs.close()
        self._loop.add_reader(self._pipe.fileno(), self._readable)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def send(self, message: object, *descriptors: int) -> None:
        """Send a message, if the process is there still."""
        if self._open:
            self._pipe.send(message, descriptors)
            if self._pipe.pending:
                self._loop.add_writer(self._pipe.fileno(), self._writable)

    def wait_for(self, wanted: object) -> bool:
        """Wait until a message comes; what comes before it is received later. False where it does not come."""
        while self._open:
            poll = select.poll()
            poll.register(self._pipe.fileno(), select.POLLIN | (select.POLLOUT if self._pipe.pending else 0))
            if not poll.poll(PATIENCE * 1000):
                return False
            self._pipe.flush()
            found = self._messages()
            for message in found:
                if message != wanted:
                    self._loop.call_soon(self._receive, message)
            if wanted in found:
                return True
        return False

    def end(self, last: object) -> None:
        """Have it end by a last message, and wait for that; what it still says is received later."""
        self._ending = True
        self.send(last)
        self.wait_for(None)
        self._close()
        self._reap()

    def _messages(self) -> list[Any]:
        try:
            return [message for message, _ in self._pipe.receive()]
        except EOFError:
            self._close()
            self._loop.call_soon(self._lost)
            return []

    def _readable(self) -> None:
        for message in self._messages():
            self._receive(message)

    def _writable(self) -> None:
        self._pipe.flush()
        if not self._pipe.pending:
            self._loop.remove_writer(self._pipe.fileno())

    def _close(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._pipe.fileno())
            self._loop.remove_writer(self._pipe.fileno())
            self._pipe.close()

    def _reap(self) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
            return
        self._process.kill()
        self._process.wait()

    def _lost(self) -> None:
        self._reap()
        status = self._process.returncode
        if not self._ending:
            self._ended(f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}")

"""System messages: `*Jan  5 10:20:30.123: %FACILITY-SEVERITY-MNEMONIC: text`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from iosemu.router.clock import Clock

BUFFER_LINES = 500
DEBUGGING = 7


@dataclass(frozen=True, slots=True)
class Message:
    """A message with the time of its making; debug output has no mnemonic."""

    time: datetime
    severity: int
    text: str

    def line(self) -> str:
        """The line as printed. The asterisk tells that no time server has been heard."""
        return f"*{format_time(self.time)}: {self.text}"


def format_time(time: datetime) -> str:
    """`Jan  5 10:20:30.123`."""
    return f"{time:%b} {time.day:2d} {time:%H:%M:%S}.{time.microsecond // 1000:03d}"


class Syslog:
    """Makes messages, keeps the last ones, and hands each to its subscribers (consoles, monitors)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.buffer: deque[Message] = deque(maxlen=BUFFER_LINES)
        self.count = 0
        self._subscribers: list[Callable[[Message], None]] = []

    def log(self, facility: str, severity: int, mnemonic: str, text: str) -> None:
        """A system message."""
        self._emit(severity, f"%{facility}-{severity}-{mnemonic}: {text}")

    def debug(self, text: str) -> None:
        """A line of debug output."""
        self._emit(DEBUGGING, text)

    def subscribe(self, receiver: Callable[[Message], None]) -> Callable[[], None]:
        """Send all further messages to a receiver; the result ends that."""
        self._subscribers.append(receiver)
        return lambda: self._subscribers.remove(receiver)

    def clear(self) -> None:
        """Empty the buffer."""
        self.buffer.clear()

    def _emit(self, severity: int, text: str) -> None:
        message = Message(self._clock.wall(), severity, text)
        self.buffer.append(message)
        self.count += 1
        for receiver in list(self._subscribers):
            receiver(message)

"""System messages: `*Jan  5 10:20:30.123: %FACILITY-SEVERITY-MNEMONIC: text`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from iosemu.router.calendar import Calendar, Stamp

BUFFER_LINES = 500
DEBUGGING = 7


@dataclass(frozen=True, slots=True)
class Message:
    """A message with what it was stamped with when it was made; debug output has no mnemonic. `number` counts all."""

    number: int
    severity: int
    stamp: str
    text: str

    def line(self) -> str:
        """The line as printed."""
        return f"{self.stamp}{self.text}"


class Syslog:
    """Makes messages, keeps the last ones, and hands each to its subscribers (consoles, monitors, syslog hosts).

    `log_stamp` and `debug_stamp` say what stands before them.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.buffer: deque[Message] = deque(maxlen=BUFFER_LINES)
        self.count = 0
        self.log_stamp = Stamp()
        self.debug_stamp = Stamp()
        self.sequence_numbers = False
        self._subscribers: list[Callable[[Message], None]] = []

    def log(self, facility: str, severity: int, mnemonic: str, text: str) -> None:
        """A system message."""
        self._emit(severity, self.log_stamp, f"%{facility}-{severity}-{mnemonic}: {text}")

    def debug(self, text: str) -> None:
        """A line of debug output."""
        self._emit(DEBUGGING, self.debug_stamp, text)

    def subscribe(self, receiver: Callable[[Message], None]) -> Callable[[], None]:
        """Send all further messages to a receiver; the result ends that."""
        self._subscribers.append(receiver)
        return lambda: self._subscribers.remove(receiver)

    def clear(self) -> None:
        """Empty the buffer."""
        self.buffer.clear()

    def _emit(self, severity: int, stamp: Stamp, text: str) -> None:
        self.count += 1
        number = f"{self.count:06d}: " if self.sequence_numbers else ""
        message = Message(self.count, severity, number + self._calendar.stamp(stamp), text)
        self.buffer.append(message)
        for receiver in list(self._subscribers):
            receiver(message)

"""The real program on a pseudo-terminal: keys go in, and what a person would see comes out.

A script is a text file: each line is typed and ended with Enter. `<TAB>`, `<CTRL-Z>`, `<UP>`, `<ESC b>` and the like
are keys; a backslash at the end of a line means that no Enter follows; `#` begins a comment. After each line the
terminal is left alone until the program is quiet: nothing has come for a while, and it is waiting, not working.
"""

from __future__ import annotations

import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Callable
from fcntl import ioctl
from pathlib import Path

import pyte

ROWS, COLUMNS = 24, 80
HISTORY = 5000
# The program is quiet when nothing has come for so long (seconds).
QUIET = 0.12
START_LIMIT, LINE_LIMIT = 20.0, 10.0
_KEY = re.compile(r"<([A-Z][A-Z0-9 -]*|ESC [^>]+|CTRL-[^>]+)>")
_NAMED = {
    "TAB": "\t",
    "ENTER": "\r",
    "SPACE": " ",
    "BACKSPACE": "\x7f",
    "ESC": "\x1b",
    "UP": "\x1b[A",
    "DOWN": "\x1b[B",
    "RIGHT": "\x1b[C",
    "LEFT": "\x1b[D",
    "CTRL-^": "\x1e",
    "CTRL-]": "\x1d",
}


def keys(line: str) -> str:
    """The characters that a line of a script stands for."""
    text = _KEY.sub(lambda match: _key(match[1]), line.removesuffix("\\"))
    return text if line.endswith("\\") else f"{text}\r"


def _key(name: str) -> str:
    if name in _NAMED:
        return _NAMED[name]
    if name.startswith("CTRL-"):
        return chr(ord(name[5].upper()) & 0x1F)
    return f"\x1b{name.removeprefix('ESC ')}"


class _Screen(pyte.HistoryScreen):
    """Answers what the program asks its terminal."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(COLUMNS, ROWS, history=HISTORY, ratio=0.5)
        self._descriptor = descriptor

    def write_process_input(self, data: str) -> None:
        os.write(self._descriptor, data.encode())


def play(script: Path, arguments: list[str], prompt: str) -> str:
    """Type a script into `iosemu ARGUMENTS`; returns everything that was on the screen, scrolled off or not."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm"
        os.execv(sys.executable, [sys.executable, "-m", "iosemu", *arguments])
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    screen = _Screen(terminal)
    stream = pyte.ByteStream(screen)
    _read(terminal, stream, START_LIMIT, lambda: prompt in "\n".join(screen.display))
    assert prompt in "\n".join(screen.display), screen.display
    for line in script.read_text().splitlines():
        if not line.startswith("#"):
            os.write(terminal, keys(line).encode())
            _read(terminal, stream, LINE_LIMIT, lambda: _waits(process))
    text = _text(screen)
    os.close(terminal)
    os.waitpid(process, 0)
    return text


def _read(terminal: int, stream: pyte.ByteStream, limit: float, done: Callable[[], bool]) -> None:
    """Read until nothing comes and `done` holds."""
    ends = time.monotonic() + limit
    while time.monotonic() < ends:
        ready, _, _ = select.select([terminal], [], [], QUIET)
        if ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return
            if not data:
                return
            stream.feed(data)
        elif done():
            return


def _waits(process: int) -> bool:
    """Whether a process has nothing to do: on a busy machine one that is silent may just not have had its turn."""
    try:
        states = [
            file.read_text().rpartition(")")[2].split()[0] for file in Path(f"/proc/{process}/task").glob("*/stat")
        ]
    except OSError:
        return True
    return "R" not in states


def _text(screen: _Screen) -> str:
    rows = ["".join(row[x].data for x in range(COLUMNS)) for row in screen.history.top] + list(screen.display)
    lines = [row.rstrip() for row in rows]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines) + "\n"

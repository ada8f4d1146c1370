"""iosemu as a service in a network namespace, with a vty line that a test types on."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.interop.netns import check, router_process, run

TELNET_PORT = 2023
LINES = "line vty 0 4\n privilege level 15\n no login\nend\n"
_PROMPT = re.compile(r"(?:^|\n)\S+[>#]$")
_CLONE_NEWNET = 0x40000000


class Router:
    """A running router: `do` types a command on its vty line and returns what it prints."""

    def __init__(self, connection: socket.socket, log: Path, pid: int) -> None:
        self._connection = connection
        self._log = log
        self.pid = pid
        self._read()
        self.do("terminal length 0")

    @property
    def log(self) -> str:
        """Syslog, and what else the process printed."""
        return self._log.read_text()

    def do(self, command: str) -> str:
        """Run a command."""
        self._connection.sendall(command.encode() + b"\r\n")
        return self._read().partition("\n")[2].rpartition("\n")[0]

    def configure(self, text: str) -> None:
        """Enter lines of configuration; none may be refused."""
        self.do("configure terminal")
        for line in text.strip().splitlines():
            answer = self.do(line)
            assert "%" not in answer, f"{line}: {answer}"
        self.do("end")

    def wait_for(self, command: str, pattern: str, timeout: float = 40) -> str:
        """Repeat a command until what it prints matches."""
        deadline = time.monotonic() + timeout
        while not re.search(pattern, printed := self.do(command)):
            assert time.monotonic() < deadline, f"{command} does not print {pattern!r}:\n{printed}\n{self.log}"
            time.sleep(0.1)
        return printed

    def wait_for_log(self, pattern: str, timeout: float = 40) -> None:
        """Wait until a syslog line matches."""
        deadline = time.monotonic() + timeout
        while not re.search(pattern, self.log):
            assert time.monotonic() < deadline, f"no log line {pattern!r}:\n{self.log}"
            time.sleep(0.1)

    def _read(self) -> str:
        """What is printed up to the next prompt."""
        received = b""
        while True:
            data = self._connection.recv(65536)
            assert data, "the line was closed"
            received += data
            text = re.sub(rb"\xff[\xfb-\xfe].", b"", received).decode(errors="replace").replace("\r", "")
            if _PROMPT.search(text):
                return text


@contextmanager
def running_router(namespace: str, folder: Path, config: str, *options: str) -> Iterator[Router]:
    """A router with a configuration, which may end in anything but `end`; `options` bind its interfaces."""
    folder.mkdir(parents=True, exist_ok=True)
    file, log = folder / "router.cfg", folder / "router.log"
    file.write_text(config + LINES)
    telnet = f"--telnet=127.0.0.1:{TELNET_PORT}"
    with router_process(namespace, file, telnet, f"--nvram={folder / 'nvram'}", *options, log=log) as process:
        connection = connect_to(namespace, log)
        try:
            yield Router(connection, log, process.pid)
        finally:
            connection.close()


def connect_to(namespace: str, log: Path) -> socket.socket:
    deadline = time.monotonic() + 20
    while True:
        connection = socket_in(namespace)
        connection.settimeout(20)
        try:
            connection.connect(("127.0.0.1", TELNET_PORT))
        except ConnectionRefusedError:
            connection.close()
            assert time.monotonic() < deadline, f"the router does not listen:\n{log.read_text()}"
            time.sleep(0.1)
        else:
            return connection


def socket_in(namespace: str, *arguments: int) -> socket.socket:
    """A socket of another network namespace, TCP unless told otherwise. A socket stays in the one that its thread was
    in when it was made."""
    made: list[socket.socket] = []

    def make() -> None:
        library = ctypes.CDLL(None, use_errno=True)
        descriptor = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
        try:
            if library.setns(descriptor, _CLONE_NEWNET) == 0:
                made.append(socket.socket(*arguments))
        finally:
            os.close(descriptor)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert made, f"cannot enter the namespace {namespace}"
    return made[0]


def address_of_device(namespace: str, device: str, address: str) -> None:
    """Give a device that the router makes an address such as 192.0.2.2/24, once it is there."""
    deadline = time.monotonic() + 60
    while run("ip", "link", "show", device, namespace=namespace).returncode != 0:
        assert time.monotonic() < deadline, f"no device {device}"
        time.sleep(0.05)
    check("ip", "address", "replace", address, "dev", device, namespace=namespace)
    check("ip", "link", "set", device, "up", namespace=namespace)

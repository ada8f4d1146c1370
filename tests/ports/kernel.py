"""A network namespace of one thread: ports and the kernel's host meet inside it."""

from __future__ import annotations

import asyncio
import ctypes
import subprocess
import threading
from collections.abc import Awaitable, Callable

from tests.requirements import require

_CLONE_NEWNET = 0x40000000


def in_namespace(body: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine function in a namespace that ends with it; needs root."""
    require("root", "ip", "/dev/net/tun")
    failures: list[BaseException] = []

    def work() -> None:
        try:
            if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "unshare")
            ip("link set lo up")
            asyncio.run(asyncio.wait_for(body(), 30))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def ip(arguments: str) -> None:
    """Run ip(8) in the namespace of this thread."""
    subprocess.run(["ip", *arguments.split()], check=True, capture_output=True)


async def until(condition: Callable[[], bool]) -> None:
    """Let the event loop work until something is so."""
    while not condition():
        await asyncio.sleep(0.01)

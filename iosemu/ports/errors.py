"""The error of this room, and what to say about what the host refuses."""

from __future__ import annotations

import errno
import os
import sys


class PortError(Exception):
    """A port cannot be opened; the text says what to do about it."""


def refusal(spec: str, error: Exception, capability: str) -> PortError:
    """What became of opening a device: the reason, and where a right is missing every way to it."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None and error.args and isinstance(error.args[0], int):
        number = error.args[0]
    if str(error) == "no interface with this name":
        # What `if_nametoindex` says, without a number.
        number = errno.ENODEV
    reason = os.strerror(number) if number else str(error)
    return PortError(f"{spec}: {reason}; {_advice(number, capability)}" if number in _KNOWN else f"{spec}: {reason}")


_KNOWN = (errno.EPERM, errno.EACCES, errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EBUSY, errno.EINVAL)


def _advice(number: int | None, capability: str) -> str:
    if number in (errno.EPERM, errno.EACCES):
        python = os.path.realpath(sys.executable)
        device = " --device /dev/net/tun" if capability == "CAP_NET_ADMIN" else ""
        return (
            f"this needs {capability}. One of these gives it: run as root; run inside `unshare -Urn`, a network "
            f"namespace of your own; `sudo setcap {capability.lower()}+ep {python}`; for a container "
            f"`--cap-add {capability.removeprefix('CAP_')}{device}`"
        )
    if number == errno.ENOENT:
        return "the host has no /dev/net/tun: `sudo modprobe tun`; for a container `--device /dev/net/tun`"
    if number == errno.EBUSY:
        return "another process has it open"
    if number == errno.EINVAL:
        return "a device of this name but of another kind exists, or the name is longer than 15 characters"
    return "there is no such network card; `ip link` lists those there are"

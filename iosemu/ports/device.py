"""Devices of the Linux kernel: TUN (packets), TAP (frames), and raw NICs."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any

from iosemu.ports.errors import PortError
from iosemu.router.clock import Clock

ETH_P_ALL = 3
LARGEST = 65535
ADVICE = (
    "it needs CAP_NET_ADMIN: run as root, inside `unshare -Urn`, give python the capability with `setcap`, "
    "or add it to the container"
)


class DevicePort:
    """Anything with a file descriptor that yields one frame per read."""

    carrier = True

    def __init__(self, clock: Clock, device: Any, framing: str) -> None:
        self._clock = clock
        self._device = device
        self.framing = framing
        self._receive: Callable[[bytes], None] | None = None
        self._loop = asyncio.get_running_loop()
        os.set_blocking(device.fileno(), False)
        self._loop.add_reader(device.fileno(), self._readable)

    def connect(self, receive: Callable[[bytes], None], carrier_changed: Callable[[], None]) -> None:
        self._receive = receive

    def send(self, frame: bytes) -> None:
        try:
            os.write(self._device.fileno(), frame)
        except OSError:
            return  # the queue is full or the device is down: lost, as on a wire

    def close(self) -> None:
        self._loop.remove_reader(self._device.fileno())
        self._device.close()

    def _readable(self) -> None:
        while True:
            try:
                frame = os.read(self._device.fileno(), LARGEST)
            except OSError:
                return
            self._clock.call_later(0, lambda frame=frame: self._deliver(frame))  # type: ignore[misc]

    def _deliver(self, frame: bytes) -> None:
        if self._receive is not None:
            self._receive(frame)


def open_tuntap(clock: Clock, kind: str, name: str) -> DevicePort:
    """A `tun` or `tap` device of a name, up and without the extra header."""
    try:
        import pytun
    except ImportError:
        raise PortError(f"{kind}:{name}: the package python-pytun is missing; it exists for Linux only") from None
    flags = (pytun.IFF_TUN if kind == "tun" else pytun.IFF_TAP) | pytun.IFF_NO_PI
    try:
        device = pytun.TunTapDevice(name=name, flags=flags)
        device.up()
    except (pytun.Error, OSError) as error:
        raise PortError(f"{kind}:{name}: {_reason(error)}; {ADVICE}") from error
    return DevicePort(clock, device, "ip" if kind == "tun" else "ethernet")


def open_raw(clock: Clock, name: str) -> DevicePort:
    """All frames of a network card."""
    if not hasattr(socket, "AF_PACKET"):
        raise PortError(f"raw:{name}: raw NICs exist on Linux only")
    try:
        device = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        device.bind((name, ETH_P_ALL))
    except OSError as error:
        raise PortError(f"raw:{name}: {_reason(error)}; {ADVICE.replace('NET_ADMIN', 'NET_RAW')}") from error
    return DevicePort(clock, device, "ethernet")


def _reason(error: Exception) -> str:
    return str(error.args[-1]) if error.args else type(error).__name__

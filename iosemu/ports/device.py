"""A device of the Linux kernel as a port: TUN (packets), TAP (frames), raw NIC (frames)."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from iosemu.ports.link_watch import LinkWatch
from iosemu.ports.offload import HEADER, PLAIN, finished
from iosemu.router.port import Port
from iosemu.wire.errors import WireError

LARGEST = HEADER.size + 18 + 65535
# So many frames at a time, then others get their turn.
BATCH = 64
MAXIMUM_QUEUES = 16


class Device(Protocol):
    """What `DevicePort` needs of a device that is open. Each read and write is one frame behind an offload header."""

    name: str
    framing: str

    def fileno(self) -> int:
        """The descriptor, which does not block."""

    def resize(self, mtu: int) -> None:
        """Follow the router's MTU where the device is ours."""

    def overruns(self) -> int:
        """Frames that the kernel has dropped because the queue towards us was full."""

    def exists(self) -> bool:
        """Asked when it has gone out of sight: whether it still works, in another network namespace."""

    def queue(self) -> Device:
        """Another descriptor of the same device, which from now on gets its share of the flows that come in; raises
        PortError."""

    def close(self) -> None:
        """Give it back."""


def queues() -> int:
    """How many descriptors each device has while a fast path reads it: IOSEMU_WORKERS, or one."""
    text = os.environ.get("IOSEMU_WORKERS", "")
    return min(max(int(text), 1), MAXIMUM_QUEUES) if text.isdecimal() else 1


@dataclass(slots=True)
class Losses:
    """Frames that a port could not pass on, by reason."""

    full: int = 0
    oversized: int = 0
    down: int = 0
    malformed: int = 0


class DevicePort(Port):
    """Reads in batches as the event loop finds the device readable. It survives the removal of its device."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.losses = Losses()
        self.framing_offset = 14 if device.framing == "ethernet" else 0
        self._receive: Callable[[bytes], None] | None = None
        self._carrier_changed: Callable[[], None] | None = None
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._release: Callable[[], None] | None = None
        self._watch = LinkWatch(device.name, self._changed)
        self._loop.add_reader(device.fileno(), self._readable)

    @property
    def framing(self) -> str:
        """As the device has it."""
        return self.device.framing

    @property
    def carrier(self) -> bool:
        """Whether the host's end is up and running; one that was moved out of sight is taken to be."""
        return self._open and (self._watch.up or self._watch.gone)

    def connect(self, receive: Callable[[bytes], None], carrier_changed: Callable[[], None]) -> None:
        self._receive, self._carrier_changed = receive, carrier_changed

    def send(self, frame: bytes) -> bool:
        if not self._open:
            self.losses.down += 1
            return False
        try:
            os.write(self.device.fileno(), PLAIN + frame)
        except OSError as error:
            self._count(error.errno)
            return False
        return True

    def resize(self, mtu: int) -> None:
        if self._open:
            self.device.resize(mtu)

    def overruns(self) -> int:
        return self.device.overruns() if self._open else 0

    def hand_over(self, release: Callable[[], None]) -> None:
        """Let somebody else read the device, until `release` is called: when they give it back, or it is closed."""
        self._release = release
        self._loop.remove_reader(self.device.fileno())

    def take_back(self) -> None:
        """Read the device again."""
        if self._open and self._release is not None:
            self._release()
            self._release = None
            self._loop.add_reader(self.device.fileno(), self._readable)

    @property
    def is_open(self) -> bool:
        """Whether there is a device still."""
        return self._open

    def close(self) -> None:
        if self._open:
            self._open = False
            if self._release is not None:
                self._release()
            self._loop.remove_reader(self.device.fileno())
            self._watch.close()
            self.device.close()

    def _count(self, number: int | None) -> None:
        if number in (errno.EAGAIN, errno.ENOBUFS):
            self.losses.full += 1
        elif number in (errno.EMSGSIZE, errno.EINVAL):
            self.losses.oversized += 1
        else:
            self.losses.down += 1

    def _readable(self) -> None:
        for _ in range(BATCH):
            if not self._open:
                return
            try:
                data = os.read(self.device.fileno(), LARGEST)
            except BlockingIOError:
                return
            except OSError as error:
                self.failed(error)
                return
            self.deliver(data)

    def failed(self, error: OSError) -> None:
        """A read failed. A NIC that goes down says so once; a device that is gone says so at each read."""
        if error.errno != errno.ENETDOWN:
            self._vanished()

    def deliver(self, data: bytes) -> None:
        """Hand up what was read: the frames, once the host's part of the work on them is done."""
        try:
            frames = finished(data, self.framing_offset)
        except WireError:
            self.losses.malformed += 1
            frames = [b""]
        if self._receive is not None:
            for frame in frames:
                self._receive(frame)

    def _changed(self) -> None:
        if self._watch.gone and not self.device.exists():
            self._vanished()
        elif self._carrier_changed is not None:
            self._carrier_changed()

    def _vanished(self) -> None:
        """Somebody removed the device; the port stays, without carrier."""
        if self._open:
            self.close()
            if self._carrier_changed is not None:
                self._carrier_changed()

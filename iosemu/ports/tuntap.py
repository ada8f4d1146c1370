"""TUN and TAP devices, by pytun: without packet information, with an offload header in front of each frame."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

from iosemu.ports.device import queues
from iosemu.ports.errors import PortError, refusal

CAPABILITY = "CAP_NET_ADMIN"
# What the kernel may leave to us, from linux/if_tun.h: checksums, and TCP data of many segments.
TUNSETOFFLOAD = 0x400454D0
CHECKSUM, TCP4, TCP6 = 1, 2, 4
TUNGETIFF = 0x800454D2
# A struct ifreq.
REQUEST_OCTETS = 40


class TunTap:
    """An open device. It is made by being opened unless it is there already, and goes when it is closed."""

    def __init__(self, kind: str, name: str) -> None:
        try:
            import pytun
        except ImportError:
            raise PortError(f"{kind}:{name}: the package python-pytun is missing; it exists for Linux only") from None
        self.framing = "ip" if kind == "tun" else "ethernet"
        flags = (pytun.IFF_TUN if kind == "tun" else pytun.IFF_TAP) | pytun.IFF_NO_PI | pytun.IFF_VNET_HDR
        # A device has this for its whole life, or not at all.
        flags |= pytun.IFF_MULTI_QUEUE if queues() > 1 else 0
        device: Any = None
        try:
            device = pytun.TunTapDevice(name=name, flags=flags)
            fcntl.ioctl(device.fileno(), TUNSETOFFLOAD, CHECKSUM | TCP4 | TCP6)
            device.up()
            os.set_blocking(device.fileno(), False)
        except (pytun.Error, OSError) as error:
            if device is not None:
                device.close()
            raise refusal(f"{kind}:{name}", error, CAPABILITY) from error
        self._device, self._kind = device, kind
        self._error = pytun.Error
        self.name: str = device.name

    def fileno(self) -> int:
        """The descriptor."""
        return int(self._device.fileno())

    def queue(self) -> TunTap:
        """The kernel spreads what it sends over all who have a device open."""
        return TunTap(self._kind, self.name)

    def resize(self, mtu: int) -> None:
        """Give the host's end the router's MTU."""
        try:
            self._device.mtu = mtu
        except (self._error, OSError):
            return  # taken away, or a device that somebody with more rights has made

    def overruns(self) -> int:
        """What the host wanted to send while the queue was full."""
        try:
            return int(Path(f"/sys/class/net/{self.name}/statistics/tx_dropped").read_text())
        except (OSError, ValueError):
            return 0

    def exists(self) -> bool:
        """The descriptor knows, wherever the device has gone."""
        try:
            fcntl.ioctl(self.fileno(), TUNGETIFF, bytes(REQUEST_OCTETS))
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Give it back."""
        self._device.close()

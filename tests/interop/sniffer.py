"""Frames that pass a device of another network namespace, as a test sees them; for tshark they go into a file."""

from __future__ import annotations

import socket
import struct
import time
from pathlib import Path

from iosemu.ports.pcapng import PcapngWriter
from tests.interop.router import socket_in

IPV4 = b"\x08\x00"
_ETH_P_ALL = 3
# Beyond the host's limit, which only root may exceed.
_RECEIVE_BUFFER_FORCE = 33


class Sniffer:
    """Listens from its making on."""

    def __init__(self, namespace: str, device: str) -> None:
        self._socket = socket_in(namespace, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, _RECEIVE_BUFFER_FORCE, 32 << 20)
        self._socket.bind((device, _ETH_P_ALL))
        self._socket.setblocking(False)
        self.frames()

    def frames(self) -> list[bytes]:
        """What has passed since the last call, in both directions."""
        found = []
        while True:
            try:
                found.append(self._socket.recv(65536))
            except BlockingIOError:
                return found

    def packets(self, patience: float = 0.2) -> list[bytes]:
        """The IPv4 packets of those frames, when nothing more has come for a moment."""
        found: list[bytes] = []
        while fresh := self.frames():
            found += fresh
            time.sleep(patience)
        return [frame[14 : 14 + struct.unpack_from("!H", frame, 16)[0]] for frame in found if frame[12:14] == IPV4]

    def close(self) -> None:
        """Listen no longer."""
        self._socket.close()


def save(packets: list[bytes], path: Path) -> Path:
    """A capture of packets."""
    writer = PcapngWriter(path, "test", 0.0)
    for number, packet in enumerate(packets):
        writer.write(float(number), bytes(12) + IPV4 + packet)
    writer.close()
    return path

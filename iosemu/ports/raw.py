"""A network card of the host, by a packet socket (packet(7)): all that it hears, in promiscuous mode."""

from __future__ import annotations

import ctypes
import socket
import struct

from iosemu.ports.errors import PortError, refusal

CAPABILITY = "CAP_NET_RAW"
ETH_P_ALL = 3
# From linux/if_packet.h.
SOL_PACKET = 263
ADD_MEMBERSHIP, STATISTICS, VNET_HDR, FANOUT, IGNORE_OUTGOING = 1, 6, 15, 18, 23
FANOUT_UNIQUE = 0x2000
PROMISCUOUS = 1
RECEIVE_BUFFER = 8 << 20
# SO_RCVBUFFORCE: as large as asked for, whatever the host's limit.
RECEIVE_BUFFER_FORCE = 33
ATTACH_FILTER, DETACH_FILTER = 26, 27
# A filter of one instruction (struct sock_filter): take nothing.
_NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))


class RawNic:
    """An open packet socket. The card's MAC address stays its own: the router has one besides it."""

    framing = "ethernet"

    def __init__(self, name: str, deaf: bool = False) -> None:
        """Open a card's socket; one that is deaf hears nothing before it has joined others."""
        if not hasattr(socket, "AF_PACKET"):
            raise PortError(f"raw:{name}: raw NICs exist on Linux only")
        self.name = name
        self._dropped = 0
        # The number of the sockets that share; they always are two or more, and it is never 0.
        self._group = 0
        opened: socket.socket | None = None
        try:
            index = socket.if_nametoindex(name)
            # Nothing is heard until it is bound: no frame of another card, nor one without an offload header.
            opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            opened.setsockopt(SOL_PACKET, VNET_HDR, 1)
            opened.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
            opened.setsockopt(SOL_PACKET, ADD_MEMBERSHIP, struct.pack("iHH8s", index, PROMISCUOUS, 0, b""))
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            opened.setblocking(False)
            if deaf:
                opened.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(_NOTHING)))
            opened.bind((name, ETH_P_ALL))
        except OSError as error:
            if opened is not None:
                opened.close()
            raise refusal(f"raw:{name}", error, CAPABILITY) from error
        self._socket = opened
        try:
            opened.setsockopt(socket.SOL_SOCKET, RECEIVE_BUFFER_FORCE, RECEIVE_BUFFER)
        except OSError:
            return  # the host's limit will do

    def fileno(self) -> int:
        """The descriptor."""
        return self._socket.fileno()

    def queue(self) -> RawNic:
        """Sockets that share what comes in (packet(7), PACKET_FANOUT), by a hash of the flow."""
        other = RawNic(self.name, deaf=True)
        try:
            if not self._group:
                self._socket.setsockopt(SOL_PACKET, FANOUT, FANOUT_UNIQUE << 16)
                self._group = self._socket.getsockopt(SOL_PACKET, FANOUT) & 0xFFFF
            other._socket.setsockopt(SOL_PACKET, FANOUT, self._group)
            other._socket.setsockopt(socket.SOL_SOCKET, DETACH_FILTER, 0)
        except OSError as error:
            other.close()
            raise refusal(f"raw:{self.name}", error, CAPABILITY) from error
        return other

    def resize(self, mtu: int) -> None:
        """The card's MTU is the host's affair."""

    def overruns(self) -> int:
        """What came while the socket's buffer was full; the kernel counts from one question to the next."""
        try:
            _, dropped = struct.unpack("II", self._socket.getsockopt(SOL_PACKET, STATISTICS, 8))
        except OSError:
            return self._dropped
        self._dropped += dropped
        return self._dropped

    def exists(self) -> bool:
        """A card that leaves the namespace is gone for the socket."""
        return False

    def close(self) -> None:
        """Give it back; the promiscuous mode ends by that."""
        self._socket.close()

"""System messages and debug lines of NHRP."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.engines.common import Event
from iosemu.engines.nhrp.events import (
    ClientDown,
    ClientUp,
    Dropped,
    ErrorReceived,
    Exchanged,
    RegistrationRefused,
    ResolutionFailed,
    ServerDown,
    ServerUp,
)
from iosemu.features.nhrp.config import Nhrp
from iosemu.router.interfaces import Interface
from iosemu.router.router import Router
from iosemu.wire.nhrp import ErrorCode
from iosemu.wire.nhrp_parts import Code

DEBUG, DEBUG_PACKET = "nhrp", "nhrp packet"
CODES: dict[int, str] = {
    Code.ADMINISTRATIVELY_PROHIBITED: "administratively prohibited",
    Code.INSUFFICIENT_RESOURCES: "insufficient resources",
    Code.NO_BINDING: "no binding exists",
    Code.NOT_UNIQUE: "binding is not unique",
    Code.ALREADY_REGISTERED: "unique address registered already",
}
ERRORS: dict[int, str] = {
    ErrorCode.UNRECOGNIZED_EXTENSION: "unrecognized extension",
    ErrorCode.LOOP_DETECTED: "loop detected",
    ErrorCode.PROTOCOL_ADDRESS_UNREACHABLE: "protocol address unreachable",
    ErrorCode.PROTOCOL_ERROR: "protocol error",
    ErrorCode.AUTHENTICATION_FAILURE: "authentication failure",
    ErrorCode.HOP_COUNT_EXCEEDED: "hop count exceeded",
}


class Narrator:
    """Tells of the events of one interface's station."""

    def __init__(self, router: Router, interface: Interface) -> None:
        self._router = router
        self._interface = interface

    def tell(self, event: Event, address: IPv4Address, nbma: IPv4Address) -> None:
        """Print what is to be known of an event; the addresses are our own."""
        log, emit = self._router.syslog.log, self._router.debugging.emit
        name = self._interface.name
        if isinstance(event, RegistrationRefused):
            text = f"{CODES.get(event.code, 'error')}({event.code})"
            log("NHRP", 3, "PAKREPLY", f"Receive Registration Reply packet with error - {text}")
        elif isinstance(event, ErrorReceived):
            text = f"code: {ERRORS.get(event.code, 'unknown')}({event.code})"
            log("NHRP", 3, "PAKERROR", f"Receive Error Indication from {event.reporter}, {text} - ({name})")
        elif isinstance(event, ServerUp | ServerDown | ClientUp | ClientDown):
            self._tell_of_peer(event, f"(Tunnel: {address} NBMA: {nbma})")
        elif isinstance(event, Dropped):
            emit(DEBUG, f"NHRP: Dropped packet from {event.nbma} on {name}: {event.reason}")
        elif isinstance(event, ResolutionFailed):
            emit(DEBUG, f"NHRP: No reply to the resolution request for {event.target} on {name}")
        elif isinstance(event, Exchanged) and self._router.debugging.active & {DEBUG, DEBUG_PACKET}:
            self._tell_of_packet(event)

    def _tell_of_peer(self, event: ServerUp | ServerDown | ClientUp | ClientDown, own: str) -> None:
        if not self._router.model.block(Nhrp).logging:
            return
        up = isinstance(event, ServerUp | ClientUp)
        server = isinstance(event, ServerUp | ServerDown)
        kind, role = ("NHS", "Server") if server else ("NHC", "Client")
        address = event.server if isinstance(event, ServerUp | ServerDown) else event.client
        word = "UP" if up else "DOWN"
        peer = f"(Tunnel: {address} NBMA: {event.nbma})"
        text = f"{self._interface.name}: Next Hop {role} : {peer} for {own} is {word}"
        self._router.syslog.log("DMVPN", 5 if up else 3, f"NHRP_{kind}_{word}", text)

    def _tell_of_packet(self, event: Exchanged) -> None:
        packet = event.packet
        name = packet.operation.name.replace("_", " ").title()
        verb = "Send" if event.sent else "Receive"
        where = f"via {self._interface.name} vrf {self._interface.vrf or 'global'}"
        lines = [
            f"NHRP: {verb} {name} {where}, packet size: {len(packet.pack())}",
            f" src: {packet.source}, dst: {packet.destination}",
            f" (M) src NBMA: {packet.nbma}, {'to' if event.sent else 'from'} NBMA: {event.nbma}",
        ]
        flag = DEBUG_PACKET if DEBUG_PACKET in self._router.debugging.active else DEBUG
        for line in lines:
            self._router.debugging.emit(flag, line)

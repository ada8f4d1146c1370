"""NAT detection and UDP encapsulation (RFC 3947, RFC 3948)."""

from __future__ import annotations

from enum import Enum

from iosemu.engines.common import Datagram, Endpoint
from iosemu.engines.ike.sa import IsakmpSa

NAT_PORT = 4500
# In front of an IKE message on port 4500, where ESP has its SPI (RFC 3948 section 2.2).
NON_ESP_MARKER = bytes(4)
KEEPALIVE = b"\xff"


class Kind(Enum):
    """What a datagram on port 4500 carries."""

    IKE = "an IKE message"
    ESP = "an ESP packet"
    KEEPALIVE = "nothing: it keeps the NAT's entry alive"


def kind_of(data: bytes) -> Kind:
    """What a datagram on port 4500 carries (RFC 3948 section 2)."""
    if data == KEEPALIVE:
        return Kind.KEEPALIVE
    return Kind.IKE if data[:4] == NON_ESP_MARKER else Kind.ESP


def wrap(datagram: Datagram) -> bytes:
    """The payload of a datagram of the speaker: on port 4500 an IKE message has the marker in front."""
    if datagram.source.port != NAT_PORT or datagram.data == KEEPALIVE:
        return datagram.data
    return NON_ESP_MARKER + datagram.data


def detection(sa: IsakmpSa, end: Endpoint) -> bytes:
    """The body of NAT-D for an address and port (RFC 3947 section 3.2)."""
    return sa.hash.digest(sa.cookies + end.address.packed + end.port.to_bytes(2, "big"))


def detect(sa: IsakmpSa, bodies: list[bytes], local: Endpoint, remote: Endpoint) -> None:
    """Compare a peer's NAT-D payloads, our address as it sees it first, with the addresses that we see."""
    if len(bodies) >= 2:
        sa.behind_nat = bodies[0] != detection(sa, local)
        sa.peer_behind_nat = detection(sa, remote) not in bodies[1:]

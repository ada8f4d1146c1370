"""What the log says of packets that were refused on their way in."""

from __future__ import annotations

from iosemu.engines.esp.verdict import (
    ADDRESSES_DIFFER,
    BAD_ICV,
    NOT_IPSEC,
    REPLAYED,
    UNKNOWN_SPI,
    WRONG_SELECTORS,
    Verdict,
    ends_of,
    esp_offset,
    flow_of,
)
from iosemu.router.syslog import Syslog
from iosemu.wire.ipv4 import ESP
from iosemu.wire.udp import HEADER_LENGTH as UDP_HEADER

# Each kind of message at most this often (seconds), as IOS limits them.
LOG_INTERVAL = 60.0


class RefusalLog:
    """Tells each reason at most once per LOG_INTERVAL."""

    def __init__(self, syslog: Syslog) -> None:
        self._syslog = syslog
        self._told_at: dict[str, float] = {}

    def tell(self, packet: bytes, verdict: Verdict, now: float) -> None:
        """Log why a packet was refused, unless that has been said lately."""
        message = _message(packet, verdict)
        if message is None:
            return
        mnemonic, text = message
        if now >= self._told_at.get(mnemonic, -LOG_INTERVAL) + LOG_INTERVAL:
            self._told_at[mnemonic] = now
            self._syslog.log("CRYPTO", 4, mnemonic, text)


def _message(packet: bytes, verdict: Verdict) -> tuple[str, str] | None:
    """Mnemonic and text for the reason of a verdict; None for one that is not worth a message."""
    source, destination = (str(end).upper() for end in ends_of(packet))
    protocol, offset = flow_of(packet)[0], esp_offset(packet)
    if offset < 0:
        offset = (packet[0] & 0x0F) * 4 + UDP_HEADER
    if verdict.reason == NOT_IPSEC:
        text = f"Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /{destination}, src_addr= {source},"
        return "RECVD_PKT_NOT_IPSEC", f"{text} prot= {protocol}"
    if verdict.reason == UNKNOWN_SPI:
        spi = int.from_bytes(packet[offset : offset + 4], "big")
        text = f"decaps: rec'd IPSEC packet has invalid spi for destaddr={destination}, prot={ESP},"
        return "RECVD_PKT_INV_SPI", f"{text} spi=0x{spi:X}({spi}), srcaddr={source}"
    if verdict.reason in (ADDRESSES_DIFFER, WRONG_SELECTORS):
        text = f"identity doesn't match negotiated identity (ip) dest_addr= {destination}, src_addr= {source},"
        return "RECVD_PKT_INV_IDENTITY", f"{text} prot= {protocol}"
    if verdict.reason == BAD_ICV:
        return "RECVD_PKT_MAC_ERR", f"decrypt: mac verify failed for connection id={verdict.connection_id}"
    if verdict.reason == REPLAYED:
        sequence = int.from_bytes(packet[offset + 4 : offset + 8], "big")
        text = f"decrypt: replay check failed connection id={verdict.connection_id}, sequence number={sequence}"
        return "PKT_REPLAY_ERR", text
    return None

"""Following the exchanges of a capture: decrypting with the keys at hand, learning those that are handed out, and
verifying every hash, signature and integrity check value."""

from __future__ import annotations

from iosemu.crypto.errors import CryptoError
from iosemu.decode.esp import explain_esp
from iosemu.decode.explain import explain_payload, name_of
from iosemu.decode.group_keys import GroupKeyReader
from iosemu.decode.keys import Keys
from iosemu.decode.later import LaterReader
from iosemu.decode.phase1 import Phase1Reader
from iosemu.decode.record import Record
from iosemu.engines.common import Endpoint
from iosemu.engines.ike import nat
from iosemu.engines.ike.fragmentation import Reassembly
from iosemu.ports.pcapng import LINKTYPE_ETHERNET, CapturedFrame
from iosemu.router.reassembly import Reassembler
from iosemu.wire.errors import WireError
from iosemu.wire.ethernet import HEADER_LENGTH, IPV4, IPV6
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.ipv4 import ESP, UDP, Packet
from iosemu.wire.ipv6 import Packet6
from iosemu.wire.isakmp import ISAKMP_PORT, Doi, ExchangeType, Header, Payload, PayloadType, parse_chain
from iosemu.wire.udp import UdpDatagram


class Decoder:
    """Feed frames in the order of the capture."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._phase1 = Phase1Reader(keys)
        self._group_keys = GroupKeyReader(keys)
        self._later = LaterReader(keys, self._group_keys)
        self._reassembly = Reassembly()
        self._pieces = Reassembler()
        self._seen: set[bytes] = set()

    def decode(self, number: int, frame: CapturedFrame) -> Record | None:
        """Explain a frame; None for one that carries none of our protocols."""
        data = frame.data
        if frame.linktype == LINKTYPE_ETHERNET:
            if data[12:HEADER_LENGTH] not in (IPV4, IPV6):
                return None
            data = data[HEADER_LENGTH:]
        try:
            if data[:1] and data[0] >> 4 == 6:
                return self._six(number, frame.timestamp, Packet6.parse(data))
            packet = Packet.parse(data)
        except WireError:
            return None
        record = Record(number, frame.timestamp, str(packet.source), str(packet.destination), "")
        if packet.protocol == ESP:
            explain_esp(record, packet.payload, self._keys)
            return record
        if packet.protocol != UDP or packet.fragment_offset:
            return None
        try:
            datagram = UdpDatagram.parse(packet.payload, packet.source, packet.destination, unfinished=True)
        except WireError:
            return None
        ports = {datagram.source_port, datagram.destination_port}
        source = Endpoint(packet.source, datagram.source_port)
        if ports & {ISAKMP_PORT, GDOI_PORT}:
            self._isakmp(record, datagram.payload, GDOI_PORT in ports, source)
        elif nat.NAT_PORT in ports:
            self._behind_nat(record, datagram.payload, source)
        else:
            return None
        return record

    def _six(self, number: int, timestamp: float, packet: Packet6) -> Record | None:
        """Keys come by IPv4; what they protect may be IPv6. Pieces of ESP are put together first."""
        whole = self._pieces.add6(packet, timestamp) if packet.protocol == ESP else None
        if whole is None:
            return None
        record = Record(number, timestamp, str(packet.source), str(packet.destination), "")
        explain_esp(record, whole.payload, self._keys)
        return record

    def _behind_nat(self, record: Record, data: bytes, source: Endpoint) -> None:
        """What port 4500 carries (RFC 3948 section 2)."""
        kind = nat.kind_of(data)
        if kind is nat.Kind.KEEPALIVE:
            record.title = "NAT keepalive"
        elif kind is nat.Kind.ESP:
            explain_esp(record, data, self._keys)
        else:
            message = data[len(nat.NON_ESP_MARKER) :]
            offer = self._phase1.of(message[:8]).offer
            self._isakmp(record, message, int.from_bytes(offer[:4], "big") == Doi.GDOI, source)

    # ISAKMP

    def _isakmp(self, record: Record, data: bytes, gdoi: bool, source: Endpoint) -> None:
        """A message; `gdoi` decides between GROUPKEY-PULL and quick mode, which share a number."""
        try:
            header = Header.parse(data)
        except WireError as error:
            record.title = f"ISAKMP, malformed: {error}"
            record.checks["ISAKMP header"] = False
            return
        if header.next_payload == PayloadType.FRAGMENT:
            self._fragment(record, header, data, gdoi, source)
            return
        quick = header.exchange == ExchangeType.QUICK_MODE and not gdoi
        group = header.exchange in (ExchangeType.GROUPKEY_PULL, ExchangeType.GROUPKEY_PUSH) and not quick
        record.title = f"ISAKMP {'QUICK_MODE' if quick else name_of(ExchangeType, header.exchange)}"
        cookies = f"cookies {header.initiator_cookie.hex()} {header.responder_cookie.hex()}"
        record.lines.append(f"{cookies}, message ID {header.message_id:08x}, flags {header.flags}")
        if data in self._seen:
            record.lines.append("retransmission")
            return
        try:
            opened = self._open(record, header, data, quick)
        except (WireError, CryptoError) as error:
            record.lines.append(f"not decrypted: {error}")
            record.checks["decryption"] = False
            return
        self._seen.add(data)
        if opened is None:
            record.lines.append("encrypted; no key")
            return
        record.payloads = opened
        for payload in opened:
            record.lines += explain_payload(payload, group, self._keys.profile)

    def _fragment(self, record: Record, header: Header, data: bytes, gdoi: bool, source: Endpoint) -> None:
        """A part of a message; the last one that was missing brings the whole."""
        try:
            whole = self._reassembly.add(source, header, data)
        except WireError as error:
            record.title = f"ISAKMP, malformed: {error}"
            record.checks["ISAKMP fragment"] = False
            return
        record.title = "ISAKMP fragment"
        if whole is not None:
            record.lines.append(f"fragment of {len(data)} octets, the last that was missing")
            self._isakmp(record, whole, gdoi, source)

    def _open(self, record: Record, header: Header, data: bytes, quick: bool) -> tuple[Payload, ...] | None:
        if not header.encrypted:
            payloads = parse_chain(header.next_payload, data[28:])[0]
            if header.exchange == ExchangeType.GROUPKEY_PUSH_ACK:
                self._group_keys.acknowledgement(record, header, data)
            elif header.exchange in (ExchangeType.MAIN_MODE, ExchangeType.AGGRESSIVE):
                self._phase1.clear(record, header, payloads)
            return payloads
        if header.exchange == ExchangeType.GROUPKEY_PUSH:
            return self._group_keys.push(record, header, data)
        keys = self._keys.isakmp.get(header.cookies)
        if keys is None:
            return None
        if header.exchange in (ExchangeType.MAIN_MODE, ExchangeType.AGGRESSIVE):
            return self._phase1.encrypted(record, header, data, keys)
        last_block = self._phase1.of(header.initiator_cookie).iv or keys.iv
        return self._later.open(record, header, data, keys, last_block, quick)

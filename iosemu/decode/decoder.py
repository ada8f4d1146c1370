"""Following the exchanges of a capture: decrypting with the keys at hand, learning those that are handed out, and
verifying every hash, signature and integrity check value."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.esp_ciphers import esp_cipher
from iosemu.crypto.esp_transforms import EspTransform
from iosemu.crypto.ike_keys import phase2_iv
from iosemu.crypto.suites import HASHES, BlockCipher, HashAlgorithm, block_cipher
from iosemu.decode.explain import explain_payload, name_of
from iosemu.decode.keys import Keys
from iosemu.engines.gdoi import acknowledgement, push
from iosemu.engines.gdoi.download import read_download
from iosemu.engines.gdoi.keys import Kek, read_kek
from iosemu.engines.ike import nat
from iosemu.engines.keylog import IsakmpKeys, KekKeys
from iosemu.ports.pcapng import LINKTYPE_ETHERNET, CapturedFrame
from iosemu.wire.errors import WireError
from iosemu.wire.esp import NEXT_HEADER_IPV4, EspPacket, remove_trailer
from iosemu.wire.gdoi import GDOI_PORT, GroupSa, KeyDownload, KeyType, SaKek, parse_sequence
from iosemu.wire.ipv4 import ESP, UDP, Packet
from iosemu.wire.isakmp import (
    ISAKMP_PORT,
    Delete,
    Doi,
    ExchangeType,
    Header,
    Payload,
    PayloadType,
    find_payload,
    parse_chain,
)
from iosemu.wire.udp import UdpDatagram

FAR_FUTURE = 1e12


@dataclass(slots=True)
class Record:
    """One packet explained. `checks` maps what was verified to the result."""

    number: int
    timestamp: float
    source: str
    destination: str
    title: str
    lines: list[str] = field(default_factory=list)
    checks: dict[str, bool] = field(default_factory=dict)
    payloads: tuple[Payload, ...] = ()


@dataclass(slots=True)
class _Phase1:
    """What the hashes of phase 1 cover, by who sent it (True: the initiator)."""

    offer: bytes = b""
    public: dict[bool, bytes] = field(default_factory=dict)
    identity: dict[bool, bytes] = field(default_factory=dict)
    iv: bytes = b""


@dataclass(slots=True)
class _Exchange:
    """A later exchange: its CBC chain and nonces."""

    iv: bytes
    nonces: bytes = b""
    policy: GroupSa | None = None


class Decoder:
    """Feed frames in the order of the capture."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._phase1: dict[bytes, _Phase1] = {}
        self._exchanges: dict[tuple[bytes, int], _Exchange] = {}
        self._seen: set[bytes] = set()

    def decode(self, number: int, frame: CapturedFrame) -> Record | None:
        """Explain a frame; None for one that carries none of our protocols."""
        data = frame.data
        if frame.linktype == LINKTYPE_ETHERNET:
            if data[12:14] != b"\x08\x00":
                return None
            data = data[14:]
        try:
            packet = Packet.parse(data)
        except WireError:
            return None
        record = Record(number, frame.timestamp, str(packet.source), str(packet.destination), "")
        if packet.protocol == ESP:
            self._esp(record, packet.payload)
            return record
        if packet.protocol != UDP or packet.fragment_offset:
            return None
        try:
            datagram = UdpDatagram.parse(packet.payload, packet.source, packet.destination, unfinished=True)
        except WireError:
            return None
        ports = {datagram.source_port, datagram.destination_port}
        if ports & {ISAKMP_PORT, GDOI_PORT}:
            self._isakmp(record, datagram.payload, GDOI_PORT in ports)
        elif nat.NAT_PORT in ports:
            self._behind_nat(record, datagram.payload)
        else:
            return None
        return record

    def _behind_nat(self, record: Record, data: bytes) -> None:
        """What port 4500 carries (RFC 3948 section 2)."""
        kind = nat.kind_of(data)
        if kind is nat.Kind.KEEPALIVE:
            record.title = "NAT keepalive"
        elif kind is nat.Kind.ESP:
            self._esp(record, data)
        else:
            message = data[len(nat.NON_ESP_MARKER) :]
            offer = self._phase1.get(message[:8], _Phase1()).offer
            self._isakmp(record, message, int.from_bytes(offer[:4], "big") == Doi.GDOI)

    # ISAKMP

    def _isakmp(self, record: Record, data: bytes, gdoi: bool) -> None:
        """A message; `gdoi` decides between GROUPKEY-PULL and quick mode, which share a number."""
        try:
            header = Header.parse(data)
        except WireError as error:
            record.title = f"ISAKMP, malformed: {error}"
            record.checks["ISAKMP header"] = False
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

    def _open(self, record: Record, header: Header, data: bytes, quick: bool) -> tuple[Payload, ...] | None:
        if not header.encrypted:
            payloads = parse_chain(header.next_payload, data[28:])[0]
            if header.exchange == ExchangeType.GROUPKEY_PUSH_ACK:
                self._acknowledgement(record, header, data)
            elif header.exchange in (ExchangeType.MAIN_MODE, ExchangeType.AGGRESSIVE):
                self._clear_phase1(header, payloads, record)
            return payloads
        if header.exchange == ExchangeType.GROUPKEY_PUSH:
            return self._push(record, header, data)
        keys = self._keys.isakmp.get(header.cookies)
        if keys is None:
            return None
        if header.exchange in (ExchangeType.MAIN_MODE, ExchangeType.AGGRESSIVE):
            return self._encrypted_phase1(record, header, data, keys)
        return self._later_exchange(record, header, data, keys, quick)

    def _clear_phase1(self, header: Header, payloads: tuple[Payload, ...], record: Record) -> None:
        """Remember what the hashes cover. The responder's cookie is still unknown in the first message."""
        first = header.responder_cookie == bytes(8)
        state = self._phase1.setdefault(header.initiator_cookie, _Phase1())
        for payload in payloads:
            if payload.kind == PayloadType.SA and first:
                state.offer = payload.body
            elif payload.kind == PayloadType.KE:
                state.public[not state.public] = payload.body
            elif payload.kind == PayloadType.ID:
                state.identity[first] = payload.body
        digest = [payload.body for payload in payloads if payload.kind == PayloadType.HASH]
        keys = self._keys.isakmp.get(header.cookies)
        if digest and keys is not None:
            self._check_phase1_hash(record, keys, state, False, digest[0])

    def _encrypted_phase1(self, record: Record, header: Header, data: bytes, keys: IsakmpKeys) -> tuple[Payload, ...]:
        state = self._phase1.setdefault(header.initiator_cookie, _Phase1())
        plaintext = _cipher(keys).decrypt(keys.encryption_key, state.iv or keys.iv, data[28:])
        payloads, _ = parse_chain(header.next_payload, plaintext)
        state.iv = data[-_cipher(keys).block_size :]
        identities = [payload.body for payload in payloads if payload.kind == PayloadType.ID]
        # Main mode: the initiator's identity comes first. Aggressive mode: only its hash comes here.
        of_initiator = True not in state.identity or header.exchange == ExchangeType.AGGRESSIVE
        if identities:
            state.identity[of_initiator] = identities[0]
        digest = find_payload(payloads, PayloadType.HASH)
        self._check_phase1_hash(record, keys, state, of_initiator, digest)
        return payloads

    def _check_phase1_hash(
        self, record: Record, keys: IsakmpKeys, state: _Phase1, of_initiator: bool, digest: bytes
    ) -> None:
        if len(state.public) != 2 or not state.offer or of_initiator not in state.identity:
            return
        own, other = state.public[of_initiator], state.public[not of_initiator]
        cookies = keys.initiator_cookie, keys.responder_cookie
        ordered = b"".join(cookies if of_initiator else reversed(cookies))
        covered = own + other + ordered + state.offer + state.identity[of_initiator]
        name = "HASH_I" if of_initiator else "HASH_R"
        record.checks[name] = hmac.compare_digest(digest, _hash(keys).hmac(keys.skeyid, covered))

    def _later_exchange(
        self, record: Record, header: Header, data: bytes, keys: IsakmpKeys, quick: bool
    ) -> tuple[Payload, ...]:
        key = header.cookies, header.message_id
        exchange = self._exchanges.get(key)
        cipher = _cipher(keys)
        if exchange is None:
            state = self._phase1.get(header.initiator_cookie)
            last = state.iv if state and state.iv else keys.iv
            exchange = _Exchange(phase2_iv(_hash(keys), cipher, last, header.message_id))
        plaintext = cipher.decrypt(keys.encryption_key, exchange.iv, data[28:])
        payloads, length = parse_chain(header.next_payload, plaintext)
        digest = find_payload(payloads, PayloadType.HASH)
        covered = plaintext[4 + len(digest) : length]
        # HASH(3) of quick mode alone has an octet in front (RFC 2409 section 5.5).
        front = b"\x00" if quick and not covered else b""
        front += header.message_id.to_bytes(4, "big")
        expected = _hash(keys).hmac(keys.skeyid_a, front + exchange.nonces + covered)
        record.checks["HASH"] = hmac.compare_digest(digest, expected)
        exchange.iv = data[-cipher.block_size :]
        self._exchanges[key] = exchange
        if quick:
            exchange.nonces += b"".join(item.body for item in payloads if item.kind == PayloadType.NONCE)
        elif header.exchange == ExchangeType.GROUPKEY_PULL:
            self._pull(exchange, payloads)
        return payloads

    def _pull(self, exchange: _Exchange, payloads: tuple[Payload, ...]) -> None:
        for payload in payloads:
            if payload.kind == PayloadType.NONCE:
                exchange.nonces += payload.body
            elif payload.kind == PayloadType.SA:
                exchange.policy = GroupSa.parse(payload.body, self._keys.profile)
            elif payload.kind == PayloadType.KD and exchange.policy is not None:
                self._learn(exchange.policy, KeyDownload.parse(payload.body))

    # Group keys

    def _learn(self, policy: GroupSa, keys: KeyDownload) -> None:
        """Take the keys of a download. What a peer hands out incompletely is left out."""
        try:
            download = read_download(policy, keys, 0.0)
        except (WireError, CryptoError):
            self._learn_kek(policy.kek, keys)
            return
        if download.kek is not None:
            self._keys.add(download.kek.key_record())
        for tek in download.teks:
            self._keys.add(tek.key_record())

    def _learn_kek(self, sa: SaKek | None, keys: KeyDownload) -> None:
        for packet in keys.packets:
            if packet.kind == KeyType.KEK and sa is not None:
                try:
                    self._keys.add(read_kek(sa, packet, 0.0).key_record())
                except WireError:
                    return

    def _push(self, record: Record, header: Header, data: bytes) -> tuple[Payload, ...] | None:
        keys = self._keys.keks.get(header.cookies)
        if keys is None:
            return None
        kek = _kek(keys)
        plaintext = kek.cipher.decrypt(kek.key, kek.iv, data[28:])
        payloads, length = parse_chain(header.next_payload, plaintext)
        if not payloads or payloads[-1].kind != PayloadType.SIG:
            raise WireError("a push without signature")
        signature = payloads[-1].body
        contents = push.Push(
            parse_sequence(payloads[0].body),
            tuple(Delete.parse(item.body) for item in payloads if item.kind == PayloadType.DELETE),
            None,
            None,
            header,
            plaintext[: length - 4 - len(signature)],
            signature,
        )
        record.checks["signature"] = push.signature_is_good(kek, contents)
        if any(payload.kind == PayloadType.SA for payload in payloads):
            policy = GroupSa.parse(find_payload(payloads, PayloadType.SA), self._keys.profile)
            self._learn(policy, KeyDownload.parse(find_payload(payloads, PayloadType.KD)))
            self._inherit_public_key(policy, keys)
        return payloads

    def _inherit_public_key(self, policy: GroupSa, old: KekKeys) -> None:
        """A new KEK that comes without a signature key is signed with the old one."""
        new = self._keys.keks.get(policy.kek.spi) if policy.kek else None
        if new is not None and not new.public_key:
            self._keys.add(
                KekKeys(new.spi, new.encryption, new.key_bits, new.key, new.iv, new.sig_hash, old.public_key)
            )

    def _acknowledgement(self, record: Record, header: Header, data: bytes) -> None:
        keys = self._keys.keks.get(header.cookies)
        if keys is not None:
            try:
                acknowledgement.verify(_kek(keys), header, data)
                record.checks["HASH"] = True
            except WireError:
                record.checks["HASH"] = False

    # ESP

    def _esp(self, record: Record, data: bytes) -> None:
        """What stands behind the IP header, or behind the UDP header of a peer behind a NAT."""
        try:
            esp = EspPacket.parse(data)
        except WireError as error:
            record.title = f"ESP, malformed: {error}"
            record.checks["ESP"] = False
            return
        record.title = "ESP"
        record.lines.append(f"SPI 0x{esp.spi:08x}, sequence {esp.sequence}")
        keys = self._keys.teks.get(data[:4])
        if keys is None:
            record.lines.append("encrypted; no key")
            return
        transform = EspTransform(keys.encryption, keys.key_bits, keys.integrity)
        cipher = esp_cipher(transform, keys.encryption_key, keys.integrity_key, keys.salt)
        try:
            inner, next_header = remove_trailer(cipher.open(data[:8], esp.body))
            record.checks["ICV"] = True
            record.lines.append(f"{transform.display()}, next header {next_header}")
            if next_header != NEXT_HEADER_IPV4:
                record.lines.append(f"transport mode, protocol {next_header}, {len(inner)} octets")
                return
            inside = Packet.parse(inner)
            ends = f"{inside.source} -> {inside.destination}"
            record.lines.append(f"inner packet {ends}, protocol {inside.protocol}, {len(inner)} octets")
        except CryptoError:
            record.checks["ICV"] = False
        except WireError as error:
            record.lines.append(f"inner packet is malformed: {error}")


def _cipher(keys: IsakmpKeys) -> BlockCipher:
    return block_cipher(keys.encryption, keys.key_bits)


def _hash(keys: IsakmpKeys) -> HashAlgorithm:
    return HASHES[keys.hash]


def _kek(keys: KekKeys) -> Kek:
    return Kek(
        keys.spi,
        keys.encryption,
        keys.key_bits,
        keys.iv,
        keys.key,
        keys.sig_hash,
        0,
        FAR_FUTURE,
        keys.public_key,
    )

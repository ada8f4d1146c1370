"""Group keys: learnt from downloads and rekeys, used to open and verify what is sent under them."""

from __future__ import annotations

from iosemu.crypto.errors import CryptoError
from iosemu.decode.keys import Keys
from iosemu.decode.record import Record
from iosemu.engines.gdoi import acknowledgement, push
from iosemu.engines.gdoi.download import read_download
from iosemu.engines.gdoi.kek_payloads import read_kek
from iosemu.engines.gdoi.keys import Kek
from iosemu.engines.keylog import KekKeys
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyDownload, parse_sequence
from iosemu.wire.gdoi.numbers import KeyType
from iosemu.wire.gdoi.policy import GroupSa, SaKek
from iosemu.wire.isakmp import Header, Payload, PayloadType, find_payload, parse_chain
from iosemu.wire.isakmp_payloads import Delete

FAR_FUTURE = 1e12


class GroupKeyReader:
    """GROUPKEY-PUSH, its acknowledgement, and the keys that any exchange hands out."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def learn(self, policy: GroupSa, keys: KeyDownload) -> None:
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

    def push(self, record: Record, header: Header, data: bytes) -> tuple[Payload, ...] | None:
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
            self.learn(policy, KeyDownload.parse(find_payload(payloads, PayloadType.KD)))
            self._inherit_public_key(policy, keys)
        return payloads

    def _inherit_public_key(self, policy: GroupSa, old: KekKeys) -> None:
        """A new KEK that comes without a signature key is signed with the old one."""
        new = self._keys.keks.get(policy.kek.spi) if policy.kek else None
        if new is not None and not new.public_key:
            self._keys.add(
                KekKeys(new.spi, new.encryption, new.key_bits, new.key, new.iv, new.sig_hash, old.public_key)
            )

    def acknowledgement(self, record: Record, header: Header, data: bytes) -> None:
        keys = self._keys.keks.get(header.cookies)
        if keys is not None:
            try:
                acknowledgement.verify(_kek(keys), header, data)
                record.checks["HASH"] = True
            except WireError:
                record.checks["HASH"] = False


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

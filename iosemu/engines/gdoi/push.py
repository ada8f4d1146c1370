"""GROUPKEY-PUSH (RFC 6407 section 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.keys import SigningKey, parse_public_key
from iosemu.engines.gdoi import signatures
from iosemu.engines.gdoi.keys import Kek
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.key_download import KeyDownload, pack_sequence, parse_sequence
from iosemu.wire.gdoi.policy import GroupSa
from iosemu.wire.gdoi.profile import RFC6407, Profile
from iosemu.wire.isakmp import (
    ExchangeType,
    Flag,
    Header,
    Payload,
    PayloadType,
    find_payload,
    pack_payloads,
    parse_chain,
)
from iosemu.wire.isakmp_payloads import Delete

SIGNED_PREFIX = b"rekey"


@dataclass(frozen=True, slots=True)
class Push:
    """The contents of a push, decrypted; `covered` is what the signature covers behind prefix and header."""

    sequence: int
    deletes: tuple[Delete, ...]
    sa: GroupSa | None
    keys: KeyDownload | None
    header: Header
    covered: bytes = field(repr=False)
    signature: bytes
    payloads: tuple[Payload, ...] = field(default=(), repr=False)


def build(
    kek: Kek,
    key: SigningKey,
    sequence: int,
    deletes: list[Delete],
    sa: GroupSa | None,
    kd: KeyDownload | None,
    profile: Profile = RFC6407,
) -> bytes:
    """A whole message under `kek`, signed over the header as it goes on the wire unless the profile says otherwise."""
    return seal(kek, key, contents(sequence, deletes, sa, kd, profile), profile)


def contents(
    sequence: int, deletes: list[Delete], sa: GroupSa | None, kd: KeyDownload | None, profile: Profile = RFC6407
) -> list[Payload]:
    """The payloads of a push in front of its signature."""
    payloads = [Payload(PayloadType.SEQ, pack_sequence(sequence))]
    payloads += [Payload(PayloadType.DELETE, delete.pack()) for delete in deletes]
    if sa is not None and kd is not None:
        payloads += [Payload(PayloadType.SA, sa.pack(profile)), Payload(PayloadType.KD, kd.pack())]
    return payloads


def seal(kek: Kek, key: SigningKey, payloads: list[Payload], profile: Profile = RFC6407) -> bytes:
    """A whole message with these payloads."""
    chain = pack_payloads(payloads, last=PayloadType.SIG)
    unpadded = len(chain) + 4 + signatures.signature_size(key)
    header = _header(kek, len(kek.cipher.pad(bytes(unpadded))))
    bare = profile.bare_signatures
    covered = SIGNED_PREFIX + (_header(kek, unpadded) if bare else header) + chain
    signature = signatures.sign(key, kek.sig_hash, covered, bare)
    plaintext = chain + pack_payloads([Payload(PayloadType.SIG, signature)])
    return header + kek.cipher.encrypt(kek.key, kek.iv, kek.cipher.pad(plaintext))


def _header(kek: Kek, length: int) -> bytes:
    kinds = PayloadType.SEQ, ExchangeType.GROUPKEY_PUSH
    return Header(kek.spi[:8], kek.spi[8:], *kinds, Flag.ENCRYPTION, 0, 28 + length).pack()


def open_push(kek: Kek, header: Header, data: bytes, profile: Profile = RFC6407) -> Push:
    """Decrypt and take apart; raises WireError. The signature is not checked yet."""
    if header.flags != Flag.ENCRYPTION or header.message_id:
        raise WireError("flags or message ID of a push")
    try:
        plaintext = kek.cipher.decrypt(kek.key, kek.iv, data[28:])
    except CryptoError as error:
        raise WireError(str(error)) from error
    payloads, length = parse_chain(header.next_payload, plaintext)
    kinds = [payload.kind for payload in payloads]
    if len(kinds) < 2 or kinds[0] != PayloadType.SEQ or kinds[-1] != PayloadType.SIG:
        raise WireError(f"payloads {kinds} in a push")
    signature = payloads[-1].body
    has_sa = PayloadType.SA in kinds
    return Push(
        parse_sequence(payloads[0].body),
        tuple(Delete.parse(payload.body) for payload in payloads if payload.kind == PayloadType.DELETE),
        GroupSa.parse(find_payload(payloads, PayloadType.SA), profile) if has_sa else None,
        KeyDownload.parse(find_payload(payloads, PayloadType.KD)) if has_sa else None,
        header,
        plaintext[: length - 4 - len(signature)],
        signature,
        payloads,
    )


def signature_is_good(kek: Kek, push: Push) -> bool:
    """Check the signature over the header on the wire, then over one whose length leaves the padding out, as
    another implementation writes it (the RFC does not say)."""
    public = parse_public_key(kek.public_key)
    unpadded = Header(
        push.header.initiator_cookie,
        push.header.responder_cookie,
        push.header.next_payload,
        push.header.exchange,
        push.header.flags,
        0,
        28 + len(push.covered) + 4 + len(push.signature),
    )
    texts = [SIGNED_PREFIX + header.pack() + push.covered for header in (push.header, unpadded)]
    return any(signatures.is_good(public, kek.sig_hash, text, push.signature) for text in texts)

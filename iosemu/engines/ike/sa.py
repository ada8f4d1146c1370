"""A phase 1 SA and the ciphers of the exchanges under it."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.ike_keys import Phase1Keys, encryption_key, phase2_iv
from iosemu.crypto.suites import HASHES, BlockCipher, HashAlgorithm, block_cipher
from iosemu.engines.common import Endpoint
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.credentials import PeerCertificate
from iosemu.engines.ike.methods import METHOD_HASH, Authentication
from iosemu.engines.ike.states import State
from iosemu.engines.ike.vendor import Version, peer_version
from iosemu.engines.keylog import IsakmpKeys
from iosemu.wire.errors import WireError
from iosemu.wire.gdoi.numbers import GDOI_PORT
from iosemu.wire.isakmp import NO_COOKIE, Flag, Header, Payload, pack_payloads, parse_chain
from iosemu.wire.isakmp_payloads import Identity


@dataclass(slots=True)
class IsakmpSa:
    """One phase 1 SA, while it is negotiated and after.

    `suite.lifetime` is the negotiated lifetime in seconds; `doi` what the SA payload said; times are of the owner's
    clock. `service_port` is the port that the negotiation began on, 500 or 848; `local` and `remote` may have moved to
    4500 since (RFC 3947 section 4).
    """

    connection_id: int
    initiator: bool
    local: Endpoint
    remote: Endpoint
    initiator_cookie: bytes
    responder_cookie: bytes = NO_COOKIE
    state: State = State.MM_NO_STATE
    service_port: int = 848
    created_at: float = 0.0
    established_at: float | None = None
    expires_at: float | None = None
    suite: IkePolicy | None = None
    doi: int = 2
    peer_identity: Identity | None = None
    peer_certificate: PeerCertificate | None = None
    peer_vendor_ids: list[bytes] = field(default_factory=list)
    behind_nat: bool = False
    peer_behind_nat: bool = False
    heard_at: float = 0.0
    keys: Phase1Keys | None = field(default=None, repr=False)
    key: bytes = field(default=b"", repr=False)
    first_iv: bytes = field(default=b"", repr=False)
    last_block: bytes = field(default=b"", repr=False)
    message_ids: set[int] = field(default_factory=set, repr=False)

    @property
    def established(self) -> bool:
        """Whether other exchanges may run under this SA."""
        return self.established_at is not None

    @property
    def shown_state(self) -> str:
        """The state by the name that IOS shows."""
        if self.state is State.ESTABLISHED:
            return "GDOI_IDLE" if self.service_port == GDOI_PORT else "QM_IDLE"
        return str(self.state.value)

    @property
    def authentication(self) -> Authentication:
        """The negotiated method."""
        assert self.suite is not None
        return Authentication(self.suite.authentication)

    @property
    def floated(self) -> bool:
        """Whether a NAT between the peers moved the SA to port 4500."""
        return self.behind_nat or self.peer_behind_nat

    @property
    def cookies(self) -> bytes:
        """CKY-I | CKY-R."""
        return self.initiator_cookie + self.responder_cookie

    @property
    def hash(self) -> HashAlgorithm:
        """The negotiated hash."""
        assert self.suite is not None
        return HASHES[self.suite.hash]

    @property
    def proof_hash(self) -> HashAlgorithm:
        """The hash of HASH_I and HASH_R: the negotiated one, or the method's own (RFC 2409 section 5.1)."""
        name = METHOD_HASH.get(self.authentication)
        return HASHES[name] if name else self.hash

    @property
    def cipher(self) -> BlockCipher:
        """The negotiated cipher."""
        assert self.suite is not None
        return block_cipher(self.suite.encryption, self.suite.key_bits)

    @property
    def peer_version(self) -> Version | None:
        """The peer's GET VPN version, None when it is a foreign implementation."""
        return peer_version(self.peer_vendor_ids)

    @property
    def peer_address(self) -> str:
        """Where the peer is."""
        return str(self.remote.address)

    def set_keys(self, keys: Phase1Keys, first_iv: bytes) -> None:
        """Take the derived secrets; the cipher key follows from SKEYID_e."""
        self.keys = keys
        self.key = encryption_key(self.hash, keys.skeyid_e, self.cipher.key_size)
        self.first_iv = self.last_block = first_iv

    def prf_a(self, data: bytes) -> bytes:
        """prf(SKEYID_a, data): authenticates the exchanges after phase 1."""
        assert self.keys is not None
        return self.hash.hmac(self.keys.skeyid_a, data)

    def exchange_cipher(self, message_id: int) -> ExchangeCipher:
        """The cipher of an exchange that begins now (RFC 2409 appendix B)."""
        return ExchangeCipher(self, phase2_iv(self.hash, self.cipher, self.last_block, message_id))

    def key_record(self) -> IsakmpKeys:
        """What a capture's reader needs."""
        assert self.suite is not None
        assert self.keys is not None
        return IsakmpKeys(
            self.initiator_cookie,
            self.responder_cookie,
            self.suite.encryption,
            self.suite.key_bits,
            self.suite.hash,
            self.key,
            self.keys.skeyid_a,
            self.keys.skeyid,
            self.first_iv,
        )


class ExchangeCipher:
    """The CBC chain of one exchange, common to both directions.

    `seal` moves the chain on; `open` only when the caller has accepted the message and calls `accept`, so that forged
    messages cannot break the chain.
    """

    def __init__(self, sa: IsakmpSa, iv: bytes) -> None:
        self._sa = sa
        self.iv = iv

    def seal(self, exchange: int, message_id: int, payloads: list[Payload]) -> bytes:
        """A whole encrypted message."""
        plaintext = self._sa.cipher.pad(pack_payloads(payloads))
        ciphertext = self._sa.cipher.encrypt(self._sa.key, self.iv, plaintext)
        self.iv = ciphertext[-self._sa.cipher.block_size :]
        header = Header(
            self._sa.initiator_cookie,
            self._sa.responder_cookie,
            payloads[0].kind,
            exchange,
            Flag.ENCRYPTION,
            message_id,
            28 + len(ciphertext),
        )
        return header.pack() + ciphertext

    def open(self, header: Header, data: bytes) -> tuple[tuple[Payload, ...], bytes]:
        """The payloads of a message and their octets without padding; raises WireError when it does not decrypt."""
        if not header.encrypted:
            raise WireError("message is not encrypted")
        try:
            plaintext = self._sa.cipher.decrypt(self._sa.key, self.iv, data[28:])
        except CryptoError as error:
            raise WireError(str(error)) from error
        payloads, length = parse_chain(header.next_payload, plaintext)
        return payloads, plaintext[:length]

    def accept(self, data: bytes) -> None:
        """Move the chain behind a message that was opened and found good."""
        self.iv = data[-self._sa.cipher.block_size :]

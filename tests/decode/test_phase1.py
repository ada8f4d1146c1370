"""Phase 1 of our own engines decodes: both modes, all methods, behind a NAT and in fragments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from ipaddress import IPv4Address

import pytest

from iosemu.crypto.certificate import Certificate, self_sign
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.extensions import Extensions
from iosemu.decode.decoder import Decoder
from iosemu.decode.keys import Keys
from iosemu.decode.record import Record
from iosemu.engines.common import Datagram, Endpoint
from iosemu.engines.ike import nat
from iosemu.engines.ike.config import IkePolicy
from iosemu.engines.ike.credentials import Credentials, PeerCertificate, Verdict
from iosemu.engines.ike.methods import Authentication
from iosemu.ports.pcapng import LINKTYPE_RAW, CapturedFrame
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.isakmp import PayloadType
from iosemu.wire.isakmp_payloads import Identity, IdType
from iosemu.wire.udp import UdpDatagram
from tests.engines.ike.citizens import Citizen, key
from tests.engines.ike.path import A, B, Path, engine

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


@cache
def certificate(method: Authentication, name: str, padding: int) -> Certificate:
    """A certificate of somebody; padding makes it long."""
    names = tuple(f"{'x' * 60}.example" for _ in range(padding))
    subject = Name.from_text(f"CN={name}")
    validity = (NOON, NOON + timedelta(days=1))
    return self_sign(subject, key(method, name), 1, validity, Extensions(dns_names=(name, *names)), "sha256")


class Certified(Citizen):
    """A citizen whose certificates are real."""

    def __init__(self, name: str, method: Authentication, *, aggressive: bool, padding: int = 0) -> None:
        super().__init__(name, method, aggressive=aggressive)
        self.padding = padding

    def credentials(self, remote: Endpoint, method: int, authorities: tuple[bytes, ...]) -> Credentials | None:
        own = certificate(self.method, self.name, self.padding)
        return Credentials((own.der,), own.subject.der, key(self.method, self.name))

    def own_identity(self, remote: Endpoint, local: Endpoint, method: int) -> Identity:
        return Identity(IdType.DER_ASN1_DN, certificate(self.method, self.name, self.padding).subject.der)

    def verify(self, chain: tuple[bytes, ...], now: float) -> Verdict:
        found = Certificate.parse(chain[0])
        identity = Identity(IdType.DER_ASN1_DN, found.subject.der)
        return PeerCertificate(found.public_key, (identity,), str(found.subject))


def frames(carried: list[Datagram]) -> list[CapturedFrame]:
    """What a capture at A's end holds."""
    found = []
    for item in carried:
        datagram = UdpDatagram(item.source.port, item.destination.port, nat.wrap(item))
        payload = datagram.pack(item.source.address, item.destination.address)
        packet = Packet(item.source.address, item.destination.address, UDP, payload)
        found.append(CapturedFrame(0.0, LINKTYPE_RAW, packet.pack()))
    return found


def decoded(path: Path) -> list[Record]:
    keys = Keys()
    for sa in path.established(A):
        keys.add(sa.key_record())
    decoder = Decoder(keys)
    records = [decoder.decode(number, frame) for number, frame in enumerate(frames(path.carried), start=1)]
    assert None not in records
    return [record for record in records if record is not None]


def run(method: Authentication, *, aggressive: bool = False, padding: int = 0, behind_nat: bool = False) -> Path:
    policy = IkePolicy(10, "aes", 256, "sha256", method, 19, 3600)
    a = Certified("a.example", method, aggressive=aggressive, padding=padding)
    b = Certified("b.example", method, aggressive=False)
    fragments = bool(padding)
    path = Path(
        engine(policy, directory=a, fragmentation=fragments),
        engine(policy, seed=2, directory=b, fragmentation=fragments),
    )
    if behind_nat:
        path.translate = _masquerade
    path.engines[A].initiate(A, B, 0.0)
    path.run(1.0)
    path.engines[A].notify(path.established(A)[0], 40000)
    path.settle()
    return path


def _masquerade(datagram: Datagram) -> Datagram:
    public = IPv4Address("203.0.113.9")
    if datagram.source.address == A.address:
        return replace(datagram, source=Endpoint(public, datagram.source.port))
    return replace(datagram, destination=Endpoint(A.address, datagram.destination.port))


@pytest.mark.parametrize("aggressive", [False, True])
@pytest.mark.parametrize("method", list(Authentication)[1:], ids=lambda item: item.name)
def test_both_signatures_verify_and_the_certificates_are_explained(method: Authentication, aggressive: bool) -> None:
    records = decoded(run(method, aggressive=aggressive))
    checks = [name for record in records for name, good in record.checks.items() if good]
    assert sorted(checks) == ["HASH", "SIG_I", "SIG_R"]
    assert all(good for record in records for good in record.checks.values())
    text = "\n".join(line for record in records for line in record.lines)
    assert "CERT" in text
    assert "subject cn=a.example, issuer cn=a.example" in text
    assert "DER_ASN1_DN cn=b.example" in text


def test_port_4500_is_followed() -> None:
    records = decoded(run(Authentication.RSA_SIGNATURES, behind_nat=True))
    assert [name for record in records for name in record.checks] == ["SIG_I", "SIG_R", "HASH"]


def test_fragments_come_together() -> None:
    path = run(Authentication.RSA_SIGNATURES, padding=40)
    records = decoded(path)
    assert [record.title for record in records].count("ISAKMP fragment") >= 1
    assert sorted(name for record in records for name in record.checks) == ["HASH", "SIG_I", "SIG_R"]


def test_a_signature_that_is_damaged_does_not_verify() -> None:
    path = run(Authentication.ECDSA_256, aggressive=True)
    answer = path.carried[1]
    octets = bytearray(answer.data)
    signature = next(item for item in decoded(path)[1].payloads if item.kind == PayloadType.SIG)
    octets[answer.data.index(signature.body) + 5] ^= 1
    path.carried[1] = replace(answer, data=bytes(octets))
    assert decoded(path)[1].checks == {"SIG_R": False}

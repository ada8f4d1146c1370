"""SCEP client and server back to back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from iosemu.crypto.errors import CryptoError
from iosemu.crypto.scep_structures import issuer_and_serial
from iosemu.engines.pki import messages
from iosemu.engines.pki.capabilities import AES, SERVER, Capabilities
from iosemu.engines.pki.events import RolledOver, RolloverDue
from iosemu.engines.pki.messages import FailInfo, Header, MessageType, Owner, Status
from iosemu.engines.pki.requests import MOST_REQUESTS
from iosemu.engines.pki.scep_client import (
    CertificateReceived,
    EnrollmentFailed,
    EnrollmentSettings,
    RequestPending,
    RequestRefused,
)
from iosemu.engines.pki.scep_exchange import crl_query, query, read_ca_answer, read_crl_answer, read_next_ca_answer
from iosemu.engines.pki.states import TRANSITIONS, EnrollmentState, Step, advance
from tests.crypto.pki_material import NOW, ec_key, openssl, rsa_key
from tests.engines.pki.office import CRL_URL, Applicant, Office, with_settings
from tests.requirements import require

OLD = Capabilities()
KINDS = [SERVER, OLD, Capabilities(frozenset({AES, "SHA-1"})), Capabilities(frozenset({"SHA-512", "DES3"}))]


@pytest.mark.parametrize("capabilities", KINDS)
def test_automatic_grant(capabilities: Capabilities) -> None:
    office = Office(with_settings(grant_auto=True))
    applicant = Applicant(office, capabilities=capabilities)
    applicant.start()
    [event] = applicant.enrollment.take_events()
    assert isinstance(event, CertificateReceived)
    certificate = event.certificate
    assert certificate is applicant.enrollment.certificate
    assert (str(certificate.subject), certificate.serial) == ("cn=GM1,o=Example", 2)
    assert certificate.extensions.crl_urls == (CRL_URL,)
    assert certificate.extensions.dns_names == ("gm1.lab",)
    assert certificate.not_after == NOW + timedelta(days=365)
    assert applicant.enrollment.state is EnrollmentState.GRANTED
    assert office.server.refused == {}


def test_granted_by_hand() -> None:
    office = Office()
    applicant = Applicant(office)
    applicant.start()
    assert applicant.enrollment.take_events() == [RequestPending()]
    applicant.wait()
    applicant.wait()
    assert applicant.enrollment.take_events() == []
    [entry] = office.authority.grant(None, office.now)
    assert entry.number == 1
    applicant.wait()
    assert applicant.enrollment.certificate == entry.certificate
    assert applicant.enrollment.next_timer() is None


def test_rejected_by_hand() -> None:
    office = Office()
    applicant = Applicant(office)
    applicant.start()
    applicant.enrollment.take_events()
    office.authority.reject(1)
    applicant.wait()
    assert applicant.enrollment.take_events() == [RequestRefused(FailInfo.BAD_REQUEST)]
    assert applicant.enrollment.ended


def test_patience_ends() -> None:
    applicant = Applicant(Office(), settings=EnrollmentSettings(retries=2))
    applicant.start()
    for _ in range(3):
        applicant.wait()
    assert isinstance(applicant.enrollment.take_events()[-1], EnrollmentFailed)
    assert applicant.enrollment.state is EnrollmentState.FAILED


def state(applicant: Applicant) -> EnrollmentState:
    return applicant.enrollment.state


def test_a_lost_answer_is_asked_for_again_and_no_second_certificate_made() -> None:
    office = Office(with_settings(grant_auto=True))
    applicant = Applicant(office)
    applicant.enrollment.start(0)
    [request] = applicant.enrollment.take_requests()
    office.server.answer(request.operation, request.message, office.now)
    applicant.wait()
    assert state(applicant) is EnrollmentState.WAITING
    applicant.wait()
    assert state(applicant) is EnrollmentState.GRANTED
    assert office.authority.last_serial == 2


def test_one_time_password() -> None:
    office = Office()
    office.authority.password = ("0123456789ABCDEF", office.now + timedelta(minutes=60))
    wrong = Applicant(office, 11, challenge="0123456789ABCDEE")
    wrong.start()
    assert wrong.enrollment.state is EnrollmentState.PENDING
    right = Applicant(office, challenge="0123456789ABCDEF")
    right.start()
    assert right.enrollment.state is EnrollmentState.GRANTED
    again = Applicant(office, 12, challenge="0123456789ABCDEF")
    again.start()
    assert again.enrollment.state is EnrollmentState.PENDING
    office.authority.password = ("0123456789ABCDEF", office.now + timedelta(minutes=60))
    office.pass_time(minutes=60)
    late = Applicant(office, 13, challenge="0123456789ABCDEF")
    late.start()
    assert late.enrollment.state is EnrollmentState.PENDING


def test_renewal_by_the_old_certificate() -> None:
    office = Office(with_settings(grant_auto=True))
    first = Applicant(office)
    first.start()
    assert first.enrollment.certificate is not None
    owner = Owner(first.enrollment.certificate, first.key)
    renewal = Applicant(office, 11, sender=owner, settings=EnrollmentSettings(renewal=True))
    renewal.start()
    assert renewal.enrollment.certificate is not None
    assert renewal.enrollment.certificate.public_key == rsa_key(11).public
    # A revoked certificate vouches for nothing, and neither does one that somebody made himself.
    assert office.authority.revoke(2, office.now)
    for sender in (owner, None):
        refused = Applicant(office, 12, sender=sender, settings=EnrollmentSettings(renewal=True))
        refused.start()
        assert refused.enrollment.take_events() == [RequestRefused(FailInfo.BAD_MESSAGE_CHECK)]


def test_a_request_for_anothers_key() -> None:
    office = Office(with_settings(grant_auto=True))
    other = Applicant(office, 11)
    applicant = Applicant(office, sender=other.sender)
    applicant.start()
    assert applicant.enrollment.take_events() == [RequestRefused(FailInfo.BAD_MESSAGE_CHECK)]
    assert office.authority.last_serial == 1


def test_answers_that_do_not_fit() -> None:
    office, stranger = Office(with_settings(grant_auto=True)), Office(with_settings(grant_auto=True), rsa_key(4))
    for kind in range(3):
        applicant, other = Applicant(office), Applicant(stranger, 11)
        applicant.enrollment.start(0)
        other.enrollment.start(0)
        [request], [foreign] = applicant.enrollment.take_requests(), other.enrollment.take_requests()
        body = {
            0: office.server.answer("PKIOperation", foreign.message, NOW).body,
            1: stranger.server.answer("PKIOperation", request.message, NOW).body,
            2: request.message,
        }[kind]
        applicant.enrollment.receive(body, 0)
        [event] = applicant.enrollment.take_events()
        assert isinstance(event, EnrollmentFailed)
        applicant.enrollment.receive(body, 0)
        assert applicant.enrollment.take_events() == []


def test_ca_certificate_capabilities_and_crl() -> None:
    office = Office(with_settings(grant_auto=True))
    server = office.server
    assert read_ca_answer(server.answer("GetCACert", b"GET-CA", NOW).body) == (office.ca,)
    assert Capabilities.parse(server.answer("GetCACaps", b"", NOW).body) == SERVER
    assert SERVER.post
    assert SERVER.renewal
    assert not OLD.post
    applicant = Applicant(office)
    applicant.start()
    certificate = applicant.enrollment.certificate
    assert certificate is not None
    office.authority.revoke(certificate.serial, office.now)
    bare = server.answer("GetCRL", b"", office.now)
    assert bare.body == office.authority.crl.der
    sender = Owner(certificate, applicant.key)
    request, asked = crl_query(certificate, sender, office.ca, SERVER, Random(1).randbytes)
    answer = server.answer(request.operation, request.message, office.now)
    crl = read_crl_answer(answer.body, asked, sender, office.ca)
    assert list(crl.entries) == [certificate.serial]
    with pytest.raises(CryptoError):
        read_crl_answer(answer.body, replace(asked, sender_nonce=b"x"), sender, office.ca)
    with pytest.raises(CryptoError):
        read_ca_answer(b"nothing")


def test_get_cert() -> None:
    office = Office(with_settings(grant_auto=True))
    applicant = Applicant(office)
    applicant.start()
    for serial, status in ((2, Status.SUCCESS), (9, Status.FAILURE)):
        content = issuer_and_serial(office.ca.subject, serial)
        request, asked = query(MessageType.GET_CERT, content, applicant.sender, office.ca, SERVER, Random(1).randbytes)
        received = messages.read(office.server.answer(request.operation, request.message, office.now).body)
        assert received.header.status is status
        assert received.header.recipient_nonce == asked.sender_nonce


def test_rollover() -> None:
    """The next CA certificate is handed out, signed by the one in use; who enrolls with it has a certificate that
    begins when the CA's does."""
    office = Office(with_settings(grant_auto=True, rollover=timedelta(days=30), ca_lifetime=timedelta(days=365)))
    assert office.server.answer("GetNextCACert", b"", office.now).status == 404
    office.pass_time(days=336)
    assert RolloverDue() in office.authority.take_events()
    following = office.authority.prepare_rollover(rsa_key(4), office.now)
    today = office.ca
    assert following.not_before == today.not_after
    answer = office.server.answer("GetNextCACert", b"", office.now)
    assert read_next_ca_answer(answer.body, today) == (following,)
    with pytest.raises(CryptoError):
        read_next_ca_answer(answer.body, following)
    shadow = Applicant(office, ca=following)
    shadow.start()
    certificate = shadow.enrollment.certificate
    assert certificate is not None
    assert certificate.not_before == today.not_after
    assert certificate.is_signed_by(following.public_key)
    office.pass_time(days=30)
    assert office.ca == following
    assert any(isinstance(event, RolledOver) for event in office.authority.take_events())
    assert office.authority.crl.is_signed_by(following.public_key)
    late = Applicant(office, 11)
    late.start()
    assert late.enrollment.state is EnrollmentState.GRANTED


def test_an_expired_ca_grants_nothing() -> None:
    office = Office(with_settings(grant_auto=True, ca_lifetime=timedelta(days=1)))
    office.pass_time(days=1)
    applicant = Applicant(office)
    applicant.start()
    assert applicant.enrollment.take_events() == [RequestRefused(FailInfo.BAD_TIME)]
    assert not office.authority.active


def test_crl_is_renewed_in_time() -> None:
    office = Office(with_settings(crl_lifetime=timedelta(hours=24)))
    first = office.authority.crl
    due = office.authority.next_timer()
    assert due == first.next_update
    office.pass_time(hours=24)
    assert office.authority.crl.number == 2
    assert office.authority.crl.is_current(office.now)


def test_requests_expire_and_are_bounded() -> None:
    office = Office(with_settings(request_lifetime=timedelta(hours=1)))
    applicant = Applicant(office)
    applicant.start()
    for number in range(MOST_REQUESTS + 5):
        office.authority.submit(f"t{number}", applicant.request, office.now)
    assert len(list(office.authority.requests)) == MOST_REQUESTS
    late = Applicant(office, 11)
    late.start()
    assert late.enrollment.take_events() == [RequestRefused(FailInfo.BAD_REQUEST)]
    office.pass_time(hours=1)
    assert list(office.authority.requests) == []


def test_an_elliptic_ca_cannot_be_written_to() -> None:
    office = Office(with_settings(grant_auto=True), ec_key(1))
    applicant = Applicant(office)
    applicant.start()
    [event] = applicant.enrollment.take_events()
    assert isinstance(event, EnrollmentFailed)


def test_same_seed_same_octets() -> None:
    def run() -> list[bytes]:
        office = Office(with_settings(grant_auto=True))
        applicant = Applicant(office)
        applicant.enrollment.start(0)
        [request] = applicant.enrollment.take_requests()
        return [request.message, office.server.answer(request.operation, request.message, office.now).body]

    assert run() == run()


def test_openssl_reads_our_messages(tmp_path: Path) -> None:
    require("openssl")
    office = Office(with_settings(grant_auto=True))
    applicant = Applicant(office, capabilities=OLD)
    applicant.enrollment.start(0)
    [request] = applicant.enrollment.take_requests()
    files = {name: tmp_path / name for name in ("message", "inner", "ca.key", "ca.pem", "csr")}
    files["message"].write_bytes(request.message)
    files["ca.key"].write_bytes(rsa_key(1).to_pem())
    files["ca.pem"].write_bytes(office.ca.to_pem())
    verify = ("cms", "-verify", "-noverify", "-inform", "DER", "-binary")
    openssl(*verify, "-in", files["message"], "-out", files["inner"])
    opening = ("cms", "-decrypt", "-inform", "DER", "-binary", "-in", files["inner"], "-out", files["csr"])
    openssl(*opening, "-inkey", files["ca.key"], "-recip", files["ca.pem"])
    assert files["csr"].read_bytes() == applicant.request.der
    answer = office.server.answer(request.operation, request.message, office.now)
    files["message"].write_bytes(answer.body)
    openssl(*verify, "-in", files["message"], "-out", files["inner"])


def test_only_known_transitions_exist() -> None:
    for state in EnrollmentState:
        for step in Step:
            if (state, step) not in TRANSITIONS:
                with pytest.raises(KeyError):
                    advance(state, step)


@pytest.mark.parametrize("seed", range(3))
def test_hostile_messages(seed: int) -> None:
    """Mutated requests to the server, mutated answers to the client: nothing raises, nothing is granted."""
    random = Random(seed)
    office = Office(with_settings(grant_auto=True))
    applicant = Applicant(office)
    applicant.enrollment.start(0)
    [request] = applicant.enrollment.take_requests()
    good = office.server.answer(request.operation, request.message, office.now).body
    garbage = [b"", b"0", b"0\x80" * 3000, b"\x30\x84\xff\xff\xff\xff", bytes(70000), random.randbytes(300)]
    for data in garbage + [mutated(request.message, random) for _ in range(60)]:
        answer = office.server.answer("PKIOperation", data, office.now)
        assert answer.status in (200, 400)
    for data in garbage + [mutated(good, random) for _ in range(60)]:
        client = Applicant(office)
        client.enrollment.start(0)
        client.enrollment.take_requests()
        client.enrollment.receive(data, 0)
        assert client.enrollment.certificate in (None, office.authority.issued[2])
    assert office.server.answer("Nonsense", b"", office.now).status == 400


def test_signed_rubbish_is_answered_with_a_failure() -> None:
    """Whoever has a key can sign and encrypt anything."""
    office = Office(with_settings(grant_auto=True))
    applicant = Applicant(office)
    random = Random(3)
    for kind in MessageType:
        for content in (
            b"",
            b"0\0",
            random.randbytes(50),
            applicant.request.der[:-1],
            mutated(applicant.request.der, random),
        ):
            header = Header(kind, "T", random.randbytes(16))
            message = messages.seal(header, content, applicant.sender, office.ca, SERVER.protection(), random.randbytes)
            answer = office.server.answer("PKIOperation", message, office.now)
            if kind is MessageType.CERT_REP:
                assert answer.status == 400
            else:
                assert messages.read(answer.body).header.status is Status.FAILURE
    assert office.authority.last_serial == 1


def mutated(data: bytes, random: Random) -> bytes:
    changed = bytearray(data[: random.randrange(1, len(data))] if random.random() < 0.1 else data)
    for _ in range(random.randrange(1, 4)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)

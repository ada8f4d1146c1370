"""Enrollment by SCEP over the routers' own TCP: the screens, polling, refusals, renewals, the CA's next certificate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from iosemu.crypto.rsa import RsaKey
from iosemu.engines.ike.credentials import CertificatePending, PeerCertificate
from iosemu.engines.pki.settings import AuthoritySettings
from iosemu.features.crypto_keys import store
from iosemu.features.isakmp.service import IsakmpService
from iosemu.features.pki.chains import authority_of, certificate_of, own_of
from iosemu.features.pki.config import NEXT_AUTHORITY, NEXT_OWN
from iosemu.features.pki.fetching import scep_url
from iosemu.features.pki.service import PkiService
from iosemu.features.pki.texts import fingerprint_md5, fingerprint_sha1
from iosemu.router.running_config import print_running_config
from tests.features.pki.scep_ca import CLIENT, DAY, Net, net
from tests.features.pki_server.laboratory import new_ca
from tests.features.typist import boot, connect, reloaded

MANUAL = AuthoritySettings()
AUTO = CLIENT + " auto-enroll 80 regenerate\n"


def logged(lab: Net) -> str:
    return lab.client.type("do show logging" if lab.client.session.mode.is_config else "show logging")


def test_the_screen_of_an_authentication() -> None:
    lab = net()
    lab.client.type("configure terminal")
    der = lab.authority.owner.certificate.der
    assert lab.client.type("crypto pki authenticate CA", "yes") == (
        "Certificate has the following attributes:\n"
        f"       Fingerprint MD5: {fingerprint_md5(der)} \n"
        f"      Fingerprint SHA1: {fingerprint_sha1(der)} \n\n"
        "% Do you accept this certificate? [yes/no]: yes\n"
        "Trustpoint CA certificate accepted.\n"
    )
    assert authority_of(lab.client.router, "CA") == lab.authority.owner.certificate
    assert lab.asked == ["GetCACert"]


def test_nobody_answers() -> None:
    lab = net()
    lab.deaf = True
    lab.client.type("configure terminal")
    printed = lab.client.type("crypto pki authenticate CA")
    assert printed == "% Error in receiving Certificate Authority certificate: status = FAIL, cert length = 0\n"
    assert "%PKI-3-SOCKETSELECT: Failed to select the socket." in logged(lab)


def test_the_screen_of_an_enrollment_and_what_follows() -> None:
    lab = net()
    lab.authenticate()
    printed = lab.enroll("secret", "secret", "yes")
    assert printed == (
        "%\n% Start certificate enrollment .. \n"
        "% Create a challenge password. You will need to verbally provide this\n"
        "   password to the CA Administrator in order to revoke your certificate.\n"
        "   For security reasons your password will not be saved in the configuration.\n"
        "   Please make a note of it.\n\n"
        "Password: \nRe-enter password: \n\n"
        "% The subject name in the certificate will include: CN=GM1,OU=GETVPN\n"
        "% The subject name in the certificate will include: GM1.lab.example\n"
        "Request certificate from CA? [yes/no]: yes\n"
        "% Certificate request sent to Certificate Authority\n"
        "% The 'show crypto pki certificate verbose CA' commandwill show the fingerprint.\n\n"
    )
    certificate = own_of(lab.client.router, "CA")
    assert certificate is not None
    assert certificate.is_signed_by(lab.authority.owner.key.public)
    assert certificate.extensions.dns_names == ("GM1.lab.example",)
    log = logged(lab)
    for text in (
        "CRYPTO_PKI:  Certificate Request Fingerprint MD5: ",
        "CRYPTO_PKI:  Certificate Request Fingerprint SHA1: ",
        "%PKI-6-CERTRET: Certificate received from Certificate Authority",
        '%PKI-4-NOAUTOSAVE: Configuration was modified.  Issue "write memory" to save new certificate',
    ):
        assert text in log
    assert "secret" not in print_running_config(lab.client.router)
    assert reloaded(lab.client).model == lab.client.router.model
    assert lab.asked == ["GetCACert", "GetCACert", "GetCACaps", "PKIOperation"]


def test_passwords_that_differ_end_it() -> None:
    lab = net()
    lab.authenticate()
    assert "do not match" in lab.enroll("one", "two", "yes")
    assert lab.enroll("one", "one", "no").endswith("Request certificate from CA? [yes/no]: no\n")
    assert own_of(lab.client.router, "CA") is None


def test_a_configured_password_is_sent_and_not_asked_for() -> None:
    lab = net(CLIENT + " password 0 topsecret\n", MANUAL)
    lab.authenticate()
    assert "Password" not in lab.enroll("yes")
    (entry,) = lab.authority.requests.pending()
    assert entry.request.challenge == "topsecret"


def test_the_router_polls_until_somebody_grants() -> None:
    lab = net(CLIENT + " enrollment retry period 5\n", MANUAL)
    lab.authenticate()
    lab.enroll()
    assert "%PKI-6-CERTPENDING" in logged(lab)
    shown = lab.client.type("show crypto pki certificates")
    assert shown.startswith("Certificate\n  Subject:\n    Name: GM1.lab.example\n   Status: Pending\n")
    assert "   Certificate Request Fingerprint MD5: " in shown
    lab.client.type("configure terminal")
    assert "already in progress" in lab.client.type("crypto pki enroll CA")
    before = len(lab.asked)
    lab.run(620)
    assert len(lab.asked) == before + 2
    assert own_of(lab.client.router, "CA") is None
    lab.authority.grant(None, lab.server.router.calendar.utc())
    lab.run(300)
    assert own_of(lab.client.router, "CA") is not None


def test_a_rejected_request_and_one_that_is_withdrawn() -> None:
    lab = net(settings=MANUAL)
    lab.authenticate()
    lab.enroll()
    lab.authority.reject(None)
    lab.run(70)
    assert "%PKI-6-CERTREJECT: Certificate enrollment request was rejected by Certificate Authority" in logged(lab)
    assert lab.client.router.service(PkiService).enrollments == {}
    lab.authority.requests.remove()
    lab.enroll()
    lab.client.configure("no crypto pki enroll CA")
    before = len(lab.asked)
    lab.run(3600)
    assert len(lab.asked) == before


def test_a_ca_that_is_away_is_asked_again_and_given_up() -> None:
    lab = net(CLIENT + " enrollment retry count 2\n")
    lab.authenticate()
    lab.deaf = True
    lab.enroll()
    lab.run(70)
    lab.deaf = False
    lab.run(120)
    assert own_of(lab.client.router, "CA") is not None
    lab = net(CLIENT + " enrollment retry count 2\n")
    lab.authenticate()
    lab.deaf = True
    lab.enroll()
    lab.run(600)
    assert "%PKI-6-CERTFAIL: Certificate enrollment failed." in logged(lab)
    assert lab.asked.count("GetCACert") == 4


def test_a_removed_trustpoint_asks_no_more() -> None:
    lab = net(settings=MANUAL)
    lab.authenticate()
    lab.enroll()
    lab.client.type("configure terminal")
    lab.client.type("no crypto pki trustpoint CA", "yes")
    before = len(lab.asked)
    lab.run(3600)
    assert len(lab.asked) == before


def test_a_list_by_scep_where_certificates_do_not_say_where_it_is() -> None:
    lab = net()
    lab.authenticate()
    lab.enroll()
    own = own_of(lab.client.router, "CA")
    verifier = lab.client.router.service(IsakmpService).certificates
    assert own is not None
    assert verifier is not None
    assert isinstance(verifier.verify((own.der,), 0, None), CertificatePending)
    lab.run(5)
    assert isinstance(verifier.verify((own.der,), 0, None), PeerCertificate)
    (item,) = lab.client.router.service(PkiService).crls.lists
    assert item.crl == lab.authority.crl


# By themselves


def test_auto_enroll_begins_once_the_ca_is_known_and_renews_with_new_keys() -> None:
    lab = net(AUTO)
    lab.run(60)
    assert lab.asked == []
    lab.authenticate()
    lab.run(60)
    first = own_of(lab.client.router, "CA")
    assert first is not None
    assert "%PKI-6-CERT_ENROLL_AUTO: Auto initial enrollment for trustpoint CA" in logged(lab)
    when = lab.client.router.service(PkiService).renewals.renewal_at("CA")
    assert when == first.not_before + timedelta(days=365) * 0.8
    lab.run(300 * DAY)
    second = own_of(lab.client.router, "CA")
    assert second is not None
    assert second.serial != first.serial
    assert second.public_key.spki != first.public_key.spki
    assert "%PKI-6-CERTRENEWAUTO: Renewing the router certificate for trustpoint CA" in logged(lab)
    (pair,) = store.pairs(lab.client.router.nvram)
    assert (pair.label, pair.key.public.spki) == ("KEY", second.public_key.spki)


def test_the_clock_that_is_set_changes_what_is_due() -> None:
    lab = net(AUTO)
    lab.authenticate()
    lab.run(60)
    first = own_of(lab.client.router, "CA")
    assert first is not None
    for typist in (lab.client, lab.server):
        typist.type("clock set 10:00:00 1 dec 2026")
    lab.run(60)
    second = own_of(lab.client.router, "CA")
    assert second is not None
    assert second.serial != first.serial


def test_the_next_ca_certificate_is_fetched_and_takes_effect() -> None:
    settings = AuthoritySettings(
        grant_auto=True, certificate_lifetime=timedelta(days=30), ca_lifetime=timedelta(days=100),
        rollover=timedelta(days=20),
    )  # fmt: skip
    lab = net(AUTO, settings)
    lab.authenticate()
    lab.run(60)
    today = lab.authority.owner
    lab.run(82 * DAY)
    lab.authority.prepare_rollover(
        RsaKey.generate(1024, lab.client.clock.random_bytes), lab.server.router.calendar.utc()
    )
    lab.run(12 * DAY)
    following = lab.authority.next_owner
    assert following is not None
    router = lab.client.router
    assert certificate_of(router, "CA", NEXT_AUTHORITY) == following.certificate
    shadow = certificate_of(router, "CA", NEXT_OWN)
    assert shadow is not None
    assert shadow.is_signed_by(following.key.public)
    text = print_running_config(router)
    assert " certificate rollover " in text
    assert " certificate rollover-ca " in text
    assert reloaded(lab.client).model == router.model
    own = own_of(router, "CA")
    assert own is not None
    assert own.is_signed_by(today.key.public)
    lab.run(8 * DAY)
    assert authority_of(router, "CA") == following.certificate
    assert own_of(router, "CA") == shadow
    assert certificate_of(router, "CA", NEXT_AUTHORITY, NEXT_OWN) is None
    (pair,) = store.pairs(router.nvram)
    assert pair.key.public.spki == shadow.public_key.spki
    assert "%PKI-6-CACERT_ROLLOVER" in logged(lab)


def test_the_same_seed_gives_the_same_certificate() -> None:
    def made() -> bytes:
        lab = net(seed=5)
        lab.authenticate()
        lab.enroll()
        certificate = own_of(lab.client.router, "CA")
        assert certificate is not None
        return certificate.der

    assert made() == made()


def test_debug_tells_of_transactions_and_messages() -> None:
    lab = net()
    assert lab.client.type("debug crypto pki transactions") == "Crypto PKI Trans debugging is on\n"
    assert lab.client.type("debug crypto pki messages") == "Crypto PKI Msg debugging is on\n"
    lab.authenticate()
    lab.enroll()
    log = logged(lab)
    assert "CRYPTO_PKI: GET http://10.0.0.2:80/cgi-bin/pkiclient.exe?operation=GetCACert&message=CA" in log
    assert "CRYPTO_PKI: POST http://10.0.0.2:80/cgi-bin/pkiclient.exe?operation=PKIOperation" in log
    assert "CRYPTO_PKI: status = 100: certificate is granted" in log


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("http://ca", "http://ca/cgi-bin/pkiclient.exe"),
        ("http://ca:80/", "http://ca:80/cgi-bin/pkiclient.exe"),
        ("http://ca/x/pkiclient.exe", "http://ca/x/pkiclient.exe"),
        ("http://ca/certsrv/mscep/mscep.dll", "http://ca/certsrv/mscep/mscep.dll/pkiclient.exe"),
    ],
)
def test_urls(place: str, expected: str) -> None:
    assert scep_url(place) == expected


# With `crypto pki server`


@pytest.mark.parametrize("words", ["80", "80 regenerate"])
def test_a_router_and_the_ca_on_another_one_through_the_whole_life_of_the_ca(words: str) -> None:
    ca = new_ca(" grant auto\n lifetime ca-certificate 100\n lifetime certificate 10\n auto-rollover 20\n")
    text = CLIENT.replace("10.0.0.1", "192.0.2.1").replace("10.0.0.2", "192.0.2.10")
    client = boot(ca.clock, f"{text} auto-enroll {words}\n", "GM1")
    connect(ca, "g0/0", client, "g0/0")
    client.type("configure terminal")
    assert "accepted" in client.type("crypto pki authenticate CA", "yes")
    client.type("end")
    first = authority_of(client.router, "CA")
    assert first is not None
    serials, followed = set(), 0
    for day in range(120):
        ca.wait(DAY)
        own, authority = own_of(client.router, "CA"), authority_of(client.router, "CA")
        assert own is not None
        assert authority is not None
        assert own.is_signed_by(authority.public_key)
        # There is a certificate that holds at any time.
        assert own.is_valid_at(client.router.calendar.utc())
        serials.add(own.serial)
        followed = followed or (day if certificate_of(client.router, "CA", NEXT_OWN) else 0)
    assert authority_of(client.router, "CA") == authority_of(ca.router, "GET-CA") != first
    assert len(serials) >= 12
    # Asked for at nine tenths of the CA's time, though the same key has just been renewed.
    assert 89 <= followed <= 91
    assert "Certificate chain for CA is valid" in client.type("crypto pki certificate validate CA")

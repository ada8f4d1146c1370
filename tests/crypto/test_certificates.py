"""Certificates, requests, CRLs and PKCS #12: OpenSSL verifies ours, we read OpenSSL's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from random import Random

import pytest

from iosemu.crypto import pkcs12
from iosemu.crypto.certificate import Certificate, Issuer, issue, self_sign
from iosemu.crypto.crl import Crl, Revocation, build_crl
from iosemu.crypto.distinguished_name import Name, router_name
from iosemu.crypto.errors import CryptoError
from iosemu.crypto.extensions import CRL_SIGN, IDENTITY_USAGE, Extensions
from iosemu.crypto.keys import SigningKey, encrypted_pem, parse_private_key
from iosemu.crypto.request import CertificateRequest, build_request
from tests.crypto.pki_material import NOW, YEAR, ec_key, identity, openssl, root, rsa_key
from tests.requirements import require

HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")
KEYS: list[SigningKey] = [rsa_key(1), ec_key(1, 256), ec_key(1, 384), ec_key(1, 521)]
AT = str(int(NOW.timestamp()))


def key_name(key: SigningKey) -> str:
    return f"{key.kind}{key.bits}"


def verify(tmp_path: Path, ca: Certificate, leaf: Certificate, *options: str | Path) -> str:
    require("openssl")
    (tmp_path / "ca.pem").write_bytes(ca.to_pem())
    (tmp_path / "leaf.pem").write_bytes(leaf.to_pem())
    fixed = ("-auth_level", "0", "-attime", AT, "-x509_strict", "-check_ss_sig", "-CAfile", tmp_path / "ca.pem")
    return openssl("verify", *fixed, *options, tmp_path / "leaf.pem")


@pytest.mark.parametrize("hash_name", HASHES)
@pytest.mark.parametrize("key", KEYS, ids=key_name)
def test_openssl_verifies_a_chain(tmp_path: Path, key: SigningKey, hash_name: str) -> None:
    if (key.kind, hash_name) == ("ec", "md5"):
        with pytest.raises(CryptoError):
            root(key, hash_name="md5")
        return
    ca = root(key, hash_name=hash_name)
    assert ca.is_signed_by(key.public)
    assert ca.may_sign()
    assert ca.may_sign(CRL_SIGN)
    leaf = identity(ca, key, rsa_key(2))
    assert leaf.is_signed_by(ca.public_key)
    assert leaf.names_issuer(ca)
    assert not leaf.may_sign()
    verify(tmp_path, ca, leaf)


def test_what_was_issued_reads_back(tmp_path: Path) -> None:
    ca, key = root(rsa_key(1)), ec_key(3)
    name = router_name(
        Name.from_text("CN=KS1.lab, OU=GETVPN, O=Example"), fqdn="KS1.lab", serial="9ABC", address="10.0.0.1"
    )
    wanted = Extensions(
        key_usage=IDENTITY_USAGE,
        extended_key_usage=("1.3.6.1.5.5.7.3.1",),
        dns_names=("KS1.lab",),
        addresses=(IPv4Address("10.0.0.1"),),
        crl_urls=("http://192.0.2.10/cgi-bin/pkiclient.exe?operation=GetCRL",),
    )
    leaf = issue(Issuer.of(ca, rsa_key(1)), name, key.public, 0xABCDEF, (NOW, NOW + 30 * YEAR), wanted)
    assert leaf.subject == name
    assert str(leaf.subject) == "serialNumber=9ABC+hostname=KS1.lab+ipaddress=10.0.0.1,cn=KS1.lab,ou=GETVPN,o=Example"
    assert (leaf.serial, leaf.not_before, leaf.not_after) == (0xABCDEF, NOW, NOW + 30 * YEAR)
    assert leaf.public_key == key.public
    assert leaf.extensions.crl_urls == wanted.crl_urls
    assert leaf.extensions.addresses == wanted.addresses
    assert leaf.extensions.authority_key_id == ca.extensions.subject_key_id
    require("openssl")
    (tmp_path / "leaf.pem").write_bytes(leaf.to_pem())
    text = openssl("x509", "-in", tmp_path / "leaf.pem", "-noout", "-text", "-nameopt", "RFC2253")
    for part in (
        "unstructuredName=KS1.lab",
        "CN=KS1.lab,OU=GETVPN,O=Example",
        "Digital Signature, Key Encipherment",
        "DNS:KS1.lab, IP Address:10.0.0.1",
        "URI:http://192.0.2.10/cgi-bin/pkiclient.exe?operation=GetCRL",
        "Not After : Dec 29 10:00:00 2055 GMT",
    ):
        assert part in text
    assert leaf.fingerprint("sha256").hex(":").upper() in openssl(
        "x509", "-in", tmp_path / "leaf.pem", "-noout", "-fingerprint", "-sha256"
    )
    assert Certificate.parse_pem(leaf.to_pem()) == leaf


def test_a_ca_repeats_itself() -> None:
    for key in (rsa_key(1), ec_key(1)):
        assert root(key).der == root(key).der
    assert ec_key(1).to_pem() == ec_key.__wrapped__(1).to_pem()


def test_we_read_what_openssl_issues(tmp_path: Path) -> None:
    require("openssl")
    key, pem, request = tmp_path / "key.pem", tmp_path / "ca.pem", tmp_path / "r.pem"
    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, "-days", "30"),
        *(
            "-subj",
            "/C=DE/O=Ünïcode/CN=root",
            "-addext",
            "subjectAltName=DNS:a.b,IP:10.0.0.1,IP:::1,email:x@y.z,URI:urn:x",
        ),
        *("-addext", "crlDistributionPoints=URI:ldap://h/cn=a,URI:http://h/a.crl", "-utf8"),
    )
    found = Certificate.parse_pem(pem.read_bytes())
    assert str(found.subject) == "cn=root,o=Ünïcode,c=DE"
    assert found.is_signed_by(found.public_key)
    assert found.self_issued
    assert found.extensions.dns_names == ("a.b",)
    assert found.extensions.emails == ("x@y.z",)
    assert found.extensions.crl_urls == ("ldap://h/cn=a", "http://h/a.crl")
    owner = parse_private_key(key.read_bytes())
    assert owner.public == found.public_key
    openssl("req", "-new", "-key", key, "-subj", "/CN=x", "-addext", "keyUsage=digitalSignature", "-out", request)
    parsed = CertificateRequest.parse_pem(request.read_bytes())
    assert parsed.signed
    assert parsed.extensions.key_usage == ("digital_signature",)


@pytest.mark.parametrize("key", KEYS, ids=key_name)
def test_openssl_verifies_a_request(tmp_path: Path, key: SigningKey) -> None:
    name = router_name(Name.from_text("cn=GM1,o=Example"), fqdn="GM1.lab")
    wanted = Extensions(key_usage=IDENTITY_USAGE, dns_names=("GM1.lab",))
    for hash_name in ("sha1", "sha256"):
        request = build_request(name, key, hash_name, wanted, "cisco123!")
        assert request.signed
        assert (request.challenge, request.subject, request.extensions.dns_names) == ("cisco123!", name, ("GM1.lab",))
        assert "cisco123" not in repr(request)
        require("openssl")
        (tmp_path / "r.pem").write_bytes(request.to_pem())
        text = openssl("req", "-in", tmp_path / "r.pem", "-noout", "-text", "-verify")
        assert "verify OK" in text
        assert "cisco123!" in text
    forged = bytearray(request.der)
    forged[-1] ^= 1
    assert not CertificateRequest.parse(bytes(forged)).signed


def test_openssl_verifies_a_crl(tmp_path: Path) -> None:
    for key in KEYS:
        ca = root(key)
        leaf, other = identity(ca, key, rsa_key(2), serial=2), identity(ca, key, rsa_key(2), serial=5)
        gone = [Revocation(5, NOW - timedelta(hours=1), "key_compromise"), Revocation(7, NOW - timedelta(hours=2))]
        crl = build_crl(Issuer.of(ca, key), 3, (NOW - timedelta(minutes=1), NOW + timedelta(days=7)), gone)
        assert crl.is_signed_by(ca.public_key)
        assert list(crl.entries.values()) == gone
        assert (crl.number, crl.issuer) == (3, ca.subject)
        assert crl.is_current(NOW)
        assert not crl.is_current(NOW + timedelta(days=8))
        require("openssl")
        (tmp_path / "crl.der").write_bytes(crl.der)
        options = ("-crl_check", "-CRLfile", tmp_path / "crl.pem")
        openssl("crl", "-inform", "DER", "-in", tmp_path / "crl.der", "-out", tmp_path / "crl.pem")
        verify(tmp_path, ca, leaf, *options)
        with pytest.raises(AssertionError, match="certificate revoked"):
            verify(tmp_path, ca, other, *options)
        assert Crl.parse((tmp_path / "crl.pem").read_bytes()).der == crl.der
    empty = build_crl(Issuer.of(ca, key), 1, (NOW, NOW + YEAR), [])
    assert empty.entries == {}
    (tmp_path / "crl.der").write_bytes(empty.der)
    assert "No Revoked" in openssl("crl", "-inform", "DER", "-in", tmp_path / "crl.der", "-noout", "-text")


@pytest.mark.parametrize("key", [rsa_key(2), ec_key(2)], ids=key_name)
def test_pkcs12_both_ways(tmp_path: Path, key: SigningKey) -> None:
    require("openssl")
    ca = root(rsa_key(1))
    leaf = identity(ca, rsa_key(1), key)
    bundle = pkcs12.Bundle(key, leaf, (ca,))
    made = pkcs12.build(bundle, "GET-CA", "pässword", Random(1).randbytes)
    assert made == pkcs12.build(bundle, "GET-CA", "pässword", Random(1).randbytes)
    found = pkcs12.parse(made, "pässword")
    assert (found.certificate, found.others) == (leaf, (ca,))
    assert found.key is not None
    assert found.key.public == key.public
    with pytest.raises(CryptoError):
        pkcs12.parse(made, "password")
    p12, out, keys = tmp_path / "x.p12", tmp_path / "x.pem", tmp_path / "key.pem"
    p12.write_bytes(made)
    openssl("pkcs12", "-in", p12, "-passin", "pass:pässword", "-nodes", "-out", out, "-legacy")
    assert leaf.to_pem() in out.read_bytes()
    assert parse_private_key(out.read_bytes()).public == key.public
    keys.write_bytes(key.to_pem())
    (tmp_path / "leaf.pem").write_bytes(leaf.to_pem())
    for options in ((), ("-legacy",)):
        openssl(
            *("pkcs12", "-export", "-inkey", keys, "-in", tmp_path / "leaf.pem", "-out", p12),
            *("-passout", "pass:secret", *options),
        )
        opened = pkcs12.parse(p12.read_bytes(), "secret")
        assert opened.certificate == leaf


@pytest.mark.parametrize("cipher", ["des", "3des"])
@pytest.mark.parametrize("key", [rsa_key(2), ec_key(2)], ids=key_name)
def test_encrypted_pem_both_ways(tmp_path: Path, key: SigningKey, cipher: str) -> None:
    text = encrypted_pem(key, cipher, "passphrase", Random(1).randbytes)
    assert b"Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-" in text
    assert parse_private_key(text, "passphrase").public == key.public
    with pytest.raises(CryptoError):
        parse_private_key(text, "passphrasf")
    require("openssl")
    (tmp_path / "key.pem").write_bytes(text)
    legacy = ("-provider", "legacy", "-provider", "default")
    read = ("pkey", "-in", tmp_path / "key.pem", "-passin", "pass:passphrase")
    assert parse_private_key(openssl(*read, *legacy).encode()).public == key.public
    for option in ("-traditional",), ():
        again = openssl(*read, *option, "-aes256", "-passout", "pass:other", *legacy).encode()
        assert parse_private_key(again, "other").public == key.public


def test_bare_signatures() -> None:
    digest = bytes(range(20))
    for key in KEYS:
        signature = key.sign_bare(digest)
        assert len(signature) == (128 if key.kind == "rsa" else 2 * ((key.bits + 7) // 8))
        assert key.public.verify_bare(digest, signature)
        assert not key.public.verify_bare(digest[::-1], signature)
        assert not key.public.verify_bare(digest, signature[:-1])
        assert not key.public.verify("sha1", digest, signature)


def test_what_does_not_fit_together() -> None:
    ca, stranger = root(rsa_key(1)), root(rsa_key(4))
    leaf = identity(ca, rsa_key(1), rsa_key(2))
    assert ca.subject == stranger.subject
    assert not leaf.names_issuer(stranger)
    assert not leaf.is_signed_by(stranger.public_key)
    assert not leaf.is_signed_by(ec_key(1).public)
    assert not leaf.is_valid_at(NOW - 2 * YEAR)
    assert leaf.is_valid_at(leaf.not_after)
    assert not leaf.is_valid_at(leaf.not_after + timedelta(seconds=1))
    forged = bytearray(leaf.der)
    forged[-1] ^= 1
    assert not Certificate.parse(bytes(forged)).is_signed_by(ca.public_key)


def test_self_signed_identity(tmp_path: Path) -> None:
    key = rsa_key(2)
    name = router_name(None, fqdn="R1.lab")
    own = self_sign(name, key, 1, (NOW, NOW + YEAR), Extensions(dns_names=("R1.lab",)), "sha256")
    assert str(own.subject) == "hostname=R1.lab"
    verify(tmp_path, own, own, "-partial_chain")


@pytest.mark.parametrize("seed", range(3))
def test_hostile_octets_raise_crypto_error_alone(seed: int) -> None:
    """Mutated and cut structures, and such as nest without end."""
    random = Random(seed)
    ca = root(rsa_key(1))
    leaf = identity(ca, rsa_key(1), rsa_key(2))
    request = build_request(Name.from_text("cn=x"), rsa_key(2), "sha256", Extensions(dns_names=("a",)), "pw")
    crl = build_crl(Issuer.of(ca, rsa_key(1)), 3, (NOW, NOW + YEAR), [Revocation(5, NOW, "superseded")])
    bundle = pkcs12.build(pkcs12.Bundle(rsa_key(2), leaf, (ca,)), "x", "pw", Random(1).randbytes)
    readers: tuple[tuple[Callable[[bytes], object], bytes, int], ...] = (
        (Certificate.parse, leaf.der, 150),
        (CertificateRequest.parse, request.der, 150),
        (Crl.parse, crl.der, 150),
        (Name.parse, leaf.subject.der, 150),
        (lambda data: pkcs12.parse(data, "pw"), bundle, 20),
        (parse_private_key, rsa_key(2).to_pem(), 50),
    )
    for read, good, rounds in readers:
        samples = [b"", b"0\x80" * 5000, b"0\x84\xff\xff\xff\xff", good + b"\0", b"\x30\x82" + good]
        for _ in range(rounds):
            damaged = bytearray(good[: random.randrange(1, len(good))] if random.random() < 0.2 else good)
            for _ in range(random.randrange(1, 4)):
                damaged[random.randrange(len(damaged))] = random.randrange(256)
            samples.append(bytes(damaged))
        for data in samples:
            try:
                read(data)
            except CryptoError:
                continue

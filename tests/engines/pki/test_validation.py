"""Chains of certificates: the verdicts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from iosemu.crypto.certificate import Certificate, Issuer, issue
from iosemu.crypto.crl import Crl, Revocation, build_crl
from iosemu.crypto.distinguished_name import Name
from iosemu.crypto.extensions import CA_USAGE, CRL_SIGN, Extensions
from iosemu.engines.pki.validation import Fault, Refused, Verified, validate
from tests.crypto.pki_material import NOW, YEAR, ec_key, identity, root, rsa_key

ROOT = root(rsa_key(1))
VALIDITY = NOW - YEAR, NOW + YEAR


def subordinate(name: str = "cn=sub", path_length: int | None = None, **changes: object) -> Certificate:
    wanted = Extensions(is_ca=True, path_length=path_length, key_usage=CA_USAGE)
    return issue(Issuer.of(ROOT, rsa_key(1)), Name.from_text(name), ec_key(2).public, 10, VALIDITY, wanted)


def crl(entries: list[Revocation], at: datetime = NOW, key: int = 1) -> Crl:
    return build_crl(Issuer.of(ROOT, rsa_key(key)), 1, (at, at + timedelta(days=1)), entries)


def fault(*args: Any, **kwargs: Any) -> Fault:
    verdict = validate(*args, **kwargs)
    assert isinstance(verdict, Refused)
    return verdict.fault


LEAF = identity(ROOT, rsa_key(1), rsa_key(2))


def test_leaf_below_the_anchor() -> None:
    verdict = validate([LEAF.der], [ROOT], NOW)
    assert isinstance(verdict, Verified)
    assert (verdict.certificate, verdict.anchor) == (LEAF, ROOT)
    assert isinstance(validate([LEAF.der, ROOT.der], [ROOT], NOW), Verified)


def test_leaf_below_a_subordinate() -> None:
    sub = subordinate()
    leaf = identity(sub, ec_key(2), rsa_key(2))
    assert isinstance(validate([leaf.der, sub.der], [ROOT], NOW), Verified)
    assert isinstance(validate([leaf.der], [sub], NOW), Verified)
    assert fault([leaf.der], [ROOT], NOW) is Fault.UNKNOWN_ISSUER


def test_self_signed_anchor_is_its_own_path() -> None:
    verdict = validate([LEAF.der], [LEAF], NOW)
    assert isinstance(verdict, Verified)
    assert verdict.path == (LEAF,)


@pytest.mark.parametrize(
    ("at", "expected"), [(NOW - YEAR, Fault.NOT_YET_VALID), (NOW + 2 * YEAR, Fault.EXPIRED), (NOW, None)]
)
def test_time(at: datetime, expected: Fault | None) -> None:
    verdict = validate([LEAF.der], [ROOT], at)
    assert (verdict.fault if isinstance(verdict, Refused) else None) is expected


def test_expired_ca() -> None:
    late = ROOT.not_after + timedelta(seconds=1)
    leaf = issue(
        Issuer.of(ROOT, rsa_key(1)), Name.from_text("cn=x"), rsa_key(2).public, 3, (NOW, NOW + 20 * YEAR), Extensions()
    )
    verdict = validate([leaf.der], [ROOT], late)
    assert isinstance(verdict, Refused)
    assert (verdict.fault, verdict.certificate) == (Fault.EXPIRED, ROOT)


def test_forgeries() -> None:
    forged = bytearray(LEAF.der)
    forged[-1] ^= 1
    assert fault([bytes(forged)], [ROOT], NOW) is Fault.BAD_SIGNATURE
    assert fault([b"rubbish"], [ROOT], NOW) is Fault.MALFORMED
    assert fault([], [ROOT], NOW) is Fault.MALFORMED
    assert fault([LEAF.der], [], NOW) is Fault.UNKNOWN_ISSUER
    # An identity that plays CA.
    below = identity(LEAF, rsa_key(2), rsa_key(4))
    assert fault([below.der, LEAF.der], [ROOT], NOW) is Fault.NOT_A_CA
    # A root of one's own in the chain helps nobody.
    own = root(rsa_key(4))
    assert fault([identity(own, rsa_key(4), rsa_key(2)).der, own.der], [ROOT], NOW) is Fault.UNKNOWN_ISSUER


def test_path_length() -> None:
    sub = subordinate(path_length=0)
    wanted = Extensions(is_ca=True, key_usage=CA_USAGE)
    deeper = issue(Issuer.of(sub, ec_key(2)), Name.from_text("cn=deep"), rsa_key(4).public, 11, VALIDITY, wanted)
    leaf = identity(deeper, rsa_key(4), rsa_key(2))
    assert fault([leaf.der, deeper.der, sub.der], [ROOT], NOW) is Fault.NOT_A_CA
    assert isinstance(validate([identity(sub, ec_key(2), rsa_key(2)).der, sub.der], [ROOT], NOW), Verified)


def test_revocation() -> None:
    gone = [Revocation(LEAF.serial, NOW)]
    assert isinstance(validate([LEAF.der], [ROOT], NOW, [crl([])]), Verified)
    assert fault([LEAF.der], [ROOT], NOW, [crl(gone)]) is Fault.REVOKED
    assert fault([LEAF.der], [ROOT], NOW, []) is Fault.CRL_MISSING
    assert fault([LEAF.der], [ROOT], NOW, [crl([], NOW - timedelta(days=2))]) is Fault.CRL_EXPIRED
    assert fault([LEAF.der], [ROOT], NOW, [crl([], key=4)]) is Fault.CRL_SIGNATURE
    # The newest list counts, whatever the order.
    both = [crl(gone, NOW - timedelta(hours=3)), crl([])]
    assert isinstance(validate([LEAF.der], [ROOT], NOW, both[::-1]), Verified)
    assert fault([LEAF.der], [ROOT], NOW, [crl(gone, NOW - timedelta(days=9))]) is Fault.REVOKED


def test_a_ca_without_the_right_to_sign_lists() -> None:
    wanted = Extensions(is_ca=True, key_usage=("key_cert_sign",))
    sub = issue(Issuer.of(ROOT, rsa_key(1)), Name.from_text("cn=sub"), ec_key(2).public, 10, VALIDITY, wanted)
    leaf = identity(sub, ec_key(2), rsa_key(2))
    listed = build_crl(Issuer.of(sub, ec_key(2)), 1, (NOW, NOW + YEAR), [])
    assert not sub.may_sign(CRL_SIGN)
    assert fault([leaf.der], [sub], NOW, [listed]) is Fault.CRL_SIGNATURE


def test_loops_end() -> None:
    """Two CAs that vouch for each other."""
    wanted = Extensions(is_ca=True, key_usage=CA_USAGE)
    a = issue(
        Issuer(Name.from_text("cn=b"), rsa_key(4)), Name.from_text("cn=a"), rsa_key(1).public, 1, VALIDITY, wanted
    )
    b = issue(
        Issuer(Name.from_text("cn=a"), rsa_key(1)), Name.from_text("cn=b"), rsa_key(4).public, 2, VALIDITY, wanted
    )
    leaf = identity(a, rsa_key(1), rsa_key(2))
    assert fault([leaf.der, a.der, b.der], [ROOT], NOW) is Fault.UNKNOWN_ISSUER

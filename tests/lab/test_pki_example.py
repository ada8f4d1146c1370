"""The lab of examples/getvpn-pki: enrolled at the first boot, registered with signatures; a member whose certificate is
revoked, and one whose certificate has expired, stay outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iosemu.labs.lab import Lab
from tests.lab.driver import boot, do, log, serial

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "getvpn-pki"
FAILED = "Certificate chain validation has failed."
MEMBERS = {"GM1": "198.51.100.2", "GM2": "198.51.100.6", "GM3": "198.51.100.10"}


@pytest.fixture
def lab() -> Lab:
    found = boot(EXAMPLE)
    do(found, "wait 60")
    return found


def registered(lab: Lab) -> set[str]:
    shown = do(lab, "KS1: show crypto gdoi ks members")
    return set(re.findall(r"Group Member ID    : (\S+)", shown))


def register_again(lab: Lab, node: str) -> str:
    """What the member says of its registration after a fresh attempt."""
    do(lab, f"{node}: clear crypto isakmp", f"{node}: clear crypto gdoi", "wait 30")
    found = re.search(r"Registration status   : (\w+)", do(lab, f"{node}: show crypto gdoi"))
    assert found is not None
    return found[1]


def test_everybody_enrolls_registers_and_reaches_everybody(lab: Lab) -> None:
    assert registered(lab) == set(MEMBERS.values())
    assert "Success rate is 100 percent" in do(lab, "H1: ping 10.2.2.10", "H3: ping 10.2.1.10")
    assert " rsig 14 " in do(lab, "GM1: show crypto isakmp sa detail")
    assert "%PKI-6-CERTRET: Certificate received from Certificate Authority" in log(lab, "GM1")


def test_a_member_that_is_revoked_is_refused(lab: Lab) -> None:
    number = serial(lab, "GM2")
    assert "successfully revoked" in do(lab, f"CA1: crypto pki server GET-CA revoke 0x{number}")
    do(lab, "KS1: configure terminal", "KS1: crypto pki crl request GET-CA", "KS1: end", "wait 5")
    assert register_again(lab, "GM2") == "Registering"
    found = log(lab, "KS1")
    assert f"%PKI-3-CERTIFICATE_REVOKED: {FAILED}  The certificate (SN: {number}) is revoked" in found
    assert f"%CRYPTO-5-IKMP_INVAL_CERT: Certificate received from {MEMBERS['GM2']} is bad" in found
    assert register_again(lab, "GM1") == "Registered"


def test_a_member_that_lets_its_certificate_expire_is_refused_and_one_that_renews_is_not(lab: Lab) -> None:
    number, first = serial(lab, "GM3"), serial(lab, "GM1")
    do(lab, "wait 7300")
    assert register_again(lab, "GM3") == "Registering"
    assert f"%PKI-3-CERTIFICATE_INVALID_EXPIRED: {FAILED}  The certificate (SN: {number}) has expired" in log(
        lab, "KS1"
    )
    assert register_again(lab, "GM1") == "Registered"
    assert serial(lab, "GM1") != first


def test_the_same_seed_issues_the_same_certificates() -> None:
    first, second = (do(boot(EXAMPLE, seed=7), "wait 60", "GM1: show crypto pki certificates") for _ in range(2))
    assert "Certificate Serial Number (hex): 03" in first
    assert first == second

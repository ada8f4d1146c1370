"""`registration periodic crl`: a new revocation list, everybody proves again who it is, the revoked member is out.
With cooperative key servers that waits until all of them are there."""

from __future__ import annotations

from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from tests.lab.driver import ROOT, boot, configure, do, log, ping, scenario, serial

SETTING = "registration periodic crl trustpoint GET-CA"
RE_AUTH = "%GDOI-4-GM_RECV_RE_AUTH: GM received Re-auth-msg from KS in group GETVPN."


def registrations(lab: Lab, node: str) -> tuple[int, int]:
    """Attempts and successes."""
    registration = next(iter(lab.routers[node].service(MemberRole).memberships.values())).member.registration
    return registration.attempts, registration.successes


def members(lab: Lab) -> set[str]:
    return {str(address) for address in lab.routers["KS1"].service(ServerRole).servers["GETVPN"].members}


def pki_lab() -> Lab:
    lab = boot(ROOT / "examples" / "getvpn-pki")
    do(lab, "wait 60")
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", SETTING)
    return lab


def test_the_revoked_member_is_out_and_the_others_lose_nothing() -> None:
    lab = pki_lab()
    assert do(lab, "KS1: show crypto gdoi | include Re-auth").strip().endswith("Re-auth on new CRL       : Enabled")
    assert SETTING in do(lab, "KS1: show running-config | section gdoi group")
    do(lab, "wait 10")
    assert "RE_AUTH" not in log(lab, "GM1")
    before = {node: registrations(lab, node) for node in ("GM1", "GM2", "GM3")}
    assert "successfully revoked" in do(lab, f"CA1: crypto pki server GET-CA revoke 0x{serial(lab, 'GM2')}")
    configure(lab, "KS1", "crypto pki crl request GET-CA")
    do(lab, "wait 5")
    for node in ("GM1", "GM2", "GM3"):
        assert RE_AUTH in log(lab, node)
    for _ in range(60):
        assert ping(lab, "H1", "10.2.3.10", 1) == 1
        do(lab, "wait 5")
    assert members(lab) == {"198.51.100.2", "198.51.100.10"}
    for node in ("GM1", "GM3"):
        assert registrations(lab, node) == (before[node][0] + 1, before[node][1] + 1)
    assert registrations(lab, "GM2")[1] == before["GM2"][1]
    assert next(iter(lab.routers["GM2"].service(MemberRole).memberships.values())).member.teks == []
    assert ping(lab, "H1", "10.2.2.10") == 0
    # The next rekeys reach who is left.
    do(lab, "wait 7200")
    assert ping(lab, "H1", "10.2.3.10") == 5
    assert registrations(lab, "GM1")[1] == before["GM1"][1] + 1


def test_the_list_is_fetched_when_the_last_one_lapses() -> None:
    lab = pki_lab()
    configure(lab, "KS1", "crypto pki trustpoint GET-CA", "crl cache delete-after 30")
    configure(lab, "KS1", "crypto pki crl request GET-CA")
    do(lab, "wait 400")
    before = registrations(lab, "GM1")
    do(lab, f"CA1: crypto pki server GET-CA revoke 0x{serial(lab, 'GM2')}", "wait 60")
    assert registrations(lab, "GM1") == before
    do(lab, "wait 1800")
    assert log(lab, "GM1").count(RE_AUTH) == 1
    assert registrations(lab, "GM1")[1] == before[1] + 1
    assert members(lab) == {"198.51.100.2", "198.51.100.10"}


def test_two_key_servers_wait_for_each_other() -> None:
    lab = scenario("05-coop-2ks", settle=120)
    do(lab, "power off KS2", "wait 120")
    assert "COOP_KS_UNREACH" in log(lab, "KS1")
    lab.routers["KS1"].service(ServerRole).distrust("GETVPN")
    do(lab, "wait 600")
    assert "RE_AUTH" not in log(lab, "GM1")
    do(lab, "power on KS2", "wait 120")
    assert RE_AUTH in log(lab, "GM1")
    assert RE_AUTH in log(lab, "GM2")
    lost = sum(1 - ping(lab, "H1", "10.5.2.10", 1) for _ in range(60) if do(lab, "wait 10") is not None)
    assert lost == 0
    held = [lab.routers[name].service(ServerRole).servers["GETVPN"] for name in ("KS1", "KS2")]
    assert {tek.spi for tek in held[0].teks} == {tek.spi for tek in held[1].teks}
    assert [len(server.members) for server in held] == [2, 2]
    assert log(lab, "GM1").count(RE_AUTH) == 1


def test_what_a_secondary_was_told_too_is_done_once() -> None:
    lab = scenario("05-coop-2ks", settle=120)
    for name in ("KS2", "KS1"):
        lab.routers[name].service(ServerRole).distrust("GETVPN")
    do(lab, "wait 300", "power off KS1", "wait 300")
    assert "transitioned to Primary" in log(lab, "KS2")
    assert log(lab, "GM1").count(RE_AUTH) == 1
    assert ping(lab, "H1", "10.5.2.10") == 5

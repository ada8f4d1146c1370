"""Where a key server can send neither rekey nor GM-Removal message: a line per group says why, nothing is changed."""

from __future__ import annotations

import pytest

from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from tests.lab.driver import answer, configure, do, fresh, log, members, scenario

SERVER = ("crypto gdoi group GETVPN", "server local")
REKEY = "KS1: crypto gdoi ks rekey"
REMOVE = "KS1: clear crypto gdoi ks members"


def refused(reason: str, group: str = "GETVPN") -> str:
    return f"ERROR for group {group}: {reason}\n"


def not_sent(reason: str, group: str = "GETVPN", message: str = "rekey") -> str:
    return refused(f"no {message} was sent: {reason}", group)


def not_removed(reason: str, group: str = "GETVPN") -> str:
    return not_sent(reason, group, "GM-Removal message")


def sent(lab: Lab, group: str = "GETVPN") -> int:
    """How many rekeys the key server has begun to send."""
    return lab.routers["KS1"].service(ServerRole).servers[group].pushes.sent


def keys(lab: Lab) -> set[bytes]:
    """The data SAs of the key server."""
    return {tek.spi for tek in lab.routers["KS1"].service(ServerRole).servers["GETVPN"].teks}


def test_nobody_is_registered() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    assert members(lab) == []
    for line in (REKEY, f"{REKEY} group GETVPN", f"{REKEY} replace-now", "KS1: crypto gkm ks rekey"):
        assert do(lab, line) == not_sent("no group member is registered")
    for line in (REMOVE, f"{REMOVE} group GETVPN", f"{REMOVE} now", "KS1: clear crypto gkm ks members"):
        assert do(lab, line) == not_removed("no group member is registered")
    assert do(lab, "KS1: clear crypto gdoi ks policy") == ""
    do(lab, "wait 60")
    assert len(members(lab)) == 2
    assert do(lab, REKEY) == ""
    assert sent(lab) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("no rekey authentication mypubkey", "rekey authentication is not configured"),
        ("rekey authentication mypubkey rsa NONE", "there is no RSA key NONE"),
        ("rekey authentication mypubkey ec NONE", "there is no EC key NONE"),
        ("no address ipv4", "address ipv4 is not configured"),
    ],
)
def test_a_line_of_the_rekey_policy_is_missing(line: str, reason: str) -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "KS1", *SERVER, line)
    before = keys(lab)
    assert do(lab, REKEY) == not_sent(reason)
    assert do(lab, "KS1: clear crypto gdoi ks policy") == not_sent(reason)
    # Members that are not told must not lose the key server that they share keys with.
    assert do(lab, REMOVE) == do(lab, f"{REMOVE} now") == not_removed(reason)
    assert sent(lab) == 0
    assert len(members(lab)) == 2
    assert keys(lab) == before
    assert "KS_SEND_UNICAST_REKEY" not in log(lab, "KS1")


def test_members_that_registered_without_a_rekey_policy() -> None:
    lab = fresh("01-psk-single-ks", ("KS1", (*SERVER, "no rekey authentication mypubkey")))
    assert len(members(lab)) == 2
    assert do(lab, REKEY) == not_sent("rekey authentication is not configured")
    configure(lab, "KS1", *SERVER, "rekey authentication mypubkey rsa GET-REKEY")
    assert do(lab, REKEY) == not_sent("the group members registered without a rekey policy")
    assert sent(lab) == 0


def test_the_list_of_multicast_rekeys_is_missing() -> None:
    lab = scenario("04-multicast-rekey")
    configure(lab, "KS1", "crypto gdoi group MC-GROUP", "server local", "no rekey address ipv4")
    assert do(lab, REKEY) == not_sent("rekey address ipv4 names no source address of this router", "MC-GROUP")
    assert sent(lab, "MC-GROUP") == 0


def test_groups_that_are_not_served() -> None:
    lab = scenario("01-psk-single-ks")
    assert do(lab, f"{REKEY} group NONE") == "% group NONE doesn't yet exist.\n"
    assert do(lab, "GM1: crypto gdoi ks rekey") == "% No key server is configured.\n"
    assert do(lab, "GM1: crypto gdoi ks rekey group GETVPN") == refused("this router is no key server of the group")
    configure(lab, "KS1", "crypto gdoi group SECOND", "identity number 2", "server local")
    incomplete = not_sent("the configuration of the group is not complete", "SECOND")
    assert do(lab, f"{REKEY} group SECOND") == incomplete
    assert do(lab, REKEY) == incomplete
    assert sent(lab) == 1


def test_members_are_removed_from_the_groups_that_can_be_told() -> None:
    lab = scenario("01-psk-single-ks")
    assert do(lab, "GM1: clear crypto gdoi ks members") == "% No key server is configured.\n"
    assert do(lab, "GM1: clear crypto gdoi ks members group GETVPN") == refused(
        "this router is no key server of the group"
    )
    configure(lab, "KS1", "crypto gdoi group SECOND", "identity number 2", "server local")
    incomplete = not_removed("the configuration of the group is not complete", "SECOND")
    assert do(lab, f"{REMOVE} group SECOND") == incomplete
    screen = answer(lab, "KS1", "clear crypto gdoi ks members", "yes")
    assert screen.startswith(f"{incomplete}% This GM-Removal message will")
    assert screen.endswith("Sending GM-Removal message to group GETVPN...\n")
    assert sent(lab) == 1
    assert members(lab) == []

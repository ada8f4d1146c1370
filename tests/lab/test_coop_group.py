"""What a cooperative group keeps through a failover: multicast rekeys, and sender IDs of counter modes that no two key
servers give out."""

from __future__ import annotations

from pathlib import Path

from tests.lab.coop_group import IDENTIFIER, MEMBERS, all_reach_all, group, member, server_number
from tests.lab.driver import answer, configure, do, log, roles, status


def test_failover_keeps_multicast_rekeys_and_sender_ids(tmp_path: Path) -> None:
    lab = group(tmp_path)
    assert roles(lab) == {"KS1": "Primary", "KS2": "Secondary"}
    assert all_reach_all(lab)
    sids = {f"GM{n}": member(lab, f"GM{n}").held.sids for n in MEMBERS}
    assert len(set(sids.values())) == 3
    assert {server_number(sids[name][0]) for name in ("GM1", "GM2")} == {0}
    assert server_number(sids["GM3"][0]) == 32
    do(lab, "wait 900")
    line = "Received Rekey for group GETVPN from 203.0.113.{} to 239.192.1.1"
    assert line.format(201) in log(lab, "GM3")
    do(lab, "power off KS1", "wait 120")
    assert roles(lab) == {"KS2": "Primary"}
    for _ in range(6):
        do(lab, "wait 300")
        assert all_reach_all(lab)
    for n in MEMBERS:
        assert line.format(202) in log(lab, f"GM{n}")
        found = member(lab, f"GM{n}")
        assert (found.held.sids, found.registration.successes) == (sids[f"GM{n}"], 1)
    # Whoever registers now gets a number of the key server that is left, under the keys in force.
    do(lab, "GM1: clear crypto gdoi", "wait 180")
    fresh = member(lab, "GM1").held.sids
    assert server_number(fresh[0]) == 32
    assert fresh != sids["GM3"]
    assert all_reach_all(lab)


def test_a_key_server_that_restarts_gives_no_sender_id_twice(tmp_path: Path) -> None:
    lab = group(tmp_path)
    before = {member(lab, f"GM{n}").held.sids for n in MEMBERS}
    tek = member(lab, "GM1").teks[-1].spi
    do(lab, "power off KS1", "wait 20", "power on KS1", "wait 60")
    do(lab, "GM2: clear crypto isakmp", "GM2: clear crypto gdoi", "wait 90")
    found = member(lab, "GM2")
    assert tek in {item.spi for item in found.teks}
    assert found.registration.registered_with == found.config.servers[0]
    # The other key server remembers for it that number 0 was used.
    assert server_number(found.held.sids[0]) == 1
    assert found.held.sids not in before
    assert "KSSID(s) Used                : 0-1" in do(lab, "KS2: show crypto gdoi ks coop identifier detail")


def test_without_numbers_of_its_own_a_key_server_gives_no_sender_ids(tmp_path: Path) -> None:
    lab = group(tmp_path)
    configure(lab, "KS2", *IDENTIFIER, "no range 32 - 63", "range 0 - 40")
    do(lab, "wait 60")
    for node in ("KS1", "KS2"):
        assert log(lab, node).count("%GDOI-3-COOP_KSSID_OVERLAP: KSSIDs 0 1 2 3") == 1
    # Of what both have neither gives out anything: there is nothing left for KS1.
    do(lab, "GM1: clear crypto gdoi", "wait 90")
    line = "%GDOI-3-KS_NO_SID_AVAILABLE: GM 203.0.113.1 needs a sender ID in group GETVPN"
    assert line in log(lab, "KS1")
    assert server_number(member(lab, "GM1").held.sids[0]) > 31
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "no identifier")
    configure(lab, "KS2", "crypto gdoi group GETVPN", "server local", "no identifier")
    do(lab, "wait 60", "GM1: clear crypto gdoi", "wait 90")
    assert line in log(lab, "KS2")
    assert "Registration status   : Registering" in status(lab)
    configure(lab, "KS1", *IDENTIFIER, "range 2 - 31")
    do(lab, "wait 200")
    assert "Registration status   : Registered" in status(lab)
    assert server_number(member(lab, "GM1").held.sids[0]) == 2
    assert all_reach_all(lab)


def test_one_number_each_is_enough_when_all_keys_are_made_anew(tmp_path: Path) -> None:
    lab = group(tmp_path)
    configure(lab, "KS1", *IDENTIFIER, "no range 0 - 31", "value 0")
    configure(lab, "KS2", *IDENTIFIER, "no range 32 - 63", "value 32")
    do(lab, "wait 60")
    for _ in range(3):
        before = member(lab, "GM1").teks[-1].spi
        answer(lab, "KS1", "clear crypto gdoi ks members now", "yes")
        do(lab, "wait 120")
        assert member(lab, "GM1").teks[-1].spi != before
        assert [server_number(member(lab, f"GM{n}").held.sids[0]) for n in MEMBERS] == [0, 0, 32]
        assert all_reach_all(lab)
    for node in ("KS1", "KS2"):
        assert "KS_NO_SID_AVAILABLE" not in log(lab, node)

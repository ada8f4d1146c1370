"""A group with a hierarchy of keys as a lab: one member is shut out, the shows say so, the others notice nothing."""

from __future__ import annotations

from tests.lab.driver import basic, configure, do, log, ping

SERVER = ("crypto gdoi group GETVPN", "server local")


def test_one_member_is_shut_out() -> None:
    lab = basic()
    do(lab, "wait 30")
    assert "% 203.0.113.14 is in no group" in do(lab, "KS1: crypto gdoi ks exclude 203.0.113.14")
    configure(lab, "KS1", *SERVER, "rekey lkh")
    assert "rekey lkh" in do(lab, "KS1: show running-config | section gdoi group")
    do(lab, "KS1: clear crypto gdoi ks members now", "wait 60")
    assert "management alg     : LKH" in do(lab, "KS1: show crypto gdoi ks policy")
    assert "%GDOI-5-LKH_ENABLED: LKH enabled in group GETVPN." in log(lab, "KS1")
    assert ping(lab, "H1", "192.168.2.10") == ping(lab, "H1", "192.168.3.10") == 5
    configure(lab, "KS1", "access-list 7 permit 203.0.113.6", "access-list 7 permit 203.0.113.10")
    configure(lab, "KS1", *SERVER, "authorization address ipv4 7")
    do(lab, "KS1: crypto gdoi ks exclude 203.0.113.14")
    assert "%GDOI-4-KS_GM_REVOKED: Re-Key: GM 203.0.113.14 revoked by KS in group GETVPN." in log(lab, "KS1")
    for _ in range(30):
        assert ping(lab, "H1", "192.168.2.10", 1) == 1
        do(lab, "wait 10")
    assert ping(lab, "H1", "192.168.3.10") == 0
    assert "Attempted registration: 2" in do(lab, "GM1: show crypto gdoi")
    do(lab, "wait 7200")
    assert ping(lab, "H1", "192.168.2.10") == 5
    assert "203.0.113.14" not in do(lab, "KS1: show crypto gdoi ks members")


def test_cooperative_key_servers_have_no_hierarchy() -> None:
    warning = "% WARNING: rekey lkh has no effect in a group with redundancy"
    lab = basic()
    assert warning not in configure(lab, "KS1", *SERVER, "rekey lkh")
    do(lab, "wait 30")
    assert "management alg     : LKH" in do(lab, "KS1: show crypto gdoi ks policy")
    added = configure(lab, "KS1", *SERVER, "redundancy", "peer address ipv4 192.0.2.99")
    assert warning in added
    do(lab, "wait 120")
    assert "Local KS Role        : Primary" in do(lab, "KS1: show crypto gdoi")
    assert "management alg     : disabled" in do(lab, "KS1: show crypto gdoi ks policy")
    do(lab, "KS1: clear crypto gdoi ks policy", "wait 10")
    assert "management alg     : disabled" in do(lab, "KS1: show crypto gdoi ks policy")
    assert "Attempted registration: 1" in do(lab, "GM1: show crypto gdoi gm")
    assert "GDOI_REKEY_FAILURE" not in log(lab, "GM1")
    assert warning in configure(lab, "KS1", *SERVER, "no rekey lkh", "rekey lkh")
    assert ping(lab, "H1", "192.168.2.10") == 5

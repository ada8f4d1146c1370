"""Policies of groups as administrators make and change them: several `sa ipsec`, several groups, edits."""

from __future__ import annotations

import pytest

from iosemu.features.gdoi.members.role import MemberRole
from iosemu.labs.lab import Lab
from tests.lab.driver import answer, configure, do, log, members, ping, scenario, status

SERVER = ("crypto gdoi group GETVPN", "server local")
CHANGED = "%GDOI-5-POLICY_CHANGE: GDOI group GETVPN policy has changed. Use 'crypto gdoi ks rekey' to send a rekey"


def encrypted(lab: Lab, node: str = "GM1") -> list[int]:
    """Packets that each membership has encrypted."""
    return [item.plane.totals.encapsulated for item in lab.routers[node].service(MemberRole).memberships.values()]


def test_several_sas_make_one_list_in_which_the_first_match_counts() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    configure(
        lab,
        "KS1",
        *("crypto ipsec transform-set GCM-TS esp-gcm 256", "crypto ipsec profile GCM-PROF"),
        *("set transform-set GCM-TS", "set security-association lifetime seconds 900"),
        *("ip access-list extended FIRST", "deny udp any eq 848 any eq 848"),
        *("deny tcp 10.1.0.0 0.0.255.255 eq 22 any", "permit ip 10.1.1.0 0.0.0.255 10.1.2.0 0.0.0.255"),
        *("ip access-list extended SECOND", "deny ip 10.1.1.0 0.0.0.255 any"),
        "permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255",
        *(*SERVER, "no sa ipsec 10", "sa ipsec 20", "profile GCM-PROF", "match address ipv4 SECOND"),
        *("sa ipsec 10", "profile GET-PROF", "match address ipv4 FIRST"),
    )
    do(lab, "wait 60")
    rules = do(lab, "GM1: show crypto gdoi gm acl download").splitlines()
    assert [line.strip() for line in rules if "access-list" in line] == [
        "access-list  deny udp any port = 848 any port = 848",
        "access-list  deny tcp 10.1.0.0 0.0.255.255 port = 22 any",
        "access-list  permit ip 10.1.1.0 0.0.0.255 10.1.2.0 0.0.0.255",
        "access-list  deny ip 10.1.1.0 0.0.0.255 any",
        "access-list  permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255",
    ]
    screen = do(lab, "GM1: show crypto gdoi", "KS1: show crypto gdoi ks")
    assert screen.index("transform: esp-256-aes esp-sha256-hmac") < screen.index("transform: esp-256-gcm")
    assert "        access-list FIRST\n        access-list SECOND\n" in screen
    # One way falls under the first SA, the way back under the second.
    assert ping(lab, "H1", "10.1.2.10") == 5
    (membership,) = lab.routers["GM1"].service(MemberRole).memberships.values()
    numbers = {sa.tek.transform.encryption: sa.counters.encapsulated for sa in membership.plane.sas.values()}
    assert sorted(numbers.values()) == [0, 5]
    # Each SA is renewed at its own time.
    do(lab, "wait 3000")
    assert ping(lab, "H1", "10.1.2.10") == ping(lab, "H2", "10.1.1.10") == 5
    assert "Succeeded registration: 1" in status(lab)
    # An SA that is taken away ends with its keys.
    configure(lab, "KS1", *SERVER, "no sa ipsec 20")
    do(lab, "KS1: crypto gdoi ks rekey replace-now", "wait 5")
    assert "SECOND" not in do(lab, "KS1: show crypto gdoi ks acl")
    assert do(lab, "GM1: show crypto gdoi gm acl download").count("access-list") == 3
    assert "esp-256-gcm" not in do(lab, "GM1: show crypto gdoi")


def test_registrations_are_taken_on_one_interface() -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "KS1", "interface Loopback0", "ip address 203.0.113.7 255.255.255.255")
    configure(lab, "KS1", *SERVER, "registration interface Loopback0")
    answer(lab, "GM1", "clear crypto gdoi", "yes")
    do(lab, "wait 5")
    line = "%GDOI-1-UNREGISTERED_INTERFACE: Group GETVPN received registration from unregistered interface."
    assert line in log(lab, "KS1")
    assert "Registration status   : Registering" in status(lab)
    configure(lab, "KS1", *SERVER, "registration interface GigabitEthernet0/0")
    do(lab, "wait 60")
    assert "Registration status   : Registered" in status(lab)
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_groups_on_interfaces_of_their_own_do_not_count_each_others_packets() -> None:
    lab = scenario("09-two-groups")
    for node in ("GM1", "GM2"):
        configure(lab, node, *("crypto gdoi group DATA", "client recovery-check interval 100"))
    assert ping(lab, "V1", "10.9.129.1") == 5
    configure(lab, "GM2", "interface Loopback7", "ip address 10.9.130.1 255.255.255.0")
    configure(lab, "KS1", "access-list 20 permit 198.51.100.6")
    configure(lab, "GM2", "crypto gdoi group VOICE", "identity number 902", "server address ipv4 192.0.2.1")
    configure(lab, "GM2", "crypto map GM-MAP 20 gdoi", "set group VOICE")
    configure(lab, "PE", "ip route 10.9.130.0 255.255.255.0 198.51.100.6")
    do(lab, "wait 30")
    assert members(lab, "VOICE") == ["198.51.100.2", "198.51.100.6"]
    assert ping(lab, "V1", "10.9.130.1") == 5
    assert encrypted(lab) == [0, 5]
    # Packets of the second group are no invalid SPIs of the first one, which would register again for them.
    for node in ("GM1", "GM2"):
        screen = do(lab, f"{node}: show crypto gdoi gm dataplane counters")
        assert screen.count("#pkts invalid sa (rcv)   : 0") == 2
        assert do(lab, f"{node}: show crypto gdoi gm").count("IPSEC init reg executed    : 0") == 2


def test_the_refusal_of_one_group_is_not_that_of_another() -> None:
    lab = scenario("09-two-groups", settle=0)
    configure(lab, "GM2", "crypto gdoi group VOICE", "identity number 902", "server address ipv4 192.0.2.1")
    configure(lab, "GM2", "crypto map GM-MAP 20 gdoi", "set group VOICE")
    do(lab, "wait 100")
    assert "%GDOI-1-UNAUTHORIZED_IPADDR: Group VOICE received registration from unauthorized ip address" in log(
        lab, "KS1"
    )
    data, voice = status(lab, "GM2").split("Group Member Information For Group VOICE")
    assert "Succeeded registration: 1\n       Attempted registration: 1\n" in data
    assert "Registration status   : Registering" in voice
    assert "IKMP_BAD_MESSAGE" not in log(lab, "GM2")


def test_an_unknown_spi_makes_a_member_recover() -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "GM2", "crypto gdoi group GETVPN", "client recovery-check interval 100")
    answer(lab, "KS1", "clear crypto gdoi", "yes")
    answer(lab, "GM1", "clear crypto gdoi", "yes")
    do(lab, "wait 10")
    assert ping(lab, "H1", "10.1.2.10", 1) == 0
    assert "%CRYPTO-4-RECVD_PKT_INV_SPI" in log(lab, "GM2")
    do(lab, "wait 5")
    assert "IPSEC init reg executed    : 1" in status(lab, "GM2")
    # No rekey was due: the data plane has asked for it.
    assert "GM_REKEY_NOT_RECD" not in log(lab, "GM2")
    assert ping(lab, "H1", "10.1.2.10") == 5


@pytest.mark.parametrize(
    ("edit", "shown"),
    [
        (("crypto ipsec profile GET-PROF", "set security-association lifetime seconds 1800"), ": (17"),
        (("crypto ipsec transform-set GET-TS esp-aes 128 esp-sha-hmac",), "transform: esp-aes esp-sha-hmac"),
        (
            ("ip access-list extended GET-POLICY", "permit ip 172.16.0.0 0.0.255.255 172.16.0.0 0.0.255.255"),
            "permit ip 172.16.0.0 0.0.255.255 172.16.0.0 0.0.255.255",
        ),
        ((*SERVER, "sa ipsec 10", "replay time window-size 7"), "Anti-Replay(Time Based) : 7 sec interval"),
        ((*SERVER, "sa ipsec 10", "replay counter window-size 512"), "Anti-Replay(Counter Based) : 512"),
        ((*SERVER, "sa receive-only"), "IPSec SA Direction       : Inbound Only"),
        ((*SERVER, "rekey algorithm aes 128"), "Key Size                 : 128"),
        ((*SERVER, "rekey sig-hash algorithm sha512"), "Sig Hash Algorithm       : HMAC_AUTH_SHA512"),
    ],
)
def test_an_edited_policy_waits_for_a_rekey(edit: tuple[str, ...], shown: str) -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "KS1", *edit)
    assert log(lab, "KS1").count(CHANGED) == 1
    do(lab, "wait 5")
    assert shown not in do(lab, "GM1: show crypto gdoi")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 5")
    assert shown in do(lab, "GM1: show crypto gdoi")
    assert "Succeeded registration: 1" in status(lab)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("client transform-sets NONE", "IPsec transform is not allowed"),
        ("client rekey hash sha512", "rekey signature hash is not allowed"),
        ("client rekey encryption 3des-cbc", "rekey encryption algorithm is not allowed"),
    ],
)
def test_a_member_refuses_what_its_lists_leave_out(line: str, reason: str) -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "GM1", "crypto gdoi group GETVPN", line)
    answer(lab, "GM1", "clear crypto gdoi", "yes")
    do(lab, "wait 10")
    text = "Registration: Policy in SA payload sent by KS 192.0.2.1 rejected by GM in the group GETVPN reason"
    assert f"%GDOI-4-GM_REJECTING_SA_PAYLOAD: {text} {reason}" in log(lab, "GM1")
    configure(lab, "GM1", "crypto gdoi group GETVPN", f"no {line}")
    do(lab, "wait 60")
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_a_local_list_is_merged_whenever_it_changes() -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "GM1", "ip access-list extended OWN", "deny tcp any any eq 22")
    merged = "%GDOI-5-GM_ACL_MERGE: ACL between KS and GM in group GETVPN merged."
    configure(lab, "GM1", "crypto map GM-MAP 10 gdoi", "match address OWN")
    assert log(lab, "GM1").count(merged) == 1
    configure(lab, "GM1", "ip access-list extended OWN", "deny icmp any any")
    assert log(lab, "GM1").count(merged) == 2
    assert ping(lab, "H1", "10.1.2.10", 1) == 0
    configure(lab, "GM1", "crypto map GM-MAP 10 gdoi", "no match address")
    assert log(lab, "GM1").count(merged) == 2
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_kssids_fit_the_size_of_the_group() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    refused = "% KSSIDs above 127 need group size large."
    assert refused in configure(lab, "KS1", *SERVER, "identifier", "range 0 - 200")
    assert refused not in configure(lab, "KS1", *SERVER, "group size large", "identifier", "range 0 - 200")
    assert refused in configure(lab, "KS1", *SERVER, "group size medium")
    assert refused in configure(lab, "KS1", *SERVER, "no group size")
    assert "  group size large\n" in do(lab, "KS1: show running-config | section gdoi group")


def test_edits_are_told_of_once_when_configuration_mode_is_left() -> None:
    lab = scenario("01-psk-single-ks")
    do(lab, "KS1: configure terminal")
    for line in (*SERVER, "rekey algorithm aes 128", "sa ipsec 10", "replay time window-size 7"):
        do(lab, f"KS1: {line}")
    assert CHANGED not in log(lab, "KS1")
    do(lab, "KS1: end")
    assert log(lab, "KS1").count(CHANGED) == 1
    assert log(lab, "KS1").index(CHANGED) < log(lab, "KS1").rindex("%SYS-5-CONFIG_I")
    # What is taken back, or is no affair of the members, is no change.
    configure(lab, "KS1", *SERVER, "rekey algorithm aes 192", "rekey algorithm aes 128", "rekey retransmit 30 number 3")
    configure(lab, "KS1", *SERVER, "authorization address ipv4 5", "no authorization address ipv4")
    assert log(lab, "KS1").count(CHANGED) == 1


def typed(lab: Lab, *lines: str) -> list[str]:
    """What the log says of groups that are served, line by line, while SECOND is typed."""
    do(lab, "KS1: configure terminal", "KS1: crypto gdoi group SECOND", "KS1: identity number 2", "KS1: server local")
    found = []
    for line in lines:
        do(lab, f"KS1: {line}")
        found.append(log(lab, "KS1").rpartition("%GDOI-5-KS_GROUP_")[2].partition("\n")[0])
    return found


SECOND = ("sa ipsec 1", "profile GET-PROF", "match address ipv4 GET-POLICY", "exit")
FIRST_ADDED = "ADD: Config KS 192.0.2.1 to the Group GETVPN."
SECOND_ADDED = "ADD: Config KS 192.0.2.1 to the Group SECOND."


def test_a_group_is_told_of_with_the_address_that_is_typed_last() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    lines = typed(lab, *SECOND, "address ipv4 192.0.2.1", "end")
    assert lines == [FIRST_ADDED] * 4 + [SECOND_ADDED] * 2
    assert "0.0.0.0 to the Group" not in log(lab, "KS1")
    configure(lab, "KS1", "no crypto gdoi group SECOND")
    # The other way round it is the policy that completes the group.
    assert typed(lab, "address ipv4 192.0.2.1", *SECOND[:3])[-2:] == [
        "DELETE: Config KS 192.0.2.1 removed from the Group SECOND.",
        SECOND_ADDED,
    ]


def test_a_group_without_an_address_serves_at_any_which_shows_at_the_end_of_the_configuration() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    added = "ADD: Config KS 0.0.0.0 to the Group SECOND."
    assert typed(lab, *SECOND, "end") == [FIRST_ADDED] * 4 + [added]
    configure(lab, "KS1", "crypto gdoi group SECOND", "server local", "address ipv4 192.0.2.1")
    configure(lab, "KS1", "no crypto gdoi group SECOND")
    assert log(lab, "KS1").count("to the Group SECOND") == 1
    assert "KS_GROUP_DELETE: Config KS 192.0.2.1 removed from the Group SECOND." in log(lab, "KS1")
    # Neither comes nor goes what was never told of.
    typed(lab, *SECOND, "exit", "no server local", "end")
    assert log(lab, "KS1").count("the Group SECOND") == 2
    typed(lab, *SECOND, "end")
    do(lab, "KS1: write memory", "power off KS1", "power on KS1", "wait 1")
    assert added in log(lab, "KS1")


def test_a_configuration_that_is_replaced_is_told_of_like_one_that_is_typed() -> None:
    lab = scenario("01-psk-single-ks")
    do(lab, "KS1: show running-config | redirect flash:before")
    configure(lab, "KS1", *SERVER, "rekey algorithm aes 128")
    typed(lab, *SECOND, "end")
    do(lab, "KS1: show running-config | redirect flash:after", "KS1: configure replace flash:before force")
    assert log(lab, "KS1").count(CHANGED) == 2
    assert log(lab, "KS1").count("KS_GROUP_DELETE") == 1
    do(lab, "KS1: configure replace flash:after force")
    assert log(lab, "KS1").count(CHANGED) == 3
    assert log(lab, "KS1").count("KS_GROUP_ADD: Config KS 0.0.0.0 to the Group SECOND.") == 2


def test_a_key_server_is_told_of_once_although_its_policy_is_taken_apart() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    configure(lab, "KS1", *SERVER, "sa ipsec 10", "no profile", "profile GET-PROF", "exit", "no address ipv4")
    text = log(lab, "KS1")
    assert text.count("KS_GROUP_ADD") == 1
    assert text.count("GDOI is ON") == 1
    configure(lab, "KS1", *SERVER, "sa ipsec 10", "no profile")
    configure(lab, "KS1", "crypto gdoi group GETVPN", "no server local")
    text = log(lab, "KS1")
    assert text.count("KS_GROUP_DELETE") == 1
    assert text.rindex("GDOI is ON") < text.rindex("GDOI is OFF")

"""Misconfigurations: each shows its symptom and its log line, and the lab heals when it is put right.

The numbers are those of a catalogue of faults for students. Here are those of registration and of what is configured at
one end; `test_faults_of_*.py` have others, test_pki.py those of certificates, test_coop.py those of several servers.
"""

from __future__ import annotations

from iosemu.labs.lab import Lab
from tests.lab.driver import HEALED, assert_healthy, configure, do, fresh, log, members, ping, scenario, status

KEY = "crypto isakmp key {} address 192.0.2.1"


def psk_of(lab: Lab, node: str = "GM1") -> str:
    line = do(lab, f"{node}: show running-config | include isakmp key")
    return line.split("isakmp key ")[1].split()[0]


def test_01_pre_shared_keys_differ() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    right = psk_of(lab)
    configure(lab, "GM1", "no " + KEY.format(right), KEY.format("Wrong"))
    do(lab, "wait 12")
    assert "MM_KEY_EXCH" in do(lab, "GM1: show crypto isakmp sa")
    do(lab, "wait 60")
    assert "%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from 198.51.100.2" in log(lab, "KS1")
    assert "Registration status   : Registering" in status(lab)
    assert members(lab) == ["198.51.100.6"]
    configure(lab, "GM1", "no " + KEY.format("Wrong"), KEY.format(right))
    assert_healthy(lab)


def test_02_isakmp_policies_do_not_match() -> None:
    lab = fresh("01-psk-single-ks", ("KS1", ("crypto isakmp policy 10", "group 5")), settle=20)
    assert "MM_NO_STATE" in do(lab, "GM1: show crypto isakmp sa")
    assert "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Main mode failed with peer at 198.51.100.2" in log(lab, "KS1")
    configure(lab, "KS1", "crypto isakmp policy 10", "group 14")
    assert_healthy(lab)


def test_03_the_key_server_has_another_address() -> None:
    wrong = ("crypto gdoi group GETVPN", "server address ipv4 192.0.2.99", "no server address ipv4 192.0.2.1")
    key = "crypto isakmp key Elsewhere address 192.0.2.99"
    lab = fresh("01-psk-single-ks", ("GM1", (key, *wrong)), settle=5)
    assert "MM_NO_STATE" in do(lab, "GM1: show crypto isakmp sa")
    do(lab, "wait 300")
    screen = status(lab)
    assert "Succeeded registration: 0" in screen
    assert int(screen.split("Attempted registration: ")[1].split()[0]) > 1
    configure(lab, "GM1", *wrong[:1], "server address ipv4 192.0.2.1", "no server address ipv4 192.0.2.99")
    assert_healthy(lab)


def test_04_identity_numbers_differ() -> None:
    lab = fresh("01-psk-single-ks", ("GM1", ("crypto gdoi group GETVPN", "identity number 4321")), settle=20)
    assert "GDOI_IDLE" in do(lab, "GM1: show crypto isakmp sa")
    assert "%GDOI-1-KS_BAD_ID: Registration: Config mis-match between KS and the GM 198.51.100.2" in log(lab, "KS1")
    assert "Registration status   : Registering" in status(lab)
    configure(lab, "GM1", "crypto gdoi group GETVPN", "identity number 1234")
    assert_healthy(lab)


def test_05_the_authorization_list_lacks_a_member() -> None:
    lab = fresh("03-unicast-rekey-authz", ("KS1", ("ip access-list standard GM-LIST", "no permit 198.51.100.11")))
    line = "Group WAN-GROUP received registration from unauthorized ip address: 198.51.100.11"
    assert line in log(lab, "KS1")
    assert members(lab, "WAN-GROUP") == ["198.51.100.12"]
    configure(lab, "KS1", "ip access-list standard GM-LIST", "permit 198.51.100.11")
    do(lab, f"wait {HEALED}")
    assert ping(lab, "H1", "10.3.2.10") == 5


def test_06_a_member_registers_from_another_interface() -> None:
    edit = ("no crypto map GM-MAP local-address", "crypto gdoi group WAN-GROUP", "no client registration interface")
    lab = fresh("03-unicast-rekey-authz", ("GM1", edit))
    assert "unauthorized ip address: 203.0.113.6" in log(lab, "KS1")
    configure(lab, "GM1", "crypto gdoi group WAN-GROUP", "client registration interface Loopback0")
    do(lab, f"wait {HEALED}")
    assert ping(lab, "H1", "10.3.2.10") == 5


def test_07_the_identity_list_is_empty() -> None:
    edit = ("crypto identity MEMBERS", "crypto gdoi group GETVPN", "server local", "authorization identity MEMBERS")
    lab = fresh("01-psk-single-ks", ("KS1", edit))
    line = "%GDOI-1-UNAUTHORIZED_IDENTITY: Group GETVPN received registration from unauthorized identity:    "
    assert line + "Dist. name parsing failed. Peer Address: 198.51.100.2" in log(lab, "KS1")
    assert members(lab) == []
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "no authorization identity")
    assert_healthy(lab)


def test_08_the_signing_key_is_missing() -> None:
    edit = ("crypto gdoi group GETVPN", "server local", "rekey authentication mypubkey rsa NOWHERE")
    lab = fresh("01-psk-single-ks", ("KS1", edit))
    assert "%GDOI-3-KS_NO_RSA_KEYS: RSA Key - NOWHERE : Not found, Required for group GETVPN" in log(lab, "KS1")
    assert ping(lab, "H1", "10.1.2.10") == 5
    do(lab, "wait 7200")
    assert "GDOI-4-GM_RE_REGISTER" in log(lab, "GM1")
    assert "Unicast rekey received: 0" in status(lab)
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "rekey authentication mypubkey rsa GET-REKEY")
    do(lab, "wait 10000")
    assert "Unicast rekey received: 0" not in status(lab)
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_13_unicast_rekey_has_no_address() -> None:
    lab = fresh("01-psk-single-ks", ("KS1", ("crypto gdoi group GETVPN", "server local", "no address ipv4")))
    assert ping(lab, "H1", "10.1.2.10") == 5
    do(lab, "wait 7200")
    assert "Unicast rekey received: 0" in status(lab)
    assert "GDOI-4-GM_RE_REGISTER" in log(lab, "GM1")
    configure(lab, "KS1", "crypto gdoi group GETVPN", "server local", "address ipv4 192.0.2.1")
    do(lab, "wait 7200")
    assert "Unicast rekey received: 0" not in status(lab)


def test_31_fail_close_is_configured_but_not_activated() -> None:
    lab = scenario("10-fail-close", settle=0)
    configure(lab, "KS1", "interface GigabitEthernet0/0", "shutdown")
    do(lab, "wait 5")
    assert ping(lab, "H2", "198.51.100.5", 2) == 2
    configure(lab, "GM2", "crypto map GM-MAP gdoi fail-close", "activate")
    assert ping(lab, "H2", "198.51.100.5", 2) == 0


def test_34_the_lifetime_is_shorter_than_the_margin() -> None:
    edit = ("crypto ipsec profile GET-PROF", "set security-association lifetime seconds 120")
    slow = ("crypto gdoi group GETVPN", "server local", "rekey retransmit 60 number 3")
    lab = fresh("01-psk-single-ks", ("KS1", edit), ("KS1", slow))
    do(lab, "wait 600")
    received = int(status(lab).split("Unicast rekey received: ")[1].split()[0])
    assert received > 10
    # The log is full of it.
    assert log(lab, "GM1").count("%GDOI-5-GM_RECV_REKEY") > 10
    assert ping(lab, "H1", "10.1.2.10") == 5
    configure(lab, "KS1", edit[0], "set security-association lifetime seconds 3600")
    configure(lab, "KS1", *slow[:2], "rekey retransmit 10 number 2")
    do(lab, "KS1: crypto gdoi ks rekey", "wait 600")
    calm = log(lab, "GM1").count("%GDOI-5-GM_RECV_REKEY")
    do(lab, "wait 2400")
    assert log(lab, "GM1").count("%GDOI-5-GM_RECV_REKEY") == calm
    assert ping(lab, "H1", "10.1.2.10") == 5


def test_37_the_map_is_on_the_wrong_interface() -> None:
    wrong = ("interface GigabitEthernet0/0", "no crypto map", "interface GigabitEthernet0/1", "crypto map GM-MAP")
    lab = fresh("01-psk-single-ks", ("GM1", wrong))
    assert "198.51.100.2" not in members(lab)
    assert ping(lab, "H1", "10.1.2.10", 2) == 0
    right = ("interface GigabitEthernet0/1", "no crypto map", "interface GigabitEthernet0/0", "crypto map GM-MAP")
    configure(lab, "GM1", *right)
    assert_healthy(lab)


def test_38_an_ipv6_group_under_a_map_for_ipv4() -> None:
    lab = scenario("01-psk-single-ks", settle=0)
    screen = configure(lab, "GM1", "crypto gdoi group ipv6 SIX", "exit", "crypto map GM-MAP 20 gdoi", "set group SIX")
    assert "Group SIX is an IPv6 group and Crypto map is for IPv4.\nPlease set an IPv4 group." in screen
    # The entry does nothing until it names another group.
    configure(lab, "GM1", "no crypto map GM-MAP 10 gdoi")
    do(lab, "wait 60")
    assert members(lab) == ["198.51.100.6"]
    configure(lab, "GM1", "crypto map GM-MAP 20 gdoi", "set group GETVPN")
    assert_healthy(lab)


def test_43_isakmp_is_switched_off() -> None:
    lab = scenario("01-psk-single-ks")
    configure(lab, "GM1", "no crypto isakmp enable")
    assert "%CRYPTO-6-ISAKMP_ON_OFF: ISAKMP is OFF" in log(lab, "GM1")
    assert "%CRYPTO-6-GDOI_ON_OFF: GDOI is OFF" in log(lab, "GM1")
    assert ping(lab, "H1", "10.1.2.10", 2) == 0
    configure(lab, "GM1", "crypto isakmp enable")
    assert_healthy(lab)

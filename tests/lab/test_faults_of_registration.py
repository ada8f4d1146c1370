"""More of the catalogue of faults: members that cannot register, because of themselves or of one another."""

from __future__ import annotations

import shutil
from pathlib import Path

from iosemu.engines.gdoi.keys import Tek
from iosemu.features.gdoi.members.role import MemberRole
from iosemu.labs.lab import Lab
from tests.lab.driver import ROOT, answer, boot, configure, do, fresh, log, members, ping, status


def test_30_the_fail_close_list_leaves_out_the_port_of_gdoi() -> None:
    closed = "ip access-list extended FAIL-CLOSE"
    lab = fresh("10-fail-close", ("GM1", (closed, "no deny udp any eq 848 any eq 848")), settle=300)
    # Cut off: nothing passes, not even what would open it.
    assert members(lab) == ["198.51.100.6"]
    assert ping(lab, "H1", "198.51.100.1", 2) == 0
    assert ping(lab, "GM1", "198.51.100.1", 2) == 0
    assert log(lab, "GM1").count("%CRYPTO-5-GM_REGSTER: Start registration to KS 192.0.2.1 for group GETVPN") > 1
    assert "GM_REGS_COMPL" not in log(lab, "GM1")
    assert "MM_NO_STATE" in do(lab, "GM1: show crypto isakmp sa") or "Succeeded registration: 0" in status(lab)
    configure(lab, "GM1", closed, "5 deny udp any eq 848 any eq 848")
    do(lab, "wait 120")
    assert "GM_REGS_COMPL" in log(lab, "GM1")
    assert ping(lab, "H1", "198.51.100.1", 2) == 2
    assert ping(lab, "H1", "10.10.2.10") == 5


def lab_of(folder: Path, edits: dict[str, tuple[tuple[str, str], ...]]) -> Lab:
    """The smallest group, with texts of its files replaced."""
    shutil.copytree(ROOT / "running-configs" / "01-psk-single-ks", folder, dirs_exist_ok=True)
    for name, pairs in edits.items():
        text = (folder / name).read_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text)
    return boot(folder)


def test_41_a_member_is_too_old_for_what_the_key_server_can_do(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, {"GM2.cfg": (("version 15.6", "version 12.4"),)})
    do(lab, "wait 60")
    assert sorted(members(lab)) == ["198.51.100.2", "198.51.100.6"]
    assert "GM Version: 1.0.1" in do(lab, "KS1: show crypto gdoi ks members 198.51.100.6")
    # Who is it that cannot?
    for feature in ("policy-replace", "long-sa-lifetime", "suite-b"):
        screen = do(lab, f"KS1: show crypto gdoi feature {feature} | include No")
        assert screen.splitlines() == ["        198.51.100.6          1.0.1         No"]
    # A warning, and the choice.
    before = [tek.spi for tek in member_teks(lab, "GM2")]
    question = answer(lab, "KS1", "crypto gdoi ks rekey replace-now", "no")
    warning = "WARNING for group GETVPN: some devices cannot support POLICY-REPLACE and will not replace policies."
    assert warning in question
    assert "Are you sure you want to proceed ? [yes/no]: " in question
    assert "Sending Unicast Rekey" not in log(lab, "KS1")
    answer(lab, "KS1", "crypto gdoi ks rekey replace-now", "yes")
    do(lab, "wait 5")
    assert "Sending Unicast Rekey with policy-replace for group GETVPN" in log(lab, "KS1")
    assert [len(member_teks(lab, name)) for name in ("GM1", "GM2")] == [1, 2]
    assert member_teks(lab, "GM2")[0].spi in before
    # It goes on sending under a key that the other has replaced, until it registers again.
    assert ping(lab, "H1", "10.1.2.10", 2) == 0
    assert "%CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has invalid spi" in log(lab, "GM1")
    do(lab, "GM2: clear crypto gdoi", "wait 30")
    assert ping(lab, "H1", "10.1.2.10") == 5
    # Keys that live for more than a day: it is refused when it comes back.
    configure(lab, "KS1", "crypto ipsec profile GET-PROF", "set security-association lifetime seconds 172800")
    do(lab, "GM2: clear crypto gdoi", "wait 30")
    line = "%GDOI-5-KS_UNAUTHORIZED: Registration: Unauthorized 198.51.100.6 tried to join the group GETVPN."
    assert line in log(lab, "KS1")
    assert "Registration status   : Registering" in status(lab, "GM2")
    assert ping(lab, "H1", "10.1.2.10", 2) == 0
    # Newer software.
    configure(lab, "GM2", "version 15.6")
    do(lab, "GM2: write memory", "power off GM2", "power on GM2", "wait 60")
    assert "GM Version: 1.0.17" in do(lab, "KS1: show crypto gdoi ks members 198.51.100.6")
    assert ping(lab, "H1", "10.1.2.10") == 5


def member_teks(lab: Lab, node: str) -> list[Tek]:
    """The data SAs of a router's only membership, oldest first."""
    return next(iter(lab.routers[node].service(MemberRole).memberships.values())).member.teks


LAN = "interface GigabitEthernet0/1\n"
BEHIND = {
    "lab.yml": (("KS1:GigabitEthernet0/0, PE:GigabitEthernet0/0", "KS1:GigabitEthernet0/0, GM1:GigabitEthernet0/2"),),
    "PE.cfg": (
        (" ip address 192.0.2.2 255.255.255.252", " no ip address"),
        ("ip route 10.1.1.0", "ip route 192.0.2.0 255.255.255.252 198.51.100.2\nip route 10.1.1.0"),
    ),
    "GM1.cfg": ((LAN, f"interface GigabitEthernet0/2\n ip address 192.0.2.2 255.255.255.252\n!\n{LAN}"),),
    "KS1.cfg": (
        (" permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255", " permit ip any any"),
        (" deny   udp any eq 848 any eq 848\n", ""),
    ),
}


def test_42_the_key_server_is_behind_a_member(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, BEHIND)
    exempt = ("ip access-list extended TO-KS", "deny ip any host 192.0.2.1", "deny ip host 192.0.2.1 any")
    local = ("crypto map GM-MAP 10 gdoi", "match address TO-KS")
    # The other member is set up as it should be, and comes later.
    configure(lab, "GM2", *exempt, "exit", *local, "exit", "interface GigabitEthernet0/0", "shutdown")
    do(lab, "wait 60")
    assert members(lab) == ["198.51.100.2"]
    configure(lab, "GM2", "interface GigabitEthernet0/0", "no shutdown")
    do(lab, "wait 300")
    # To get keys it would have to have keys.
    assert members(lab) == ["198.51.100.2"]
    line = "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /192.0.2.1,"
    assert f"{line} src_addr= 198.51.100.6, prot= 17" in log(lab, "GM1")
    assert "Registration status   : Registering" in status(lab, "GM2")
    configure(lab, "GM1", *exempt, "exit", *local)
    do(lab, "wait 300")
    assert sorted(members(lab)) == ["198.51.100.2", "198.51.100.6"]
    assert ping(lab, "H1", "10.1.2.10") == 5
    do(lab, "wait 7200")
    assert "Unicast rekey received: 0" not in status(lab, "GM2")
    assert ping(lab, "H1", "10.1.2.10") == 5

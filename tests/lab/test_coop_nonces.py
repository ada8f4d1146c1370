"""No nonce of a counter mode comes twice under one key, however key servers are parted, restarted and brought together:
looked at in the packets on the wire."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from iosemu.engines.gdoi.key_server import KeyServer
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from iosemu.wire.ipv4 import ESP
from tests.lab.coop_group import IDENTIFIER, MEMBERS, all_reach_all, group, member
from tests.lab.driver import answer, configure, do, log, packets, ping, roles

SPLIT_TIME = 90


class World:
    """A group whose segment is captured."""

    def __init__(self, folder: Path, bits: int = 12, homes: tuple[int, ...] = (1, 2, 2), servers: int = 2) -> None:
        self._capture = folder / "pcap"
        self.lab: Lab = group(folder, bits, homes, servers, pcap=self._capture)
        self.servers = {f"KS{number}": f"203.0.113.20{number}" for number in range(1, servers + 1)}
        assert all_reach_all(self.lab)

    def part(self, *parts: str) -> None:
        """Key servers of different parts, each "KS1 KS2", lose each other, and nobody else; that survives a restart."""
        side = {name: part for part in parts for name in part.split()}
        for name in self.running:
            denied = [f"deny ip host {self.servers[other]} any" for other in side if side[other] != side[name]]
            lines = "interface GigabitEthernet0/0", "no ip access-group SPLIT in", "no ip access-list extended SPLIT"
            configure(self.lab, name, *lines)
            if denied:
                denied = ["ip access-list extended SPLIT", *denied, "permit ip any any"]
                configure(self.lab, name, *denied, "interface GigabitEthernet0/0", "ip access-group SPLIT in")
            do(self.lab, f"{name}: write memory")

    @property
    def running(self) -> list[str]:
        """The key servers that are switched on."""
        return [name for name in self.servers if name in self.lab.routers]

    def split(self) -> None:
        """Each key server is alone."""
        self.part(*self.servers)
        do(self.lab, f"wait {SPLIT_TIME}")
        assert set(roles(self.lab).values()) == {"Primary"}

    def merge(self) -> None:
        """They are together again, and the next keys are in use everywhere."""
        self.part(" ".join(self.servers))
        for _ in range(10):
            self.talk()
            do(self.lab, "wait 30")
        assert list(roles(self.lab).values()).count("Primary") == 1

    def restart(self, name: str) -> None:
        """The key server forgets everything."""
        do(self.lab, f"power off {name}", "wait 5", f"power on {name}", f"wait {SPLIT_TIME}")

    def register(self, number: int) -> None:
        """A member comes anew."""
        do(self.lab, f"GM{number}: clear crypto isakmp", f"GM{number}: clear crypto gdoi", "wait 30")

    def talk(self) -> None:
        """Everybody sends to everybody; what is lost does not matter here."""
        for n in MEMBERS:
            for m in MEMBERS:
                if n != m:
                    ping(self.lab, f"GM{n}", f"10.0.{m}.1 source Loopback0", 1)

    def check(self) -> None:
        """All reach all after some time with the keys of everybody, and no nonce came twice."""
        for _ in range(4):
            do(self.lab, "wait 200")
            self.talk()
        assert all_reach_all(self.lab)
        (file,) = self._capture.glob("*.pcapng")
        sent = [item.payload[:16] for item in packets(file) if item.protocol == ESP]
        nonces = [(head[:4], head[8:]) for head in sent]
        assert len(nonces) > 100
        assert len(set(nonces)) == len(nonces)


def server(lab: Lab, name: str) -> KeyServer:
    return lab.routers[name].service(ServerRole).servers["GETVPN"]


def restarted_loser(world: World) -> None:
    world.restart("KS2")
    world.register(3)


def restarted_winner(world: World) -> None:
    world.restart("KS1")
    world.register(2)


def both_restarted(world: World) -> None:
    world.restart("KS1")
    world.restart("KS2")
    world.register(3)
    world.register(1)


def restarted_twice(world: World) -> None:
    """The second life comes to keys that the first one had left in a split of its own."""
    world.restart("KS2")
    world.register(3)
    world.merge()
    world.split()
    world.register(2)
    world.restart("KS2")
    world.register(3)


def cleared(world: World) -> None:
    """No restart, but keys that are made anew: the numbers begin again."""
    answer(world.lab, "KS2", "clear crypto gdoi ks members now", "yes")
    do(world.lab, "wait 60")


@pytest.mark.parametrize(
    ("happens", "homes"),
    [
        (restarted_loser, (1, 2, 2)),
        (restarted_winner, (1, 1, 2)),
        (both_restarted, (1, 2, 2)),
        (restarted_twice, (1, 2, 2)),
        (cleared, (1, 2, 2)),
    ],
)
def test_splits(tmp_path: Path, happens: Callable[[World], None], homes: tuple[int, ...]) -> None:
    world = World(tmp_path, homes=homes)
    world.split()
    happens(world)
    world.talk()
    world.merge()
    world.check()


def test_the_log_says_why_members_register_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.split()
    restarted_loser(world)
    world.merge()
    line = (
        "%GDOI-4-COOP_SID_REINIT: Sender IDs given out here in group GETVPN may be in use with the keys of Primary KS "
        "203.0.113.201: members must register again"
    )
    assert log(world.lab, "KS2").count(line) == 1
    assert "COOP_SID_REINIT" not in log(world.lab, "KS1")


def test_members_that_are_sent_away_go_on_talking(tmp_path: Path) -> None:
    """Nothing is lost among them while they change from their key server's keys to the primary's."""
    world = World(tmp_path)
    world.split()
    world.restart("KS2")
    for number in (2, 3):
        world.register(number)
    world.part("KS1 KS2")
    for _ in range(60):
        assert ping(world.lab, "GM2", "10.0.3.1 source Loopback0", 1) == 1
        assert ping(world.lab, "GM3", "10.0.2.1 source Loopback0", 1) == 1
        do(world.lab, "wait 5")
    assert "COOP_SID_REINIT" in log(world.lab, "KS2")
    world.check()


def test_a_split_without_restarts_lets_members_keep_their_sender_ids(tmp_path: Path) -> None:
    world = World(tmp_path)
    sids = [member(world.lab, f"GM{n}").held.sids for n in MEMBERS]
    world.split()
    do(world.lab, "wait 1100")
    keys = {tek.spi for tek in server(world.lab, "KS1").teks}, {tek.spi for tek in server(world.lab, "KS2").teks}
    assert not keys[0] & keys[1]
    world.merge()
    assert [member(world.lab, f"GM{n}").held.sids for n in MEMBERS] == sids
    # Whoever registers now gets one that nobody has, although no key of before the split is left.
    world.register(3)
    world.check()


def test_what_was_given_out_alone_is_not_given_out_again(tmp_path: Path) -> None:
    """A key server comes back to keys that it had given out sender IDs for, and nobody knows which."""
    world = World(tmp_path, bits=8)
    world.split()
    world.register(3)
    alone = member(world.lab, "GM3").held.sids
    do(world.lab, "power off KS2")
    world.talk()
    do(world.lab, "power on KS2")
    world.part("KS1 KS2")
    do(world.lab, "wait 60")
    assert {tek.spi for tek in server(world.lab, "KS2").teks} & {tek.spi for tek in member(world.lab, "GM3").teks}
    world.register(2)
    found = member(world.lab, "GM2")
    assert found.registration.registered_with == found.config.servers[0]
    assert found.held.sids != alone
    world.check()


def test_numbers_that_another_key_server_gets_are_used_once(tmp_path: Path) -> None:
    """While the key servers cannot tell each other, the one uses numbers that the other has by configuration later."""
    world = World(tmp_path, bits=8)
    world.split()
    for _ in range(3):
        world.register(3)
    configure(world.lab, "KS2", *IDENTIFIER, "no range 32 - 63", "range 64 - 95")
    do(world.lab, "KS2: write memory", "power off KS2")
    configure(world.lab, "KS1", *IDENTIFIER, "no range 0 - 31", "range 32 - 63")
    do(world.lab, "power on KS2")
    world.part("KS1 KS2")
    do(world.lab, "wait 60")
    for _ in range(6):
        world.register(1)
        world.talk()
    assert 32 <= member(world.lab, "GM1").held.sids[0] >> 1 < 64
    world.check()


def test_three_parts_come_together_one_after_the_other(tmp_path: Path) -> None:
    world = World(tmp_path, homes=(1, 2, 3), servers=3)
    world.split()
    for number in (2, 3):
        world.restart(f"KS{number}")
        world.register(number)
    world.talk()
    world.part("KS1", "KS2 KS3")
    do(world.lab, "wait 100")
    world.talk()
    # A member goes from one part to the other.
    do(world.lab, "power off KS1")
    world.register(1)
    world.talk()
    do(world.lab, "power on KS1", f"wait {SPLIT_TIME}")
    world.register(1)
    world.merge()
    world.check()


@pytest.mark.parametrize("seed", range(6))
def test_random_courses(tmp_path: Path, seed: int) -> None:
    """Splits, restarts and registrations in any order, with few sender IDs of each number."""
    random = Random(seed)
    world = World(tmp_path, random.choice((8, 12)), (1, 2, 3), 3)
    parts = ("KS1 KS2 KS3",), ("KS1", "KS2 KS3"), ("KS1 KS2", "KS3"), ("KS1 KS3", "KS2"), ("KS1", "KS2", "KS3")
    for _ in range(12):
        event = random.choice(("part", "part", "restart", "restart", "register", "wait"))
        if event == "part":
            world.part(*random.choice(parts))
        elif event == "restart":
            world.restart(random.choice(world.running))
        elif event == "register":
            world.register(random.choice(MEMBERS))
        do(world.lab, f"wait {random.choice((1, 20, 100))}")
        world.talk()
    world.merge()
    world.check()

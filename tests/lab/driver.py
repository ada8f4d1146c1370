"""Drives labs in virtual time."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from iosemu.features.gdoi.members.role import MemberRole
from iosemu.features.gdoi.servers.role import ServerRole
from iosemu.labs.lab import Lab
from iosemu.labs.runner import run_item
from iosemu.labs.topology import load_topology
from iosemu.ports.pcapng import read_capture
from iosemu.router.clock import VirtualClock
from iosemu.shell.plain import run_command
from iosemu.wire.ethernet import IPV4
from iosemu.wire.ipv4 import Packet

ROOT = Path(__file__).resolve().parents[2]
BASIC = ROOT / "examples" / "getvpn-basic"
# Seconds after which a member has tried again under any circumstances.
HEALED = 700


def boot(folder: Path, seed: int = 1, pcap: Path | None = None, keys: Path | None = None) -> Lab:
    """A lab that has just been switched on; none of its lines was refused. Every link is captured to the folder `pcap`,
    keys are logged to the file `keys`."""
    lab = Lab(load_topology(folder), VirtualClock(seed))
    if pcap is not None:
        lab.capture(pcap)
    if keys is not None:
        lab.log_keys(keys)
    assert asyncio.run(lab.boot()) == []
    return lab


def basic(seed: int = 1, pcap: Path | None = None, keys: Path | None = None) -> Lab:
    """The first example: a key server and three members around one provider router."""
    return boot(BASIC, seed, pcap, keys)


def packets(capture: Path) -> list[Packet]:
    """The IPv4 packets of a captured link."""
    return [Packet.parse(frame.data[14:]) for frame in read_capture(capture) if frame.data[12:14] == IPV4]


def scenario(name: str, settle: int = 60, seed: int = 1) -> Lab:
    """A lab of running-configs/ after some time, in which its members have registered."""
    lab = boot(ROOT / "running-configs" / name, seed)
    do(lab, f"wait {settle}")
    return lab


def do(lab: Lab, *items: str) -> str:
    """What the screen shows for some items, as `-c` takes them."""
    return "".join(asyncio.run(run_item(lab, item)) for item in items)


def answer(lab: Lab, node: str, line: str, *answers: str) -> str:
    """What the screen shows for a line that asks questions."""
    return asyncio.run(run_command(lab.session(node), line, lab.clock, answers))


def configure(lab: Lab, node: str, *lines: str) -> str:
    """Type lines in configuration mode."""
    return do(lab, *(f"{node}: {line}" for line in ("configure terminal", *lines, "end")))


def ping(lab: Lab, node: str, destination: str, repeat: int = 5) -> int:
    """How many of some pings were answered."""
    screen = do(lab, f"{node}: ping {destination} repeat {repeat}")
    return round(int(screen.split("Success rate is ")[1].split(" ")[0]) * repeat / 100)


def log(lab: Lab, node: str) -> str:
    """The log of a router."""
    return "\n".join(message.text for message in lab.routers[node].syslog.buffer)


def fresh(name: str = "01-psk-single-ks", *edits: tuple[str, tuple[str, ...]], settle: int = 120) -> Lab:
    """A lab of running-configs/ that was edited before its members could register."""
    lab = scenario(name, settle=0)
    for node, lines in edits:
        configure(lab, node, *lines)
    do(lab, f"wait {settle}")
    return lab


def members(lab: Lab, group: str = "GETVPN") -> list[str]:
    """Who is registered with KS1."""
    return [str(address) for address in lab.routers["KS1"].service(ServerRole).servers[group].members]


def registered(lab: Lab, node: str = "KS1") -> dict[str, list[str]]:
    """The members of each group on a key server."""
    servers = lab.routers[node].service(ServerRole).servers
    return {name: [str(address) for address in server.members] for name, server in servers.items()}


def encapsulated(lab: Lab, node: str = "GM1") -> int:
    """Packets that a member has encrypted, in all groups."""
    return sum(item.plane.totals.encapsulated for item in lab.routers[node].service(MemberRole).memberships.values())


def assert_healthy(lab: Lab, destination: str = "10.1.2.10") -> None:
    """After some time GM1 is registered again, and encrypted packets reach a host of the other site."""
    do(lab, f"wait {HEALED}")
    assert "198.51.100.2" in members(lab)
    assert ping(lab, "H1", destination) == 5


def serial(lab: Lab, node: str) -> str:
    """The serial number of a router's certificate, as it is shown."""
    shown = do(lab, f"{node}: show crypto pki certificates")
    found = re.search(r"Certificate Serial Number \(hex\): (\S+)", shown)
    assert found is not None
    return found[1]


def roles(lab: Lab) -> dict[str, str]:
    """What each key server that is on says of itself."""
    found = {}
    for name in sorted(lab.routers):
        if name.startswith("KS"):
            screen = do(lab, f"{name}: show crypto gdoi ks coop")
            words = re.findall(r"Local KS Role: (\w+)", screen)
            found[name] = words[0] if words else "-"
    return found


def status(lab: Lab, node: str = "GM1") -> str:
    """What a member says of its groups."""
    return do(lab, f"{node}: show crypto gdoi gm")

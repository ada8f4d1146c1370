"""Genie's parsers read the shows of a GET VPN at work.

Its patterns take no hyphen in names, so that the lab's names are written without. What it cannot read of real routers
either is left out: `flags={}` of a group's SAs, a map entry of type gdoi, and `show crypto gdoi` of a key server.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from iosemu.labs.lab import Lab
from iosemu.labs.topology import load_topology
from iosemu.router.clock import VirtualClock
from iosemu.shell.plain import run_command
from tests.interop.clients.genie import parsed

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "getvpn-basic"
NAMES = ("GET-POLICY", "GETVPN-REKEY", "GM-MAP", "GET-PROF", "GET-TS")
MEMBER = (
    "show crypto gdoi", "show crypto gdoi detail", "show crypto gdoi gm", "show crypto gdoi gm acl local",
    "show crypto gdoi gm rekey detail", "show crypto gdoi group GETVPN", "show crypto isakmp sa", "show version",
    "show ip interface brief", "show ip route", "show interfaces", "show logging", "show inventory", "show users",
    "show arp", "show ip arp", "show clock", "show processes cpu", "show ip interface", "show privilege",
    "show archive", "show crypto session", "show crypto session detail", "show crypto gdoi gm identifier",
    "show crypto gdoi gm identifier detail", "show crypto gdoi gm pubkey", "show crypto gdoi rekey sa",
    "show crypto gdoi rekey sa detail", "show crypto gdoi ipsec sa", "show crypto gkm", "show crypto gkm gm replay",
    "show crypto eli",
)  # fmt: skip
SERVER = (
    "show crypto gdoi ks", "show crypto gdoi ks acl", "show crypto gdoi ks members", "show crypto gdoi ks policy",
    "show crypto isakmp sa", "show crypto gdoi ks members summary", "show crypto gdoi ks identifier",
    "show crypto gdoi ks identifier detail", "show crypto gdoi ks coop version", "show crypto gdoi feature gm-removal",
    "show crypto gdoi feature suite-b", "show crypto key mypubkey rsa",
)  # fmt: skip


def lab_in(folder: Path) -> Path:
    """The example with names that Genie can read."""
    for file in [EXAMPLE / "lab.yml", *(EXAMPLE / "configs").iterdir()]:
        text = file.read_text()
        for name in NAMES:
            text = text.replace(name, name.replace("-", ""))
        if file.stem == "GM1":
            text = text.replace("\nend\n", "\narchive\n path flash:a-\nend\n")
        place = folder / file.relative_to(EXAMPLE)
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    return folder


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """What each command prints, once everything is registered and traffic has passed."""

    async def run() -> dict[tuple[str, str], str]:
        clock = VirtualClock(1)
        lab = Lab(load_topology(lab_in(tmp_path_factory.mktemp("lab"))), clock)
        await lab.boot()
        await clock.wait(40)
        await run_command(lab.session("H1"), "ping 192.168.2.10", clock)
        wanted = [("GM1", command) for command in MEMBER] + [("KS1", command) for command in SERVER]
        return {item: await run_command(lab.session(item[0]), item[1], clock) for item in wanted}

    return asyncio.run(run())


TUNNELS = (
    "show crypto isakmp sa", "show crypto ipsec sa", "show crypto ipsec sa detail", "show crypto session",
    "show crypto session detail", "show crypto map",
)  # fmt: skip


@pytest.fixture(scope="module")
def tunnel() -> dict[str, str]:
    """The same of a gateway with a tunnel."""

    async def run() -> dict[str, str]:
        clock = VirtualClock(1)
        lab = Lab(load_topology(EXAMPLE.parent / "site-to-site"), clock)
        await lab.boot()
        await run_command(lab.session("H1"), "ping 10.2.2.10", clock)
        return {command: await run_command(lab.session("R1"), command, clock) for command in TUNNELS}

    return asyncio.run(run())


@pytest.mark.parametrize("command", MEMBER)
def test_a_show_of_a_member_is_read(shown: dict[tuple[str, str], str], command: str) -> None:
    assert parsed("GM1", command, shown["GM1", command])


@pytest.mark.parametrize("command", SERVER)
def test_a_show_of_a_key_server_is_read(shown: dict[tuple[str, str], str], command: str) -> None:
    assert parsed("KS1", command, shown["KS1", command])


def test_what_is_read_is_true(shown: dict[tuple[str, str], str]) -> None:
    server = parsed("KS1", "show crypto gdoi ks", shown["KS1", "show crypto gdoi ks"])
    assert server["crypto_gdoi_ks"]["crypto_gdoi_ks_group"]["group_members"] == 3
    states = parsed("GM1", "show crypto isakmp sa", shown["GM1", "show crypto isakmp sa"])
    assert "GDOI_REKEY" in str(states)


def test_the_shows_of_a_tunnel_are_read(tunnel: dict[str, str]) -> None:
    read = {command: parsed("R1", command, tunnel[command]) for command in TUNNELS}
    assert all(read.values())
    flows = read["show crypto ipsec sa"]["interface"]["GigabitEthernet0/0"]["ident"]
    assert [flow["pkts_encaps"] for flow in flows.values()] == [4, 0, 0]
    assert "QM_IDLE" in str(read["show crypto isakmp sa"])

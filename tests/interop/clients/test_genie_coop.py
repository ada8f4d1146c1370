"""Genie's parsers read the shows of cooperative key servers in each role, and what they read is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.features.gdoi.cooperation.role import CoopRole
from iosemu.labs.lab import Lab
from tests.interop.clients.genie import parsed_in
from tests.lab.driver import ROOT, boot, do

SCENARIO = ROOT / "running-configs" / "06-coop-3ks"
COMMANDS = (
    "show crypto gdoi ks coop detail", "show crypto gdoi ks coop version",
    "show crypto gdoi ks coop identifier", "show crypto gdoi ks coop identifier detail",
    "show crypto gdoi ks members", "show crypto gdoi ks members summary", "show crypto gdoi ks",
    "show crypto gdoi ks detail",
)  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Three key servers at work; the names of the lab are ones that Genie can read."""
    folder: Path = tmp_path_factory.mktemp("lab")
    for file in SCENARIO.iterdir():
        text = file.read_text()
        for name in ("GET-POLICY", "GET-REKEY", "GET-PROF", "GET-TS", "GM-MAP"):
            text = text.replace(name, name.replace("-", ""))
        (folder / file.name).write_text(text)
    made = boot(folder)
    do(made, "wait 130")
    return made


@pytest.mark.parametrize("node", ["KS1", "KS2", "KS3"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_show_is_read(lab: Lab, node: str, command: str) -> None:
    assert parsed_in(lab, node, command)


@pytest.mark.parametrize("node", ["KS1", "KS2", "KS3"])
def test_what_is_read_is_so(lab: Lab, node: str) -> None:
    server = lab.routers[node].service(CoopRole).servers["GETVPN"]
    read = parsed_in(lab, node, "show crypto gdoi ks coop detail")["crypto_gdoi_group_name"]["GETVPN"]
    assert read["local_address"] == str(server.config.local)
    assert read["local_priority"] == server.config.priority
    assert read["local_ks_role"].upper() == server.role.name
    timers = read["primary_timers" if node == "KS1" else "secondary_timers"]
    assert timers["antireplay_sequence_number"] == server.sequence
    for number, peer in enumerate(server.peers.values(), start=1):
        session = read[str(number)]
        assert session["peer_address"] == str(peer.address)
        assert session["peer_priority"] == peer.priority
        assert session["peer_ks_role"].upper() == peer.role.name
        assert (session["peer_ks_status"], session["ike_status"]) == (peer.status.value, peer.contact.value)
        assert session["antireplay_sequence_number"] == peer.sequence
        assert session["counters"]["ann_msgs_sent"] == peer.counters.sent
        assert session["counters"]["total_bytes_recv"] == peer.counters.octets_received
    peers = parsed_in(lab, node, "show crypto gdoi ks coop identifier detail")["group"]["GETVPN"]
    assert peers["local"]["address"] == str(server.config.local)
    summary = str(parsed_in(lab, node, "show crypto gdoi ks members summary"))
    assert ("LOCAL" in summary, "REDUNDANT" in summary) == (True, True)


def test_roles_that_pass(lab: Lab) -> None:
    """The last one: it has lost the others, holds an election, and wins it."""
    do(lab, "power off KS1", "power off KS2")
    seen = []
    for _ in range(90):
        do(lab, "wait 1")
        read = parsed_in(lab, "KS3", "show crypto gdoi ks coop detail")["crypto_gdoi_group_name"]["GETVPN"]
        if read["local_ks_role"] not in seen:
            seen.append(read["local_ks_role"])
    assert seen == ["Secondary", "Election", "Primary"]

"""tshark and `iosemu decode` read what the router and strongSwan say to each other, with the router's key log."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.interop.facing import PEER, ROUTER, SECRETS, connections
from tests.interop.netns import check
from tests.interop.tshark import capture, esp_preferences, isakmp_preferences, tshark
from tests.interop.tunnel import site, tunnel


@dataclass(frozen=True, slots=True)
class Recorded:
    """A capture of the wire between both ends, and the router's key log."""

    pcap: Path
    keys: Path

    def read(self, display_filter: str, *fields: str) -> list[str]:
        """The fields of the messages that a filter shows."""
        options = [*isakmp_preferences(self.keys), *esp_preferences(self.keys)]
        shown = [item for field in fields for item in ("-e", field)]
        return tshark(self.pcap, *options, "-Y", display_filter, "-T", "fields", *shown)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """Main and aggressive mode, quick mode, a rekey, dead peer detection, traffic and deletes, begun by either end."""
    folder = tmp_path_factory.mktemp("recorded")
    keys, pcap = folder / "keys.json", folder / "wan.pcapng"
    with tunnel(folder, "", f"--keys={keys}") as sites:
        charon, router = sites.ends.charon, sites.ends.router
        with capture(sites.ends.namespace, "wan0", pcap):
            for mode in ("main", "aggressive"):
                charon.load(connections(site("one", "aes256-sha256", mode=mode, settings="dpd_delay = 1s")), SECRETS)
                assert charon.initiate("one", "net")
                assert sites.reaches(3)
                charon.swanctl("--rekey", "--child", "net")
                charon.wait_for_log("DPD_ACK")
                charon.terminate("one")
            charon.load(connections(site("one", "aes256-sha256")), SECRETS)
            assert sites.reaches() or sites.reaches(3)
            router.do("clear crypto session")
            charon.wait_for_log("received DELETE for IKE_SA one")
        yield Recorded(pcap, keys)


def test_nothing_is_malformed(recorded: Recorded) -> None:
    """No message of either end is malformed for tshark."""
    assert recorded.read("isakmp", "frame.number")
    assert recorded.read("_ws.malformed", "frame.number") == []


def test_no_expert_warning_is_ours_alone(recorded: Recorded) -> None:
    """tshark remarks on no message of the router what it does not remark on strongSwan's."""
    said = {
        source: set(recorded.read(f"isakmp && ip.src == {source} && _ws.expert", "_ws.expert.message"))
        for source in (ROUTER, PEER)
    }
    assert said[ROUTER] <= said[PEER]


def test_every_message_is_decrypted(recorded: Recorded) -> None:
    """The key log decrypts all encrypted messages, quick mode and notifications among them, and all ESP."""
    payloads = recorded.read("isakmp.flag_e == 1", "isakmp.exchangetype", "isakmp.typepayload")
    first = {tuple(line.split("\t")[i].split(",")[0] for i in (0, 1)) for line in payloads}
    # Main mode begins with ID, aggressive mode and what comes after phase 1 with HASH.
    assert first <= {("2", "5"), ("4", "8"), ("5", "8"), ("32", "8")}, payloads
    assert {exchange for exchange, _ in first} >= {"2", "5", "32"}
    assert len(recorded.read("esp", "esp.spi")) == len(recorded.read("esp.icv_good == 1", "esp.spi")) > 0


def test_decode_verifies_all(recorded: Recorded) -> None:
    """`iosemu decode` verifies every hash of both ends."""
    check(sys.executable, "-m", "iosemu", "decode", str(recorded.pcap), "--keys", str(recorded.keys))

"""Genie's parsers read the shows of a DMVPN, and what they read is so."""

from __future__ import annotations

import pytest

from iosemu.features.nhrp.service import NhrpService
from iosemu.labs.lab import Lab
from tests.interop.clients.genie import parsed_in
from tests.lab.driver import ping, scenario

NODES = ("HUB", "SPOKE1", "SPOKE2")


@pytest.fixture(scope="module")
def lab() -> Lab:
    """A DMVPN whose spokes have found each other."""
    made = scenario("13-dmvpn-over-getvpn")
    assert ping(made, "H2", "10.13.3.10") == 5
    return made


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("command", ["show ip nhrp", "show ip nhrp detail", "show dmvpn", "show ip nhrp traffic"])
def test_every_show_is_read(lab: Lab, node: str, command: str) -> None:
    assert parsed_in(lab, node, command)


@pytest.mark.parametrize("node", NODES)
def test_what_is_read_is_so(lab: Lab, node: str) -> None:
    station = next(iter(lab.routers[node].service(NhrpService).stations.values())).engine
    read = parsed_in(lab, node, "show ip nhrp")
    assert read.keys() == {str(entry.target) for entry in station.cache}
    for entry in station.cache:
        block = read[str(entry.target)]["via"][str(entry.next_hop)]
        assert (block["type"], block["nbma_address"]) == (entry.kind.value, str(entry.nbma))
    dmvpn = parsed_in(lab, node, "show dmvpn")["interfaces"]["Tunnel0"]
    assert dmvpn["type"] == ("Hub" if node == "HUB" else "Spoke")
    assert dmvpn["nhrp_peers"] == 2
    traffic = parsed_in(lab, node, "show ip nhrp traffic")["interface"]["Tunnel0"]
    assert traffic["sent"]["total"] == sum(station.sent.values())
    assert traffic["rcvd"]["total"] == sum(station.received.values())


def test_servers_and_routes(lab: Lab) -> None:
    server = parsed_in(lab, "SPOKE1", "show ip nhrp nhs")["Tunnel0"]["nhs_ip"]["10.13.0.1"]
    assert server == {"nbma_address": "203.0.113.2", "priority": 0, "cluster": 0, "nhs_state": "RE"}
    detail = parsed_in(lab, "SPOKE1", "show ip nhrp nhs detail")["Tunnel0"]["nhs_ip"]["10.13.0.1"]
    assert (detail["req_sent"], detail["req_failed"]) == (1, 0)
    summary = parsed_in(lab, "SPOKE1", "show ip nhrp summary")["ip_nhrp"]
    assert summary["remote"]["route"]["h_rib"] == 1
    routes = parsed_in(lab, "SPOKE1", "show ip route")["vrf"]["default"]["address_family"]["ipv4"]["routes"]
    assert routes["10.13.3.0/24"]["source_protocol_codes"].split() == ["H"]
    tunnel = parsed_in(lab, "SPOKE1", "show interfaces")["Tunnel0"]
    assert tunnel["oper_status"] == "up"
    assert tunnel["tunnel_source_ip"] == "203.0.113.6"

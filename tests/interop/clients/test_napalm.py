"""NAPALM: facts, and candidates that are compared, committed, confirmed and rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.clients.conftest import Served
from tests.requirements import require

require("module:napalm", scope="module")

from napalm import get_network_driver  # noqa: E402


@pytest.fixture
def device(router: Served) -> Iterator[Any]:
    driver = get_network_driver("ios")
    options = {"port": router.ssh, "secret": router.enable, "dest_file_system": "flash0:"}
    with driver(router.host, router.admin, router.admin_password, optional_args=options) as opened:
        yield opened


def addresses(device: Any) -> set[str]:
    return {address for item in device.get_interfaces_ip().values() for address in item["ipv4"]}


def test_facts(device: Any) -> None:
    assert device.is_alive() == {"is_alive": True}
    facts = device.get_facts()
    assert (facts["hostname"], facts["fqdn"], facts["model"]) == ("R1", "R1.lab.local", "IOSEMU")
    assert facts["serial_number"].startswith("IEM")
    assert facts["interface_list"] == list(device.get_interfaces()) == ["GigabitEthernet0/0", "Loopback0"]
    assert device.get_interfaces()["GigabitEthernet0/0"]["description"] == "to the lab"
    assert device.get_interfaces_ip() == {
        "GigabitEthernet0/0": {"ipv4": {"10.0.0.1": {"prefix_length": 24}}},
        "Loopback0": {"ipv4": {"10.255.0.1": {"prefix_length": 32}}},
    }
    assert device.ping("10.255.0.1")["success"]["packet_loss"] == 0
    assert set(device.get_users()) == {"joe", "admin"}
    assert "interface Loopback0" in device.get_config()["running"]


def test_what_is_measured(device: Any) -> None:
    memory = device.get_environment()["memory"]
    assert 0 < memory["used_ram"] < memory["available_ram"]
    hops = device.traceroute("10.255.0.1")["success"]
    assert hops[1]["probes"][1]["ip_address"] == "10.255.0.1"
    route = device.get_route_to("10.255.0.1/32")["10.255.0.1/32"][0]
    assert (route["protocol"], route["outgoing_interface"]) == ("connected", "Loopback0")


def test_a_merge_is_compared_committed_and_rolled_back(device: Any) -> None:
    device.load_merge_candidate(config="interface Loopback7\n ip address 7.7.7.7 255.255.255.255\n")
    assert device.compare_config() == "+interface Loopback7\n+ ip address 7.7.7.7 255.255.255.255"
    assert "7.7.7.7" not in addresses(device)
    device.commit_config()
    assert "7.7.7.7" in addresses(device)
    device.rollback()
    assert "7.7.7.7" not in addresses(device)


def test_a_discarded_merge_does_nothing(device: Any) -> None:
    device.load_merge_candidate(config="hostname OTHER\n")
    device.discard_config()
    assert device.compare_config() == ""
    assert device.get_facts()["hostname"] == "R1"


def test_a_replace_with_the_running_config_changes_nothing_and_another_one_what_it_should(device: Any) -> None:
    running = device.get_config()["running"]
    device.load_replace_candidate(config=running)
    assert device.compare_config() == ""
    device.load_replace_candidate(config=running.replace("to the lab", "replaced"))
    assert device.compare_config().splitlines() == [
        "interface GigabitEthernet0/0", " +description replaced", " -description to the lab",
    ]  # fmt: skip
    device.commit_config()
    assert device.get_interfaces()["GigabitEthernet0/0"]["description"] == "replaced"


def test_a_commit_waits_for_its_confirmation(device: Any) -> None:
    device.load_merge_candidate(config="interface Loopback8\n description pending\n")
    device.commit_config(revert_in=120)
    assert device.has_pending_commit()
    device.confirm_commit()
    assert not device.has_pending_commit()
    assert "Loopback8" in device.get_interfaces()

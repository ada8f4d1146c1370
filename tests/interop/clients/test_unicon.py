"""unicon and pyATS: connect, execute, configure, services, and Genie's parsers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.clients.conftest import Served
from tests.requirements import require

require("module:unicon", "module:genie.testbed", "ssh", scope="module")

from genie.testbed import load  # noqa: E402
from unicon.core.errors import SubCommandFailure  # noqa: E402

OPTIONS = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
PARSED = (
    "show version", "show ip interface brief", "show interfaces", "show inventory", "show users", "show clock",
    "show ip route", "show processes cpu", "show logging",
)  # fmt: skip
MODES = {
    "interface Loopback0": "config-if", "line vty 0 4": "config-line", "router ospf 1": "config-router",
    "crypto isakmp policy 10": "config-isakmp", "crypto gdoi group G": "config-gkm-group",
    "ip access-list extended A": "config-ext-nacl", "crypto ipsec profile P": "ipsec-profile",
    "crypto pki trustpoint T": "ca-trustpoint", "archive": "config-archive", "vrf definition V": "config-vrf",
}  # fmt: skip


@pytest.fixture(params=["iosxe", "ios"])
def device(request: pytest.FixtureRequest, router: Served) -> Iterator[Any]:
    command = f"ssh {OPTIONS} -p {router.ssh} {router.user}@{router.host}"
    who = {"default": {"username": router.user, "password": router.password}, "enable": {"password": router.enable}}
    # Without the seconds that unicon waits behind an `exit`.
    settings = {"GRACEFUL_DISCONNECT_WAIT_SEC": 0, "POST_DISCONNECT_WAIT_SEC": 0}
    line = {"command": command, "settings": settings}
    entry = {"os": request.param, "type": "router", "credentials": who, "connections": {"cli": line}}
    found = load({"devices": {"R1": entry}}).devices["R1"]
    found.connect(learn_hostname=True, log_stdout=False)
    yield found
    found.disconnect()


def test_a_device_is_driven_and_read(device: Any) -> None:
    assert device.hostname == "R1"
    device.configure(["interface Loopback3", "ip address 3.3.3.3 255.255.255.255"])
    assert "3.3.3.3" in device.execute("show ip interface brief")
    for command in PARSED:
        assert device.parse(command)
    assert "!!!!!" in device.ping("10.255.0.1")
    assert "[OK]" in device.copy(source="running-config", dest="startup-config")
    with pytest.raises(SubCommandFailure):
        device.configure("bogus")
    with pytest.raises(SubCommandFailure):
        device.execute("show bogus")


def test_every_mode_is_entered_and_left(device: Any) -> None:
    for opening, prompt in MODES.items():
        shown = device.configure([opening, "exit"])
        assert "Invalid" not in shown, (opening, prompt)

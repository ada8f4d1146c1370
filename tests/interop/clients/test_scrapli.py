"""scrapli, over SSH and telnet."""

from __future__ import annotations

import pytest

from tests.interop.clients.conftest import Served
from tests.requirements import require

require("module:scrapli", scope="module")

from scrapli.driver.core import IOSXEDriver  # noqa: E402


@pytest.mark.parametrize("transport", ["paramiko", "telnet"])
def test_commands_configuration_and_dialogs(router: Served, transport: str) -> None:
    port = router.telnet if transport == "telnet" else router.ssh
    with IOSXEDriver(
        host=router.host,
        port=port,
        auth_username=router.user,
        auth_password=router.password,
        auth_secondary=router.enable,
        auth_strict_key=False,
        transport=transport,
    ) as connection:
        assert connection.get_prompt() == "R1#"
        assert connection.send_command("show privilege").result == "Current privilege level is 15"
        answers = connection.send_configs(["interface Loopback2", "description by scrapli", "bogus"])
        assert [answer.failed for answer in answers] == [False, False, True]
        rows = connection.send_command("show ip interface brief").textfsm_parse_output()
        assert isinstance(rows, list)
        assert {row["interface"] for row in rows} == {"GigabitEthernet0/0", "Loopback0", "Loopback2"}
        dialog = connection.send_interactive([("clear logging", "[confirm]"), ("", "R1#")])
        assert not dialog.failed
        connection.acquire_priv("tclsh")
        assert connection.get_prompt() == "R1(tcl)#"

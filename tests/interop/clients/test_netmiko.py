"""netmiko, over SSH and telnet."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.interop.clients.conftest import Served, alone
from tests.requirements import require

require("module:netmiko", scope="module")

from netmiko import ConnectHandler, file_transfer  # noqa: E402
from netmiko.exceptions import ConfigInvalidException, NetmikoAuthenticationException  # noqa: E402


def connect(router: Served, kind: str = "cisco_ios", **options: Any) -> Any:
    port = router.telnet if "telnet" in kind else router.ssh
    who = {"username": router.user, "password": router.password, "secret": router.enable} | options
    return ConnectHandler(device_type=kind, host=router.host, port=port, **who)


@pytest.mark.parametrize("kind", ["cisco_ios", "cisco_ios_telnet"])
def test_connect_enable_show_configure_save(router: Served, kind: str) -> None:
    connection = connect(router, kind)
    assert connection.find_prompt() == "R1>"
    connection.enable()
    assert connection.find_prompt() == "R1#"
    rows = connection.send_command("show ip interface brief", use_textfsm=True)
    assert [row["ip_address"] for row in rows] == ["10.0.0.1", "10.255.0.1"]
    printed = connection.send_config_set(["interface Loopback1", "ip address 1.1.1.1 255.255.255.255"])
    assert "R1(config-if)#" in printed
    assert "Loopback1" in connection.send_command("show ip interface brief")
    assert "[OK]" in connection.save_config()
    with pytest.raises(ConfigInvalidException):
        connection.send_config_set(["bogus command"], error_pattern=r"% Invalid input")
    connection.exit_config_mode()
    connection.exit_enable_mode()
    assert connection.find_prompt() == "R1>"
    connection.disconnect()


@alone
@pytest.mark.parametrize("kind", ["cisco_ios", "cisco_ios_telnet"])
def test_a_wrong_password_is_an_authentication_error(router: Served, kind: str) -> None:
    with pytest.raises(NetmikoAuthenticationException):
        connect(router, kind, password="wrong")


def test_long_lines_dialogs_and_banners(router: Served) -> None:
    connection = connect(router, username=router.admin, password=router.admin_password)
    description = "x" * 190
    connection.send_config_set(["interface Loopback0", f"description {description}"])
    assert description in connection.send_command("show running-config interface Loopback0")
    connection.send_config_set(["banner motd ^", "Two lines", "of text", "^"], cmd_verify=False)
    assert "of text" in connection.send_command("show running-config | begin banner")
    answer = connection.send_multiline([["copy running-config flash:x", r"x\]\?"], ["\n", "bytes copied"]])
    assert "bytes copied" in answer
    connection.disconnect()


@alone
@pytest.mark.parametrize("inline", [False, True])
def test_files_go_both_ways(router: Served, tmp_path: Path, inline: bool) -> None:
    up, down = tmp_path / "up.txt", tmp_path / "down.txt"
    up.write_text("hostname R7\nend\n")
    connection = connect(router, username=router.admin, password=router.admin_password)
    transfer = partial(file_transfer, connection, file_system="flash0:", overwrite_file=True)
    done = transfer(source_file=str(up), dest_file="up.txt", direction="put", inline_transfer=inline)
    assert done["file_verified"]
    if not inline:
        done = transfer(source_file="up.txt", dest_file=str(down), direction="get")
        assert done["file_verified"]
        assert down.read_text() == up.read_text()
    connection.disconnect()


@pytest.mark.parametrize("command", ["show version", "show ip interface brief", "show interfaces"])
@alone
def test_genie_reads_the_shows(router: Served, command: str) -> None:
    connection = connect(router, username=router.admin, password=router.admin_password)
    assert isinstance(connection.send_command(command, use_genie=True), dict)
    connection.disconnect()

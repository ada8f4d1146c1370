"""OpenSSH as a person types on it: keys, pages, help, dialogs, one command, and files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.clients.conftest import Served
from tests.requirements import require

require("module:pexpect", "ssh", "scp", scope="module")

import pexpect  # noqa: E402

OPTIONS = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
LIMIT = 15


def spawn(command: str, password: str) -> Any:
    child = pexpect.spawn(command, encoding="utf-8", timeout=LIMIT, dimensions=(24, 80))
    child.expect("assword:")
    child.sendline(password)
    return child


@pytest.fixture
def terminal(router: Served) -> Iterator[Any]:
    child = spawn(f"ssh {OPTIONS} -p {router.ssh} {router.user}@{router.host}", router.password)
    child.expect_exact("R1>")
    yield child
    child.close(force=True)


def enable(terminal: Any, router: Served) -> None:
    terminal.send("enable\r")
    terminal.expect_exact("Password: ")
    terminal.send(f"{router.enable}\r")
    terminal.expect_exact("R1#")


def say(terminal: Any, keys: str, end: str = "R1#") -> str:
    """What is printed behind some keys, up to the next prompt."""
    terminal.send(keys)
    terminal.expect_exact(end)
    return str(terminal.before)


def test_three_wrong_secrets(terminal: Any) -> None:
    terminal.send("enable\r")
    for _ in range(3):
        terminal.expect_exact("Password: ")
        terminal.send("wrong\r")
    terminal.expect_exact("% Bad secrets")
    terminal.expect_exact("R1>")


def test_pages_go_on_and_end(terminal: Any, router: Served) -> None:
    enable(terminal, router)
    say(terminal, "show running-config\r", " --More-- ")
    say(terminal, "\r", " --More-- ")
    assert "end" not in say(terminal, "q")
    for stop in ("\x03", "q"):
        say(terminal, "show running-config\r", " --More-- ")
        say(terminal, stop)


def test_help_completion_and_errors(terminal: Any, router: Served) -> None:
    enable(terminal, router)
    say(terminal, "?", " --More-- ")
    assert say(terminal, "q").count("\n") <= 2
    assert re.search(r"show +", say(terminal, "sho?"))
    terminal.send("\x15")
    assert "  <0-512>  " in say(terminal, "terminal length ?")
    terminal.send("\x15")
    listed = say(terminal, "show clock ?")
    assert "  |  " in listed
    assert "  <cr>" in listed
    terminal.expect_exact("show clock ")
    assert "UTC" in say(terminal, "\r")
    terminal.send("sh\t")
    terminal.expect_exact("R1#show ")
    terminal.send("ver\t")
    terminal.expect_exact("R1#show version ")
    caret = say(terminal, "bogus\r").splitlines()
    assert caret[1] == " " * (len("R1#") + 13) + "^"
    assert "% Incomplete command." in say(terminal, "show ip\r")
    assert '% Ambiguous command:  "s"' in say(terminal, "s\r")
    assert '% Type "show ?" for a list of subcommands' in say(terminal, "sh\r")


def test_editing_keys_and_history(terminal: Any, router: Served) -> None:
    enable(terminal, router)
    assert "UTC" in say(terminal, "show clock\r")
    assert "UTC" in say(terminal, "\x10\r")
    assert "UTC" in say(terminal, "\x1b[A\r")
    assert "UTC" in say(terminal, "show clock junk\x17\r")
    assert "UTC" in say(terminal, "xshow clock\x01\x04\r")


def test_configuration_modes_and_control_z(terminal: Any, router: Served) -> None:
    enable(terminal, router)
    say(terminal, "configure terminal\r", "R1(config)#")
    say(terminal, "interface Loopback5\r", "R1(config-if)#")
    say(terminal, "line vty 0\r", "R1(config-line)#")
    assert "UTC" in say(terminal, "do show clock\r", "R1(config-line)#")
    say(terminal, "hostname R2\x1a", "R2#")


def test_the_size_of_the_window_counts(terminal: Any, router: Served) -> None:
    enable(terminal, router)
    assert "Length: 24 lines, Width: 80 columns" in say(terminal, "show terminal\r")
    terminal.setwinsize(50, 132)
    for _ in range(20):
        if "Length: 50 lines, Width: 132 columns" in say(terminal, "show terminal\r"):
            return
    raise AssertionError("the new size was not taken")


def test_one_command_and_its_end(router: Served) -> None:
    child = spawn(f"ssh {OPTIONS} -p {router.ssh} {router.admin}@{router.host} 'show version'", router.admin_password)
    child.expect(pexpect.EOF)
    child.close()
    assert "R1 uptime is" in child.before
    assert "--More--" not in child.before
    assert child.exitstatus == 0


@pytest.mark.parametrize("form", ["-O", ""])
def test_files_go_both_ways_for_those_who_may(router: Served, tmp_path: Path, form: str) -> None:
    up, down = tmp_path / "up", tmp_path / "down"
    up.write_bytes(bytes(range(256)) * 500)
    remote = f"{router.admin}@{router.host}:flash:/up.txt"
    for source, destination in ((str(up), remote), (remote, str(down))):
        child = spawn(f"scp {form} {OPTIONS} -P {router.ssh} {source} {destination}", router.admin_password)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0, child.before
    assert down.read_bytes() == up.read_bytes()
    refused = f"scp -O {OPTIONS} -P {router.ssh} {up} {router.user}@{router.host}:flash:/x"
    child = spawn(refused, router.password)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus != 0
    assert "Privilege denied." in child.before


def test_a_key_opens_the_line_without_a_password(router: Served, tmp_path: Path) -> None:
    key = tmp_path / "key"
    made = pexpect.run(f"ssh-keygen -q -t rsa -b 2048 -N '' -f {key}", withexitstatus=True)
    assert made[1] == 0
    child = spawn(f"ssh {OPTIONS} -p {router.ssh} {router.admin}@{router.host}", router.admin_password)
    child.expect_exact("R1#")
    lines = ["configure terminal", "ip ssh pubkey-chain", f"username {router.user}", "key-string"]
    body = (tmp_path / "key.pub").read_text().split()[1]
    lines += [body[at : at + 72] for at in range(0, len(body), 72)] + ["exit", "end"]
    for line in lines:
        child.send(f"{line}\r")
    child.expect_exact("R1#")
    child.close(force=True)
    child = pexpect.spawn(
        f"ssh {OPTIONS} -o PasswordAuthentication=no -i {key} -p {router.ssh} {router.user}@{router.host}",
        encoding="utf-8", timeout=LIMIT,
    )  # fmt: skip
    child.expect_exact("R1>")
    child.close(force=True)
